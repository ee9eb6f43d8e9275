//! For each recipe: the settings, what its program answers, in the format of the real one, and what comes of it.

/// A source that works.
pub(super) struct Case {
    /// The source in the settings.
    pub(super) source: &'static str,
    /// The programs, and their answers as scripts; the first one is that which is asked for the list.
    pub(super) programs: &'static [(&'static str, &'static str)],
    /// Part of the calls that make the list.
    pub(super) list: &'static str,
    /// The output of `kcx source test`.
    pub(super) clusters: &'static str,
    /// All calls of programs.
    pub(super) calls: &'static [&'static str],
    /// The names of the contexts after a sync.
    pub(super) contexts: &'static [&'static str],
}

pub(super) fn all() -> [Case; 10] {
    [
        Case {
            source: "aws: {profile: my prod, regions: [eu-west-1, us-east-1], role-arn: 'arn:aws:iam::1:role/x', labels: tags}",
            programs: &[(
                "aws",
                r#"case $* in
                *list-clusters*eu-west-1*) printf 'shop\nweb\n' ;;
                *list-clusters*) ;;
                *describe-cluster*shop*) echo '{"env":"prod","owner":"a \"b\""}' ;;
                *describe-cluster*) echo '{}' ;;
                *--name=shop*) kubeconfig arn:aws:eks:eu-west-1:1:cluster/shop https://shop ;;
                *--name=web*) kubeconfig arn:aws:eks:eu-west-1:1:cluster/web https://web ;;
                *) exit 9 ;;
                esac"#,
            )],
            list: "list-clusters",
            clusters: "eu-west-1/shop: arn:aws:eks:eu-west-1:1:cluster/shop env=prod owner=a \"b\" provider=aws region=eu-west-1\n\
                       eu-west-1/web: arn:aws:eks:eu-west-1:1:cluster/web provider=aws region=eu-west-1\n",
            calls: &[
                "aws [--profile=my prod] [eks] [describe-cluster] [--region=eu-west-1] [--name=shop] [--query=to_string(cluster.tags)] [--output=text]",
                "aws [--profile=my prod] [eks] [describe-cluster] [--region=eu-west-1] [--name=web] [--query=to_string(cluster.tags)] [--output=text]",
                "aws [--profile=my prod] [eks] [list-clusters] [--region=eu-west-1] [--query=clusters[].[@]] [--output=text]",
                "aws [--profile=my prod] [eks] [list-clusters] [--region=us-east-1] [--query=clusters[].[@]] [--output=text]",
                "aws [--profile=my prod] [eks] [update-kubeconfig] [--dry-run] [--kubeconfig=/dev/null] [--region=eu-west-1] [--name=shop] [--role-arn=arn:aws:iam::1:role/x]",
                "aws [--profile=my prod] [eks] [update-kubeconfig] [--dry-run] [--kubeconfig=/dev/null] [--region=eu-west-1] [--name=web] [--role-arn=arn:aws:iam::1:role/x]",
            ],
            contexts: &["shop", "web"],
        },
        Case {
            source: "azure: {subscription: [s-1, s-2], resource-group: rg (eu)}",
            programs: &[(
                "az",
                r#"case $* in
                *list*s-1*) printf 'rg (eu)\tshop\twesteurope\t{"env":"prod"}\n' ;;
                *list*s-2*) printf 'rg (eu)\tweb\twesteurope\tnull\n' ;;
                *--name=shop*) kubeconfig shop https://shop.azmk8s.io:443 ;;
                *--name=web*) kubeconfig web https://web.azmk8s.io:443 ;;
                *) exit 9 ;;
                esac"#,
            )],
            list: "[list]",
            clusters: "s-1/rg (eu)/shop: shop env=prod location=westeurope provider=azure\n\
                       s-2/rg (eu)/web: web location=westeurope provider=azure\n",
            calls: &[
                "az [aks] [get-credentials] [--subscription=s-1] [--resource-group=rg (eu)] [--name=shop] [--file=-] [--only-show-errors]",
                "az [aks] [get-credentials] [--subscription=s-2] [--resource-group=rg (eu)] [--name=web] [--file=-] [--only-show-errors]",
                "az [aks] [list] [--subscription=s-1] [--resource-group=rg (eu)] [--query=[].[resourceGroup, name, location, to_string(tags)]] [--output=tsv]",
                "az [aks] [list] [--subscription=s-2] [--resource-group=rg (eu)] [--query=[].[resourceGroup, name, location, to_string(tags)]] [--output=tsv]",
            ],
            contexts: &["shop", "web"],
        },
        Case {
            source: "azure: true",
            programs: &[(
                "az",
                r#"case $* in
                *account*) echo s-1 ;;
                *list*) printf 'rg\tshop\twesteurope\tnull\n' ;;
                *) kubeconfig shop https://shop.azmk8s.io:443 ;;
                esac"#,
            )],
            list: "[account]",
            clusters: "s-1/rg/shop: shop location=westeurope provider=azure\n",
            calls: &[
                "az [account] [show] [--query=id] [--output=tsv]",
                "az [aks] [get-credentials] [--subscription=s-1] [--resource-group=rg] [--name=shop] [--file=-] [--only-show-errors]",
                "az [aks] [list] [--subscription=s-1] [--query=[].[resourceGroup, name, location, to_string(tags)]] [--output=tsv]",
            ],
            contexts: &["shop"],
        },
        Case {
            source: "capi: {context: mgmt, namespace: [default, team]}",
            programs: &[(
                "kubectl",
                r"case $* in
                *secrets*--namespace=default*) printf 'default lab-kubeconfig u-1.7 lab-1\ndefault lab-ca u-2.8 lab-1\n' ;;
                *secrets*--namespace=team*) printf 'team shop-kubeconfig u-3.9 \n' ;;
                *lab-kubeconfig*) kubeconfig lab-admin@lab https://lab ;;
                *shop-kubeconfig*) kubeconfig shop-admin@shop https://shop ;;
                *) exit 9 ;;
                esac",
            )],
            list: "secrets",
            clusters: "default/lab-kubeconfig: lab-admin@lab cluster=lab-1 namespace=default provider=capi\n\
                       team/shop-kubeconfig: shop-admin@shop cluster=shop namespace=team provider=capi\n",
            calls: &[
                "kubectl [--context=mgmt] [get] [secret] [lab-kubeconfig] [--namespace=default] [--output=go-template={{.data.value | base64decode}}]",
                "kubectl [--context=mgmt] [get] [secret] [shop-kubeconfig] [--namespace=team] [--output=go-template={{.data.value | base64decode}}]",
                "kubectl [--context=mgmt] [get] [secrets] [--namespace=default] [--field-selector=type=cluster.x-k8s.io/secret] [--output=go-template={{range .items}}{{if .data}}{{if .data.value}}{{with .metadata}}",
                "kubectl [--context=mgmt] [get] [secrets] [--namespace=team] [--field-selector=type=cluster.x-k8s.io/secret] [--output=go-template={{range .items}}{{if .data}}{{if .data.value}}{{with .metadata}}",
                "{{- .namespace}} {{.name}} {{.uid}}.{{.resourceVersion}} {{range $key, $value := .labels}}{{if eq $key \"cluster.x-k8s.io/cluster-name\"}}{{$value}}{{end}}{{end}}",
                "{{end}}{{end}}{{end}}{{end}}]",
            ],
            contexts: &["lab-1", "shop"],
        },
        Case {
            source: "cluster-profile: {command: my login, args: ['--for=\"x\"'], provider: ocm, api-version: v1beta1}",
            programs: &[(
                "kubectl",
                r#"printf 'fleet|one|{"env":"prod"}|{"server":"https://one"}\nfleet|one|{"env":"prod"}|{"server":"https://old"}\n'
                printf 'fleet|two||\nfleet|two||{"server":"https://two"}\nfleet|three||\nfleet|three||\n'"#,
            )],
            list: "[get]",
            clusters: "fleet/one: one env=prod\nfleet/two: two\n",
            calls: &[
                "kubectl [get] [clusterprofiles.multicluster.x-k8s.io] [--all-namespaces] [--output=jsonpath={range .items[*]}{.metadata.namespace}|{.metadata.name}|{.metadata.labels}|{.status.accessProviders[?(@.name==\"ocm\")].cluster}",
                "{.metadata.namespace}|{.metadata.name}|{.metadata.labels}|{.status.credentialProviders[?(@.name==\"ocm\")].cluster}",
                "{end}]",
            ],
            contexts: &["one", "two"],
        },
        Case {
            source: "gcloud: {project: [p-1, p-2], location: europe-west1}",
            programs: &[(
                "gcloud",
                r#"echo 'Fetching cluster endpoint and auth data.' >&2
                case $* in
                *list*p-1*) printf 'shop\teurope-west1\tenv=prod;team=a\n' ;;
                *list*p-2*) printf 'web\teurope-west1\t\n' ;;
                *get-credentials*shop*) kubeconfig gke_p-1_europe-west1_shop https://1.2.3.4 >"$KUBECONFIG" ;;
                *get-credentials*web*) kubeconfig gke_p-2_europe-west1_web https://1.2.3.5 >"$KUBECONFIG" ;;
                *) exit 9 ;;
                esac"#,
            )],
            list: "[list]",
            clusters: "p-1/europe-west1/shop: gke_p-1_europe-west1_shop env=prod location=europe-west1 project=p-1 provider=gcloud team=a\n\
                       p-2/europe-west1/web: gke_p-2_europe-west1_web location=europe-west1 project=p-2 provider=gcloud\n",
            calls: &[
                "gcloud [container] [clusters] [get-credentials] [shop] [--location=europe-west1] [--project=p-1]",
                "gcloud [container] [clusters] [get-credentials] [web] [--location=europe-west1] [--project=p-2]",
                "gcloud [container] [clusters] [list] [--project=p-1] [--location=europe-west1] [--format=value(name,location,resourceLabels)]",
                "gcloud [container] [clusters] [list] [--project=p-2] [--location=europe-west1] [--format=value(name,location,resourceLabels)]",
            ],
            contexts: &["shop", "web"],
        },
        Case {
            source: "k3d: true",
            programs: &[(
                "k3d",
                r"case $* in
                *list*) printf 'edge   1/1   0/0   true\nlab    3/3   2/2   true\n' ;;
                *) kubeconfig k3d-$3 https://0.0.0.0:6443 ;;
                esac",
            )],
            list: "[list]",
            clusters: "edge: k3d-edge provider=k3d\nlab: k3d-lab provider=k3d\n",
            calls: &[
                "k3d [cluster] [list] [--no-headers]",
                "k3d [kubeconfig] [get] [edge]",
                "k3d [kubeconfig] [get] [lab]",
            ],
            contexts: &["k3d-edge", "k3d-lab"],
        },
        Case {
            source: "kind: true",
            programs: &[(
                "kind",
                r"case $* in
                *clusters*) printf 'kind\nlab\n' ;;
                *) kubeconfig kind-${3#--name=} https://127.0.0.1:40001 ;;
                esac",
            )],
            list: "[clusters]",
            clusters: "kind: kind-kind provider=kind\nlab: kind-lab provider=kind\n",
            calls: &[
                "kind [get] [clusters]",
                "kind [get] [kubeconfig] [--name=kind]",
                "kind [get] [kubeconfig] [--name=lab]",
            ],
            contexts: &["kind-kind", "kind-lab"],
        },
        Case {
            source: "rancher: true",
            programs: &[(
                "rancher",
                r#"case $* in
                *ls*) printf 'strconv.ParseFloat: parsing "": invalid syntax\ncluster c-m-1 shop\ncluster local local\n' ;;
                *) kubeconfig $3 https://rancher/k8s/clusters/$3 ;;
                esac"#,
            )],
            list: "[ls]",
            clusters: "c-m-1: c-m-1 provider=rancher\nlocal: local provider=rancher\n",
            calls: &[
                "rancher [clusters] [kubeconfig] [c-m-1]",
                "rancher [clusters] [kubeconfig] [local]",
                "rancher [clusters] [ls] [--format=cluster {{.Cluster.ID}} {{.Cluster.Name}}]",
            ],
            contexts: &["local", "shop"],
        },
        Case {
            source: "ssh: {hosts: [root@edge-1, 'ssh://edge-2'], file: \"~/it's mine\"}",
            programs: &[(
                "ssh",
                r"case $* in
                *-G*edge-1*) printf 'user root\nhostname 10.0.0.5\nport 22\n' ;;
                *-G*edge-2*) printf 'user me\nhostname fd00::2\nport 22\n' ;;
                *) kubeconfig default https://127.0.0.1:6443 ;;
                esac",
            )],
            list: "",
            clusters: "root@edge-1: default provider=ssh\nssh://edge-2: default provider=ssh\n",
            calls: &[
                "ssh [-G] [--] [root@edge-1]",
                "ssh [-G] [--] [ssh://edge-2]",
                "ssh [-o] [BatchMode=yes] [-o] [ConnectTimeout=20] [--] [root@edge-1] [cat -- 'it'\\''s mine']",
                "ssh [-o] [BatchMode=yes] [-o] [ConnectTimeout=20] [--] [ssh://edge-2] [cat -- 'it'\\''s mine']",
            ],
            contexts: &["edge-1", "edge-2"],
        },
    ]
}

# Clusters of Cluster API: the Secrets NAME-kubeconfig of a management cluster. Options: context, namespace (several). An id is
# NAMESPACE/SECRET.
need kubectl
context=$(option context)
kubectl() { command kubectl ${context:+"--context=$context"} "$@"; }
case $1 in
list)
    # shellcheck disable=SC2016 # It is a template of kubectl.
    template='{{range .items}}{{if .data}}{{if .data.value}}{{with .metadata}}
{{- .namespace}} {{.name}} {{.uid}}.{{.resourceVersion}} {{range $key, $value := .labels}}{{if eq $key "cluster.x-k8s.io/cluster-name"}}{{$value}}{{end}}{{end}}
{{end}}{{end}}{{end}}{{end}}'
    for scope in $(scopes); do
        secrets=$(kubectl get secrets "$scope" --field-selector=type=cluster.x-k8s.io/secret --output=go-template="$template")
        while IFS=' ' read -r namespace secret version cluster; do
            case $secret in *-kubeconfig) ;; *) continue ;; esac
            cluster=${cluster:-${secret%-kubeconfig}}
            item "$namespace/$secret" "$cluster" "$version" "cluster=$cluster" "namespace=$namespace" provider=capi
        done <<END
$secrets
END
    done
    ;;
get) kubectl get secret "${2#*/}" --namespace="${2%%/*}" --output=go-template='{{.data.value | base64decode}}' ;;
esac

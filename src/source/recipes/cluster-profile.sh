# Clusters of the Cluster Inventory API. A ClusterProfile says where a cluster is; who logs in is said here, for one provider.
# Options: provider, command, args (several), api-version, context, namespace (several). An id is NAMESPACE/NAME.
need kubectl
[ "$1" = list ] || fail 'the list has the kubeconfigs already'
context=$(option context)
provider=$(option provider)
case $provider in *[\"\'\\]*) fail 'the option provider has a quote' ;; esac
version=$(option api-version)
version=${version##*/}

login=$(
    printf '{"apiVersion":"client.authentication.k8s.io/%s","interactiveMode":"Never","provideClusterInfo":true,"command":' \
        "${version:-v1}"
    json "$(option command)"
    printf ',"args":['
    comma=
    for word in $(option args); do
        printf %s "$comma"
        json "$word"
        comma=,
    done
    printf ']}'
)
profile='{.metadata.namespace}|{.metadata.name}|{.metadata.labels}|'
# The second list is that of older versions.
template="{range .items[*]}$profile{.status.accessProviders[?(@.name==\"$provider\")].cluster}
$profile{.status.credentialProviders[?(@.name==\"$provider\")].cluster}
{end}"
for scope in $(scopes); do
    profiles=$(kubectl ${context:+"--context=$context"} get clusterprofiles.multicluster.x-k8s.io "$scope" \
        --output=jsonpath="$template")
    last=
    while IFS='|' read -r namespace name labels cluster; do
        case $cluster in '') continue ;; esac
        [ "$namespace/$name" != "$last" ] || continue
        last=$namespace/$name
        printf '{"id":"%s","name":"%s","labels":%s,"kubeconfig":{"apiVersion":"v1","kind":"Config"' "$last" "$name" "${labels:-{\}}"
        printf ',"clusters":[{"name":"%s","cluster":%s}],"users":[{"name":"%s","user":{"exec":%s}}]' \
            "$name" "$cluster" "$name" "$login"
        printf ',"contexts":[{"name":"%s","context":{"cluster":"%s","user":"%s"}}],"current-context":"%s"}}\n' \
            "$name" "$name" "$name" "$name"
    done <<END
$profiles
END
done

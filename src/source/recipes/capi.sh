# Clusters that Cluster API manages: the Secrets NAME-kubeconfig of a management cluster. Options: context, namespace. An id is
# NAMESPACE/SECRET.
need kubectl
context=$(option context)
namespace=$(option namespace)
kubectl="kubectl"
[ -z "$context" ] || set -- "$@" --context "$context"
case $1 in
list)
    shift
    if [ -n "$namespace" ]; then set -- "$@" --namespace "$namespace"; else set -- "$@" --all-namespaces; fi
    kubectl get secrets "$@" --field-selector type=cluster.x-k8s.io/secret \
        --output go-template='{{range .items}}{{if index .data "value"}}{{.metadata.namespace}} {{.metadata.name}} {{.metadata.resourceVersion}}{{"\n"}}{{end}}{{end}}' |
        while read -r namespace name version; do
            case $name in *-kubeconfig) item "$namespace/$name" "${name%-kubeconfig}" "namespace=$namespace" provider=capi ;; esac
        done
    ;;
get)
    id=$2
    shift 2
    kubectl get secret "${id#*/}" --namespace "${id%%/*}" "$@" --output jsonpath='{.data.value}'
    ;;
esac

# Clusters of the Cluster Inventory API. Options: command, args, context, namespace, provider. An id is NAMESPACE/NAME.
need kubectl
command=$(option command)
args=$(option args)
context=$(option context)
namespace=$(option namespace)
provider=$(option provider)
echo "not written yet" >&2
exit 1

# Clusters of kind on this machine. An id is the name of a cluster.
need kind
case $1 in
list)
    names=$(kind get clusters)
    for name in $names; do item "$name" "kind-$name" '' provider=kind; done
    ;;
get) kind get kubeconfig --name="$2" ;;
esac

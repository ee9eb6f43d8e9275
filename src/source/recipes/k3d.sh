# Clusters of k3d on this machine. An id is the name of a cluster.
need k3d
case $1 in
list)
    clusters=$(k3d cluster list --no-headers)
    for line in $clusters; do
        name=${line%%[[:blank:]]*}
        item "$name" "k3d-$name" '' provider=k3d
    done
    ;;
get) k3d kubeconfig get "$2" ;;
esac

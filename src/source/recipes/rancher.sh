# Clusters of Rancher, with the login of `rancher login`. An id is the id of a cluster.
need rancher
case $1 in
list)
    rancher clusters ls --format '{{.Cluster.ID}} {{.Cluster.Name}}' |
        while read -r id name; do item "$id" "$name" provider=rancher; done
    ;;
get) rancher clusters kubeconfig "$2" ;;
esac

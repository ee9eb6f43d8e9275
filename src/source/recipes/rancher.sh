# Clusters of Rancher, with the login of `rancher login`. An id is the id of a cluster.
need rancher
case $1 in
list)
    # Each kubeconfig brings a new token: one a day is enough.
    today=$(date +%Y-%m-%d)
    # It prints its difficulties with a cluster among the lines.
    clusters=$(rancher clusters ls --format='cluster {{.Cluster.ID}} {{.Cluster.Name}}')
    for line in $clusters; do
        case $line in 'cluster '*) ;; *) continue ;; esac
        line=${line#* }
        item "${line%% *}" "${line#* }" "$today" provider=rancher
    done
    ;;
get) rancher clusters kubeconfig "$2" ;;
esac

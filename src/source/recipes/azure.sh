# Clusters of AKS. Options: subscription (several), resource-group. An id is SUBSCRIPTION/GROUP/NAME.
need az
case $1 in
list)
    subscriptions=$(option subscription)
    [ -n "$subscriptions" ] || subscriptions=$(az account show --query=id --output=tsv)
    group=$(option resource-group)
    tab=$(printf '\t')
    for subscription in $subscriptions; do
        clusters=$(az aks list --subscription="$subscription" ${group:+"--resource-group=$group"} \
            --query='[].[resourceGroup, name, location, to_string(tags)]' --output=tsv)
        while IFS=$tab read -r group_of_it name location tags; do
            [ -z "$name" ] || item "$subscription/$group_of_it/$name" "$name" '' "location=$location" provider=azure "$tags"
        done <<END
$clusters
END
    done
    ;;
get)
    rest=${2#*/}
    az aks get-credentials --subscription="${2%%/*}" --resource-group="${rest%%/*}" --name="${rest#*/}" --file=- --only-show-errors
    ;;
esac

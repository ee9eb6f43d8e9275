# Clusters of AKS. Options: subscription, resource-group. An id is SUBSCRIPTION/GROUP/NAME.
need az
case $1 in
list)
    subscription=$(option subscription)
    group=$(option resource-group)
    az aks list ${subscription:+--subscription "$subscription"} ${group:+--resource-group "$group"} \
        --query '[].[id, name, resourceGroup, location]' --output tsv |
        while IFS='	' read -r id name group location; do
            subscription=${id#/subscriptions/}
            item "${subscription%%/*}/$group/$name" "$name" "location=$location" provider=azure
        done
    ;;
get)
    subscription=${2%%/*}
    rest=${2#*/}
    az aks get-credentials --subscription "$subscription" --resource-group "${rest%%/*}" --name "${rest#*/}" --file - --only-show-errors
    ;;
esac

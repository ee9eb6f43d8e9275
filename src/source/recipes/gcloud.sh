# Clusters of GKE. Options: project, location. An id is PROJECT/LOCATION/NAME.
need gcloud
case $1 in
list)
    projects=$(option project)
    [ -n "$projects" ] || projects=$(gcloud config get-value project 2>/dev/null)
    location=$(option location)
    for project in $projects; do
        gcloud container clusters list --project "$project" ${location:+--location "$location"} --format 'value(name,location)' |
            while read -r name location; do
                item "$project/$location/$name" "$name" "project=$project" "location=$location" provider=gcloud
            done
    done
    ;;
get)
    rest=${2#*/}
    file=$(mktemp)
    trap 'rm -f "$file"' EXIT
    KUBECONFIG=$file gcloud container clusters get-credentials "${rest#*/}" --location "${rest%%/*}" --project "${2%%/*}" >&2
    cat "$file"
    ;;
esac

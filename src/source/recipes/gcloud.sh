# Clusters of GKE. Options: project (several), location. An id is PROJECT/LOCATION/NAME.
need gcloud
file=$(mktemp)
trap 'rm -f "$file"' EXIT
trap 'exit 1' HUP INT TERM
case $1 in
list)
    projects=$(option project)
    [ -n "$projects" ] || projects=$(gcloud config get-value project)
    [ -n "$projects" ] || fail 'no project is set: set the option project, or gcloud config set project'
    location=$(option location)
    tab=$(printf '\t')
    for project in $projects; do
        status=0
        clusters=$(gcloud container clusters list --project="$project" ${location:+"--location=$location"} \
            --format='value(name,location,resourceLabels)' 2>"$file") || status=$?
        cat "$file" >&2
        [ "$status" = 0 ] || exit "$status"
        # gcloud only warns of zones that are missing in the list.
        ! grep -q 'List results may be incomplete' "$file" || exit 1
        while IFS=$tab read -r name place labels; do
            [ -n "$name" ] || continue
            IFS=';'
            # shellcheck disable=SC2086 # A label a word.
            item "$project/$place/$name" "$name" '' "project=$project" "location=$place" provider=gcloud $labels
        done <<END
$clusters
END
    done
    ;;
get)
    rest=${2#*/}
    KUBECONFIG=$file gcloud container clusters get-credentials "${rest#*/}" --location="${rest%%/*}" --project="${2%%/*}" >&2
    cat "$file"
    ;;
esac

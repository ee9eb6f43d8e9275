# Clusters of Amazon EKS. Options: profile, regions, role-arn, labels. An id is REGION/NAME.
need aws
profile=$(option profile)
aws() { command aws ${profile:+"--profile=$profile"} "$@"; }
case $1 in
list)
    regions=$(option regions)
    [ -n "$regions" ] || regions=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || :)}}
    [ -n "$regions" ] || fail 'no region is set: set the option regions, or AWS_REGION'
    labels=$(option labels)
    case $labels in '' | tags) ;; *) fail "the option labels is $labels; it can be tags" ;; esac
    for region in $regions; do
        names=$(aws eks list-clusters --region="$region" --query='clusters[].[@]' --output=text)
        for name in $names; do
            tags=
            [ -z "$labels" ] || tags=$(aws eks describe-cluster --region="$region" --name="$name" \
                --query='to_string(cluster.tags)' --output=text)
            item "$region/$name" "$name" '' "region=$region" provider=aws "$tags"
        done
    done
    ;;
get)
    role=$(option role-arn)
    # Without a file of its own, it would print the user's kubeconfig, too.
    aws eks update-kubeconfig --dry-run --kubeconfig=/dev/null --region="${2%%/*}" --name="${2#*/}" ${role:+"--role-arn=$role"}
    ;;
esac

# Clusters of Amazon EKS. Options: profile, regions, role-arn. An id is REGION/NAME.
need aws
aws=aws
profile=$(option profile)
if [ -n "$profile" ]; then
    aws="aws --profile $profile"
    export AWS_PROFILE="$profile"
fi
case $1 in
list)
    regions=$(option regions)
    [ -n "$regions" ] || regions=$(aws configure get region || printf %s "${AWS_REGION-${AWS_DEFAULT_REGION-}}")
    [ -n "$regions" ] || { echo "no region is set: option regions, or AWS_REGION" >&2; exit 1; }
    for region in $regions; do
        names=$(aws eks list-clusters --region "$region" --query 'clusters[]' --output text)
        for name in $names; do
            [ "$name" = None ] || item "$region/$name" "$name" "region=$region" provider=aws
        done
    done
    ;;
get)
    set -- "${2%%/*}" "${2#*/}"
    role=$(option role-arn)
    aws eks update-kubeconfig --dry-run --region "$1" --name "$2" ${role:+--role-arn "$role"}
    ;;
esac

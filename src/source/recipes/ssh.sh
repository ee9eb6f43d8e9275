# A file of other machines, by default that of k3s. Options: hosts (several), file, or a command that prints it. An id is a host.
need ssh
case $1 in
list)
    for host in $(option hosts); do item "$host" "${host##*[@/]}" '' provider=ssh; done
    ;;
get)
    command=$(option command)
    if [ -z "$command" ]; then
        file=$(option file)
        [ -n "$file" ] || file=/etc/rancher/k3s/k3s.yaml
        # The other shell starts at home.
        command="cat -- '$(printf '%s\n' "${file#'~/'}" | sed "s/'/'\\\\''/g")'"
    fi
    kubeconfig=$(ssh -o BatchMode=yes -o ConnectTimeout=20 -- "$2" "$command")
    # The other machine calls itself 127.0.0.1. Its address is what ssh makes of an alias.
    address=$(ssh -G -- "$2")
    address=$(printf '%s\n' "$address" | sed -n 's/^hostname //p')
    case $address in *:*) address="[$address]" ;; esac
    printf '%s\n' "$kubeconfig" |
        sed -E "s,^( *server: [\"']?https://)(127\.0\.0\.1|0\.0\.0\.0|localhost|\[::1?\])([:\"']|\$),\1$address\3,"
    ;;
esac

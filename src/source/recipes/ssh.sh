# A file of other machines, by default that of k3s. Options: hosts, file. An id is a host.
need ssh
file=$(option file)
[ -n "$file" ] || file=/etc/rancher/k3s/k3s.yaml
case $1 in
list) option hosts | while read -r host || [ -n "$host" ]; do item "$host" "${host#*@}" provider=ssh; done ;;
get)
    # A k3s names itself 127.0.0.1.
    host=${2#*@}
    ssh -o BatchMode=yes -- "$2" cat -- "'$file'" | sed "s#https://127\.0\.0\.1:#https://$host:#"
    ;;
esac

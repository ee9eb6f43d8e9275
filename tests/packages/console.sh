# shellcheck shell=bash disable=SC2154
# Runs the checks of `console`, a session with what it prints, in a root.

# console NAME: in the root `$root`, where the archive of `$target` is unpacked; `$runner` is what runs its programs.
console() {
    local line command='' want='' home=$root/home
    rm -rf "${home:?}" && mkdir -p "$home"
    while IFS= read -r line; do
        case $line in
        '#'*) ;;
        '$ '*)
            [ -z "$command" ] || answer "$1" "$command" "$want"
            command=${line#'$ '} want=''
            ;;
        *) want+=$line$'\n' ;;
        esac
    done <tests/packages/console
    answer "$1" "$command" "$want"
}

# answer NAME COMMAND WANT: one check.
answer() {
    local got want
    got=$(
        code=0
        (cd "$home" && eval "$2") 2>&1 || code=$?
        [ "$code" = 0 ] || echo "[$code]"
    )
    want=$(printf '%s' "$3" | sed "s/{version}/$version/; s/{target}/$target/; s/{commit}/$commit/")
    verdict "$1: $2" "$got" "$want"
}

# The words of the console.
kcx() { in_root "/$folder/kcx" "$@"; }
kcx-credential() { in_root "/$folder/kcx-credential" "$@"; }
put() { cat >"$1"; }
list() { (cd "$1" && printf '%s\n' *); }

# in_root PROGRAM ARGUMENT…: in `$root` with a new environment, in the folder /home, which is HOME.
in_root() {
    env -i HOME=/home PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" ${runner:+"$runner"} "$@"
}

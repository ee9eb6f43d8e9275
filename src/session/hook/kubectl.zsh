# A namespace that kubectl sets in a session is for this shell alone: kcx writes it into the overlay.
# An alias would be expanded in a definition that is not quoted.
if ! (( ${+functions[kubectl]} || ${+aliases[kubectl]} )); then
    eval 'kubectl() {
        if [[ -n ${KCX_SESSION-} && "${1-} ${2-}" == "config set-context" ]]; then
            command "$__kcx_bin" "$@"
        else
            command kubectl "$@"
        fi
    }'
fi

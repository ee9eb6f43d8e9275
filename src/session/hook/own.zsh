# NAME looks at one kubeconfig alone, so it gets the user's own ones, past the overlay of this shell.
# An alias would be expanded in a definition that is not quoted.
if ! (( ${+functions[NAME]} || ${+aliases[NAME]} )); then
    eval 'NAME() { command "$__kcx_bin" exec --global -- NAME "$@"; }'
fi

# shellcheck shell=bash
# NAME looks at one kubeconfig alone, so it gets the user's own ones, past the overlay of this shell.
# An alias would be expanded in a definition that is not quoted.
if ! alias NAME >/dev/null 2>&1 && ! declare -F NAME >/dev/null; then
    eval 'NAME() { command "$__kcx_bin" exec --global -- NAME "$@"; }'
fi

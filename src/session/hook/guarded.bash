# shellcheck shell=bash
# An alias would be expanded in a definition that is not quoted.
if ! alias NAME >/dev/null 2>&1 && ! declare -F NAME >/dev/null; then
    eval 'NAME() { __kcx_guard NAME "$@"; }'
fi

# An alias would be expanded in a definition that is not quoted.
if ! (( ${+functions[NAME]} || ${+aliases[NAME]} )); then
    eval 'NAME() { __kcx_guard NAME "$@"; }'
fi

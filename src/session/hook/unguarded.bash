# shellcheck shell=bash
if alias NAME >/dev/null 2>&1 || [[ $(declare -f NAME) != *__kcx_guard* ]]; then
    printf 'kcx: NAME is an alias or a function of this shell already, so the guard does not see it\n' >&2
fi

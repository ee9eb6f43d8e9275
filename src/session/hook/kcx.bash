# shellcheck shell=bash disable=SC2154
# kcx's hook for bash, from 3.2 on: a context of its own for each shell, and the context in the prompt.
# Safe under `set -eu` and `set -o noclobber`; starts a process only when a kubeconfig has changed.

# Tells by the times of files whether anything has changed since the prompt was made.
__kcx_changed() {
    [[ ${KUBECONFIG-} == "${__kcx_list-}" ]] || return 0
    local i
    for ((i = 0; i < ${#__kcx_watch[@]}; i += 2)); do
        if [[ ${__kcx_watch[i]} -nt ${__kcx_watch[i + 1]} || ${__kcx_watch[i]} -ot ${__kcx_watch[i + 1]} ]]; then
            return 0
        fi
    done
    return 1
}

__kcx_precmd() {
    local status=$? answer
    if __kcx_changed; then
        answer=$(command "$__kcx_bin" __sync bash "${BASH_VERSINFO[0]}") || answer=
        # Without an answer the next change asks again.
        __kcx_list=${KUBECONFIG-}
        eval "$answer"
    fi
    if [[ -n $__kcx_show && ${PS1-} != *KCX_PROMPT* ]]; then
        # shellcheck disable=SC2016
        PS1='${KCX_PROMPT:+$KCX_PROMPT }'${PS1-}
    fi
    # A failure would end a shell that runs under `set -e`.
    if [[ $- == *e* ]]; then return 0; fi
    return "$status"
}

# What other tools left in the overlay is moved to the user's file, then the overlay goes.
__kcx_leave() {
    if [[ ${BASH_SUBSHELL-0} == 0 && -n ${__kcx_mine-} ]]; then
        command "$__kcx_bin" __leave "$__kcx_mine" || :
    fi
}

__kcx_start() {
    local text
    KCX_PROMPT=
    __kcx_list=
    __kcx_watch=()
    # A script keeps the session of the shell that runs it.
    if [[ -n $__kcx_new && ($- == *i* || ! -f ${KCX_SESSION-}/kcx-overlay.yaml) ]]; then
        if [[ $$ != "$__kcx_owner" ]]; then printf '%s\n' "$$" >|"$__kcx_new/shell"; fi
        __kcx_mine=$__kcx_new
        export KCX_SESSION=$__kcx_new KUBECONFIG=$__kcx_new_list
        # The user's own trap comes first; asking for it through a file takes no process.
        trap -p EXIT >|"$__kcx_new/trap"
        IFS= read -r -d '' text <"$__kcx_new/trap" || :
        if [[ $text != *__kcx_leave* ]]; then
            if [[ -n $text ]]; then eval "set -- $text"; else set --; fi
            # shellcheck disable=SC2064
            trap "${3:+$3
}__kcx_leave" EXIT
        fi
    fi
    unset __kcx_new __kcx_new_list __kcx_owner
    if [[ $- != *i* || ${PROMPT_COMMAND[*]-} == *__kcx_precmd* ]]; then return 0; fi
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        PROMPT_COMMAND+=(__kcx_precmd)
    else
        text=${PROMPT_COMMAND-}
        # shellcheck disable=SC2178
        PROMPT_COMMAND=${text:+$text$'\n'}__kcx_precmd
    fi
}

__kcx_start
unset -f __kcx_start

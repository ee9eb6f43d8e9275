# shellcheck shell=bash disable=SC2154
# kcx's hook for bash, from 3.2 on: a context of its own for each shell, and the context in the prompt.
# Safe under `set -eu`, `set -o posix` and `set -o noclobber`; starts a process only when a kubeconfig has changed.

# Tells by the times of files whether anything has changed since the prompt was made. A file that has come or gone is newer
# or older than its companion, which then is missing or there.
__kcx_changed() {
    [[ -z $__kcx_again && ${KUBECONFIG-} == "$__kcx_list" ]] || return 0
    [[ ${HELM_KUBECONTEXT-}/${HELM_NAMESPACE-} == "$__kcx_helm" ]] || return 0
    # The protection that was lifted is in force again. A clock that was set back ends a lift, too.
    if [[ -n $__kcx_until ]] && ((${SECONDS-0} >= __kcx_until || ${SECONDS-0} < __kcx_lifted)); then return 0; fi
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
    if [[ -n $__kcx_idle && -z $__kcx_ran ]] && __kcx_is_idle; then command "$__kcx_bin" __idle "$$" || :; fi
    if __kcx_changed; then
        __kcx_helm=${HELM_KUBECONTEXT-}/${HELM_NAMESPACE-}
        # It may answer, and report an error beside.
        answer=$(command "$__kcx_bin" __sync bash "${BASH_VERSINFO[0]}" "$$" "${__kcx_mine-}") || :
        if [[ -n $answer ]]; then
            eval "$answer"
        else
            # The next change asks again.
            KCX_PROMPT='kcx?' __kcx_list=${KUBECONFIG-} __kcx_again='' __kcx_left='' __kcx_idle='' __kcx_plain=''
        fi
        __kcx_lifted=${SECONDS-0} __kcx_until=''
        if [[ -n $__kcx_left ]]; then __kcx_until=$((__kcx_lifted + __kcx_left)); fi
    fi
    __kcx_count
    if [[ -z $__kcx_joined ]]; then __kcx_join; fi
    if [[ -n $__kcx_show ]]; then __kcx_paint; fi
    # A failure would end a shell that runs under `set -e`.
    if [[ $- == *e* ]]; then return 0; fi
    return "$status"
}

# The time of the system with that of its sleep, which nobody sets. Elsewhere than on Linux it is that of the day.
__kcx_now() {
    local rest
    if ! { IFS=' .' read -r __kcx_time rest </proc/uptime; } 2>/dev/null; then __kcx_time=${SECONDS-0}; fi
}

# Tells whether the time without a command is over.
__kcx_is_idle() {
    __kcx_now
    if ((__kcx_time < __kcx_from)); then __kcx_from=$__kcx_time; fi
    ((__kcx_time - __kcx_from >= __kcx_idle))
}

# The time without a command begins with the prompt after one. bash tells of a command by PS0, from 4.4 on.
__kcx_count() {
    if [[ -z $__kcx_idle ]]; then
        __kcx_from=
    elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)) || ! shopt -q promptvars; then
        __kcx_idle='' __kcx_from=''
    else
        if [[ -n $__kcx_ran || -z $__kcx_from ]]; then
            __kcx_now
            __kcx_from=$__kcx_time
        fi
        if [[ ${PS0-} != *__kcx_before* ]]; then
            # shellcheck disable=SC2016
            PS0='${__kcx_idle:+${__kcx_bin:$((__kcx_ran = 1, 0)):0}$(__kcx_before)}'${PS0-}
        fi
    fi
    __kcx_ran=
}

# Before a command: after the time without one, it finds no context instead of the protected one.
__kcx_before() {
    if __kcx_is_idle; then command "$__kcx_bin" __idle "$$" || :; fi
}

# Puts the context before the prompt, behind the line breaks that it begins with.
__kcx_paint() {
    local rest=${PS1-} lead=
    if [[ -n $__kcx_shown && $rest != *"$__kcx_shown"* ]]; then __kcx_last; fi
    if [[ -n $__kcx_shown ]]; then rest=${rest/"$__kcx_shown"/}; fi
    __kcx_shown=
    # starship and oh-my-posh draw prompts of their own, with what their settings say.
    if [[ $rest != *KCX_PROMPT* ]] && ! declare -F starship_precmd >/dev/null && ! declare -F _omp_hook >/dev/null; then
        if shopt -q promptvars; then
            # shellcheck disable=SC2016
            __kcx_shown='${KCX_PROMPT:+$KCX_PROMPT }'
        elif [[ -n $KCX_PROMPT ]]; then
            __kcx_shown="$KCX_PROMPT "
        fi
        while :; do
            case $rest in
            '\n'*) lead=$lead'\n' rest=${rest#'\n'} ;;
            $'\n'*) lead=$lead$'\n' rest=${rest#$'\n'} ;;
            *) break ;;
            esac
        done
    fi
    PS1=$lead$__kcx_shown$rest
}

# Comes after a theme that registered later, and sets the prompt anew each time. bash-preexec needs to be the last.
__kcx_last() {
    local command rest=()
    if [[ ${PROMPT_COMMAND[*]-} == *__bp_* || ${PROMPT_COMMAND[*]-} == *__kcx_precmd ]]; then return 0; fi
    for command in "${PROMPT_COMMAND[@]}"; do
        command=${command//__kcx_precmd/:}
        if [[ $command != : ]]; then rest+=("$command"); fi
    done
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        PROMPT_COMMAND=("${rest[@]}" __kcx_precmd)
    else
        # shellcheck disable=SC2178
        PROMPT_COMMAND=${rest[0]}$'\n'__kcx_precmd
    fi
}

# starship draws the prompt before a later command has looked. Its own command runs others first, so it is to run the hook.
__kcx_join() {
    local command rest=()
    __kcx_joined=yes
    if [[ ${precmd_functions[*]-}${PROMPT_COMMAND[*]-} != *starship_precmd*__kcx_precmd* ||
        $(declare -f starship_precmd) != *STARSHIP_PROMPT_COMMAND* ]]; then
        return 0
    fi
    for command in "${PROMPT_COMMAND[@]}"; do
        command=${command//__kcx_precmd/:}
        if [[ $command != : ]]; then rest+=("$command"); fi
    done
    PROMPT_COMMAND=("${rest[@]}")
    if [[ ${STARSHIP_PROMPT_COMMAND-} != *__kcx_precmd* ]]; then
        STARSHIP_PROMPT_COMMAND=${STARSHIP_PROMPT_COMMAND:+$STARSHIP_PROMPT_COMMAND$'\n'}__kcx_precmd
    fi
    # It has drawn this prompt already, without the context.
    if [[ $- != *e* ]]; then __kcx_status "$status"; fi
    starship_precmd
}

__kcx_status() { return "$1"; }

# For a shell that can run nothing before its prompt.
__kcx_ask() {
    local text
    text=$(command "$__kcx_bin" prompt --shell bash) || text='kcx?'
    printf '%s' "${text:+$text }"
}

# What other tools left in the overlay is moved to the user's file, then the overlay goes.
__kcx_leave() {
    if [[ ${BASH_SUBSHELL-0} == 0 && -n ${__kcx_mine-} ]]; then
        command "$__kcx_bin" __leave "$__kcx_mine" || :
    fi
}

# Tells whether one of these variables is read-only.
__kcx_fixed() {
    ! (for name in "$@"; do eval "$name=" || exit 1; done) 2>/dev/null
}

__kcx_start() {
    local text
    KCX_PROMPT=
    __kcx_list=
    __kcx_helm=
    __kcx_watch=()
    __kcx_again=yes
    __kcx_left=
    __kcx_lifted=
    __kcx_until=
    __kcx_idle=
    __kcx_from=
    __kcx_ran=
    __kcx_plain=
    __kcx_joined=
    __kcx_shown=${__kcx_shown-}
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
            # In POSIX mode `-` stands for no trap.
            if [[ ${3-} == - ]]; then set --; fi
            # shellcheck disable=SC2064
            trap "${3:+$3
}__kcx_leave" EXIT
        fi
    fi
    unset __kcx_new __kcx_new_list __kcx_owner
    if [[ $- != *i* || ${PROMPT_COMMAND[*]-} == *__kcx_precmd* ]]; then return 0; fi
    text=
    if __kcx_fixed PS1 PROMPT_COMMAND; then
        if __kcx_fixed PS1; then __kcx_show=; fi
        if __kcx_fixed PROMPT_COMMAND; then text=fixed; fi
    fi
    if [[ -n $text ]]; then
        if [[ -n $__kcx_show && ${PS1-} != *__kcx_ask* ]] && shopt -q promptvars; then
            # shellcheck disable=SC2016
            PS1='$(__kcx_ask)'${PS1-}
        fi
    elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        PROMPT_COMMAND+=(__kcx_precmd)
    else
        text=${PROMPT_COMMAND-}
        # shellcheck disable=SC2178
        PROMPT_COMMAND=${text:+$text$'\n'}__kcx_precmd
    fi
}

__kcx_start
unset -f __kcx_start __kcx_fixed

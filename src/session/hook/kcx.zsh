# kcx's hook for zsh: a context of its own for each shell, and the context in the prompt.
# Safe under `set -eu`, ksh_arrays and noclobber; starts a process only when a kubeconfig has changed.

# Tells by the times of files whether anything has changed since the prompt was made. A missing file is neither newer nor
# older than another one.
__kcx_changed() {
    emulate -L zsh
    [[ -z $__kcx_again && ${KUBECONFIG-} == "$__kcx_list" ]] || return 0
    [[ ${HELM_KUBECONTEXT-}/${HELM_NAMESPACE-} == "$__kcx_helm" ]] || return 0
    # The protection that was lifted is in force again. A clock that was set back ends a lift, too.
    if [[ -n $__kcx_until ]]; then
        __kcx_today
        if (( __kcx_time >= __kcx_until || __kcx_time < __kcx_lifted )); then return 0; fi
    fi
    local file companion
    for file companion in "${__kcx_watch[@]}"; do
        if [[ $file -nt $companion || $file -ot $companion ]]; then return 0; fi
        if [[ -e $file ]]; then
            if [[ ! -e $companion ]]; then return 0; fi
        elif [[ -e $companion ]]; then
            return 0
        fi
    done
    return 1
}

# The time of day.
__kcx_today() {
    emulate -L zsh
    if zmodload zsh/datetime 2>/dev/null; then __kcx_time=$EPOCHSECONDS; else __kcx_time=${SECONDS%.*}; fi
}

# The time of the system with that of its sleep, which nobody sets. Elsewhere than on Linux it is that of the day.
__kcx_now() {
    emulate -L zsh
    local rest
    if ! { IFS=' .' read -r __kcx_time rest </proc/uptime } 2>/dev/null; then __kcx_today; fi
}

# Tells whether the time without a command is over.
__kcx_is_idle() {
    emulate -L zsh
    __kcx_now
    if (( __kcx_time < __kcx_from )); then __kcx_from=$__kcx_time; fi
    (( __kcx_time - __kcx_from >= __kcx_idle ))
}

# Before a command: after the time without one, it finds no context instead of the protected one.
__kcx_preexec() {
    emulate -L zsh
    if [[ -n $__kcx_idle ]]; then
        __kcx_ran=yes
        if __kcx_is_idle; then command "$__kcx_bin" __idle $$ || :; fi
    fi
    return 0
}

__kcx_precmd() {
    local __kcx_subst=
    if [[ -o prompt_subst ]]; then __kcx_subst=yes; fi
    emulate -L zsh
    local answer lead rest
    if [[ -n $__kcx_idle && -z $__kcx_ran ]] && __kcx_is_idle; then command "$__kcx_bin" __idle $$ || :; fi
    if __kcx_changed; then
        __kcx_helm=${HELM_KUBECONTEXT-}/${HELM_NAMESPACE-}
        # It may answer, and report an error beside.
        answer=$(command "$__kcx_bin" __sync zsh '' $$ "${__kcx_mine-}") || :
        if [[ -n $answer ]]; then
            eval "$answer"
        else
            # The next change asks again.
            KCX_PROMPT='kcx?' __kcx_list=${KUBECONFIG-} __kcx_again= __kcx_left= __kcx_idle= __kcx_plain=
        fi
        __kcx_until=
        if [[ -n $__kcx_left ]]; then
            __kcx_today
            __kcx_lifted=$__kcx_time __kcx_until=$(( __kcx_time + __kcx_left ))
        fi
    fi
    # The time without a command begins with the prompt after one.
    if [[ -z $__kcx_idle ]]; then
        __kcx_from=
    elif [[ -n $__kcx_ran || -z $__kcx_from ]]; then
        __kcx_now
        __kcx_from=$__kcx_time
    fi
    __kcx_ran=
    # The completion of a start-up file that runs compinit below the hook.
    if (( ${#__kcx_names} && ${+functions[compdef]} )); then
        if [[ -z ${_comps[kcx]-} ]]; then compdef _kcx $__kcx_names; fi
        __kcx_names=()
    fi
    if [[ -z $__kcx_show ]]; then return 0; fi
    rest=$PROMPT
    if [[ -n $__kcx_shown ]]; then rest=${rest/"$__kcx_shown"/}; fi
    __kcx_shown=
    # These draw prompts of their own, with what their settings say.
    if [[ $rest != *KCX_PROMPT* ]] && (( ! ${+functions[p10k]} && ! ${+functions[starship_precmd]} &&
        ! ${+functions[prompt_starship_precmd]} && ! ${+functions[_omp_precmd]} && ! ${+functions[prompt_ohmyposh_precmd]} )); then
        # Where prompts are expanded the text must not be a part of them.
        if [[ -n $__kcx_subst ]]; then
            __kcx_shown='${KCX_PROMPT:+$KCX_PROMPT }'
        elif [[ -n $KCX_PROMPT ]]; then
            __kcx_shown="$KCX_PROMPT "
        fi
        # It stands behind the line breaks that the prompt begins with.
        while [[ $rest == $'\n'* ]]; do
            lead+=$'\n' rest=${rest#$'\n'}
        done
        # A theme that registered later sets the prompt anew: kcx comes after it, for once by another way.
        if [[ $precmd_functions[-1] != __kcx_precmd && -n ${precmd_functions[(r)__kcx_precmd]} ]]; then
            precmd_functions=(${precmd_functions:#__kcx_precmd} __kcx_precmd)
            zmodload zsh/sched && sched +0 __kcx_precmd
        fi
    fi
    PROMPT=$lead$__kcx_shown$rest
    return 0
}

# What other tools left in the overlay is moved to the user's file, then the overlay goes.
__kcx_leave() {
    if [[ $ZSH_SUBSHELL == 0 && -n ${__kcx_mine-} ]]; then
        command "$__kcx_bin" __leave "$__kcx_mine" || :
    fi
}

__kcx_start() {
    emulate -L zsh
    typeset -g KCX_PROMPT= __kcx_list= __kcx_helm= __kcx_again=yes __kcx_shown=${__kcx_shown-}
    typeset -g __kcx_left= __kcx_lifted= __kcx_until= __kcx_idle= __kcx_from= __kcx_ran= __kcx_plain= __kcx_time=
    typeset -ga __kcx_watch __kcx_names zshexit_functions precmd_functions preexec_functions
    __kcx_watch=() __kcx_names=()
    if [[ -n $__kcx_new && ( -o interactive || ! -f ${KCX_SESSION-}/kcx-overlay.yaml ) ]]; then
        if [[ $$ != "$__kcx_owner" ]]; then print -r -- $$ >|"$__kcx_new/shell"; fi
        typeset -g __kcx_mine=$__kcx_new
        typeset -gx KCX_SESSION=$__kcx_new KUBECONFIG=$__kcx_new_list
        zshexit_functions=(${zshexit_functions:#__kcx_leave} __kcx_leave)
    fi
    unset __kcx_new __kcx_new_list __kcx_owner
    if [[ -o interactive ]]; then
        precmd_functions=(${precmd_functions:#__kcx_precmd} __kcx_precmd)
        preexec_functions=(${preexec_functions:#__kcx_preexec} __kcx_preexec)
    fi
}

__kcx_start
unfunction __kcx_start

# kcx's hook for zsh: a context of its own for each shell, and the context in the prompt.
# Safe under `set -eu`, ksh_arrays and noclobber; starts a process only when a kubeconfig has changed.

# Tells by the times of files whether anything has changed since the prompt was made.
__kcx_changed() {
    emulate -L zsh
    [[ ${KUBECONFIG-} == "${__kcx_list-}" ]] || return 0
    local file companion
    for file companion in "${__kcx_watch[@]}"; do
        if [[ $file -nt $companion || $file -ot $companion ]]; then return 0; fi
    done
    return 1
}

__kcx_precmd() {
    local __kcx_subst=
    if [[ -o prompt_subst ]]; then __kcx_subst=yes; fi
    emulate -L zsh
    local answer
    if __kcx_changed; then
        answer=$(command "$__kcx_bin" __sync zsh) || answer=
        # Without an answer the next change asks again.
        __kcx_list=${KUBECONFIG-}
        eval "$answer"
    fi
    if [[ -z $__kcx_show ]]; then return 0; fi
    if [[ -n $__kcx_shown ]]; then PROMPT=${PROMPT#"$__kcx_shown"}; fi
    __kcx_shown=
    if [[ $PROMPT != *KCX_PROMPT* ]]; then
        # Where prompts are expanded the text must not be a part of them.
        if [[ -n $__kcx_subst ]]; then
            __kcx_shown='${KCX_PROMPT:+$KCX_PROMPT }'
        elif [[ -n $KCX_PROMPT ]]; then
            __kcx_shown="$KCX_PROMPT "
        fi
        PROMPT=$__kcx_shown$PROMPT
    fi
    return 0
}

# What other tools left in the overlay is moved to the user's file, then the overlay goes.
__kcx_leave() {
    if [[ $ZSH_SUBSHELL == 0 && -n ${__kcx_mine-} ]]; then
        command "$__kcx_bin" __leave "$__kcx_mine" || :
    fi
}

typeset -g KCX_PROMPT= __kcx_list= __kcx_shown=${__kcx_shown-}
typeset -ga __kcx_watch
__kcx_watch=()
if [[ -n $__kcx_new && ( -o interactive || ! -f ${KCX_SESSION-}/kcx-overlay.yaml ) ]]; then
    if [[ $$ != "$__kcx_owner" ]]; then print -r -- $$ >|"$__kcx_new/shell"; fi
    typeset -g __kcx_mine=$__kcx_new
    export KCX_SESSION=$__kcx_new KUBECONFIG=$__kcx_new_list
    typeset -ga zshexit_functions
    zshexit_functions=(${zshexit_functions:#__kcx_leave} __kcx_leave)
fi
unset __kcx_new __kcx_new_list __kcx_owner
if [[ -o interactive ]]; then
    typeset -ga precmd_functions
    precmd_functions=(${precmd_functions:#__kcx_precmd} __kcx_precmd)
fi

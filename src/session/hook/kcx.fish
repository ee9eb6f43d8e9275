# kcx's hook for fish, from 3.5 on: a context of its own for each shell, and the context in the prompt.
# Starts a process only when a kubeconfig has changed.

# Tells by the times of files, which are whole seconds, whether anything has changed since the prompt was made.
function __kcx_look --on-event fish_prompt
    set -l last $status
    set -l times (path mtime -- $__kcx_watch 2>/dev/null)
    set -l helm "$HELM_KUBECONTEXT/$HELM_NAMESPACE"
    if test "$KUBECONFIG" != "$__kcx_list" -o "$times" != "$__kcx_times" -o "$helm" != "$__kcx_helm" -o -n "$__kcx_again"
        set -g __kcx_helm $helm
        set -l answer (command $__kcx_bin __sync fish '' $fish_pid "$__kcx_mine")
        # It may answer, and report an error beside.
        if test -n "$answer"
            string join \n -- $answer | source
        else
            # The next change asks again.
            set -g KCX_PROMPT 'kcx?'
            set -g __kcx_list "$KUBECONFIG"
        end
        set -g __kcx_times (path mtime -- $__kcx_watch 2>/dev/null)
        # What was changed in this second may change again in it.
        set -g __kcx_again
        for age in (path mtime -R -- $__kcx_watch 2>/dev/null)
            if test "$age" -le 1
                set -g __kcx_again yes
            end
        end
    end
    return $last
end

# What other tools left in the overlay is moved to the user's file, then the overlay goes.
function __kcx_leave --on-event fish_exit
    if test -n "$__kcx_mine"
        command $__kcx_bin __leave $__kcx_mine
    end
end

function __kcx_status
    return $argv[1]
end

set -g KCX_PROMPT
set -g __kcx_list
set -g __kcx_helm
set -g __kcx_times
set -g __kcx_again yes
set -g __kcx_watch
if test -n "$__kcx_new"; and begin
        status is-interactive
        or not test -f "$KCX_SESSION/kcx-overlay.yaml"
    end
    if test "$fish_pid" != "$__kcx_owner"
        echo $fish_pid >$__kcx_new/shell
    end
    set -g __kcx_mine $__kcx_new
    set -gx KCX_SESSION $__kcx_new
    set -gx KUBECONFIG $__kcx_new_list
end
set -e __kcx_new
set -e __kcx_new_list
set -e __kcx_owner
if test -n "$__kcx_show"; and status is-interactive; and not functions -q __kcx_prompt
    functions -c fish_prompt __kcx_prompt
    # starship and oh-my-posh draw prompts of their own, with what their settings say.
    if functions __kcx_prompt | string match -qr 'starship|print primary|_omp_'
        set -g __kcx_show
    end
    function fish_prompt
        set -l last $status
        # Another handler, such as direnv's, may have run after the first look.
        __kcx_look
        if test -n "$KCX_PROMPT"; and test -n "$__kcx_show"
            printf '%s ' $KCX_PROMPT
        end
        __kcx_status $last
        __kcx_prompt
    end
end

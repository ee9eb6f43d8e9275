# kcx's hook for fish, from 3.5 on: a context of its own for each shell, and the context in the prompt.
# Starts a process only when a kubeconfig has changed.

# Tells by the times of files, which are whole seconds, whether anything has changed since the prompt was made.
function __kcx_changed
    set -l times (path mtime -- $__kcx_watch 2>/dev/null)
    set -l helm "$HELM_KUBECONTEXT/$HELM_NAMESPACE"
    if test "$KUBECONFIG" != "$__kcx_list" -o "$times" != "$__kcx_times" -o "$helm" != "$__kcx_helm" -o -n "$__kcx_again"
        return 0
    end
    # The protection that was lifted is in force again. A clock that was set back ends a lift, too.
    if test -n "$__kcx_left"
        set -l age (path mtime -R -- $__kcx_mine/lifted 2>/dev/null)
        test -z "$age"; or test "$age" -ge "$__kcx_left"; or test "$age" -lt 0
        return
    end
    return 1
end

# The time of the system with that of its sleep, which nobody sets. Elsewhere than on Linux it is that of the day.
function __kcx_now
    if test -r /proc/uptime; and read -l up </proc/uptime
        string split -f 1 . -- $up
    else
        date +%s
    end
end

# Tells whether the time without a command is over.
function __kcx_is_idle
    set -l now (__kcx_now)
    if test "$now" -lt "$__kcx_from"
        set -g __kcx_from $now
    end
    test (math $now - $__kcx_from) -ge "$__kcx_idle"
end

# Before a command: after the time without one, it finds no context instead of the protected one.
function __kcx_before --on-event fish_preexec
    if test -n "$__kcx_idle"
        set -g __kcx_ran yes
        if __kcx_is_idle
            command $__kcx_bin __idle $fish_pid
        end
    end
end

function __kcx_look --on-event fish_prompt
    set -l last $status
    if test -n "$__kcx_idle" -a -z "$__kcx_ran"; and __kcx_is_idle
        command $__kcx_bin __idle $fish_pid
    end
    if __kcx_changed
        set -g __kcx_helm "$HELM_KUBECONTEXT/$HELM_NAMESPACE"
        set -l answer (command $__kcx_bin __sync fish '' $fish_pid "$__kcx_mine")
        # It may answer, and report an error beside.
        if test -n "$answer"
            string join \n -- $answer | source
        else
            # The next change asks again.
            set -g KCX_PROMPT 'kcx?'
            set -g __kcx_list "$KUBECONFIG"
            set -g __kcx_left
            set -g __kcx_idle
            set -g __kcx_plain
        end
        if test -n "$__kcx_left" -a -n "$__kcx_mine"
            echo >$__kcx_mine/lifted
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
    # The time without a command begins with the prompt after one.
    if test -z "$__kcx_idle"
        set -g __kcx_from
    else if test -n "$__kcx_ran" -o -z "$__kcx_from"
        set -g __kcx_from (__kcx_now)
    end
    set -g __kcx_ran
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
set -g __kcx_left
set -g __kcx_idle
set -g __kcx_from
set -g __kcx_ran
set -g __kcx_plain
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

# Runs a program after kcx was asked whether it would write in a protected context. kcx is not asked where it would not.
function __kcx_guard
    set -l plain $__kcx_plain
    if test -n "$plain"; and __kcx_changed
        set plain
    end
    if test "$plain" = here; and string match -qr -- '^(-s|--context|--cluster|--user|--server|--kube)' $argv
        set plain
    end
    if test -n "$plain"; or string match -q -- '__complete*' "$argv[2]"
        command $argv
    else
        command $__kcx_bin __guard $argv
    end
end

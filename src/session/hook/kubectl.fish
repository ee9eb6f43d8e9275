# A namespace that kubectl sets in a session is for this shell alone: kcx writes it into the overlay.
if not functions -q kubectl
    function kubectl
        if set -q KCX_SESSION; and test "$argv[1..2]" = "config set-context"
            command $__kcx_bin $argv
        else
            command kubectl $argv
        end
    end
end

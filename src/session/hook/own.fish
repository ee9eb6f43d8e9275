# NAME looks at one kubeconfig alone, so it gets the user's own ones, past the overlay of this shell.
if not functions -q NAME
    function NAME
        command $__kcx_bin exec --global -- NAME $argv
    end
end

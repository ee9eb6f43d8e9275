if not functions -q NAME
    function NAME
        __kcx_guard NAME $argv
    end
end

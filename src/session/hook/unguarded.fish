if not functions NAME | string match -q '*__kcx_guard*'
    echo 'kcx: NAME is an alias or a function of this shell already, so the guard does not see it' >&2
end

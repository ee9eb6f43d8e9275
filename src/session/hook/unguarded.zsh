if [[ ${+aliases[NAME]} == 1 || ${functions[NAME]-} != *__kcx_guard* ]]; then
    print -r -- 'kcx: NAME is an alias or a function of this shell already, so the guard does not see it' >&2
fi

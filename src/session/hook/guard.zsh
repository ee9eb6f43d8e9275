# Runs a program after kcx was asked whether it would write in a protected context. kcx is not asked where it would not.
__kcx_guard() {
    emulate -L zsh
    local word plain=$__kcx_plain
    if [[ -n $plain ]] && __kcx_changed; then plain=; fi
    if [[ $plain == here ]]; then
        for word in "$@"; do
            case $word in
            (-s* | --context* | --cluster* | --user* | --server* | --kube*) plain= ;;
            esac
        done
    fi
    if [[ -n $plain || ${2-} == __complete* ]]; then command "$@"; else command "$__kcx_bin" __guard "$@"; fi
}

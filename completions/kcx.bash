# bash completion for kcx: put `source <(kcx completions bash)` into ~/.bashrc. bash 3.2, as macOS has it, wants
# `eval "$(kcx completions bash)"` there, and completes no file names.
#
# Names in a kubeconfig are other people's text: they are quoted for where they will stand, and never evaluated.

# Splits $1 into `words` as bash would, expanding nothing; `open` is the quote left open. COMP_WORDS will not do: bash
# cuts it at colons too, and an ARN is full of them.
_kcx_split() {
    local char i gap=
    words=('') open=
    for ((i = 0; i < ${#1}; i++)); do
        char=${1:i:1}
        case $open$char in
            [[:blank:]]) gap=1 && continue ;;
            [\'\"]) open=$char char= ;;
            "''" | '""') open='' char= ;;
            [\\] | \"[\\]) i=$((i + 1)) char=${1:i:1} ;;
        esac
        [[ -z $gap ]] || words+=('')
        gap='' words[${#words[@]} - 1]+=$char
    done
    [[ -z $gap ]] || words+=('')
}

# Prints names of a type. One with a line break comes as two that are none: only what kcx finds again is a name.
_kcx_names() {
    local name found=()
    while IFS= read -r name; do
        [[ $name != "$cur"* || $name == *[[:cntrl:]]* ]] || found+=("$1/$name")
    done < <(command kcx get "$1" -o name ${from[@]+"${from[@]}"} 2>/dev/null)
    [[ ${#found[@]} == 0 ]] || command kcx get -o name ${from[@]+"${from[@]}"} -- "${found[@]}" 2>/dev/null || :
}

# Prints what may stand for `cur`, one a line. The last line is cobra's: :0 if it may be a file, else :4.
_kcx_candidates() {
    local files=:4 commands=(completions config ctx current demo get help init list ns prompt shell use)
    if [[ ${args[0]-} == config ]]; then
        command kcx __complete "${words[@]:1}" 2>/dev/null
        return
    fi
    [[ -n $flag || -n $dashes || $cur != -* ]] || flag=-
    case $flag:${args[0]-}:${#args[@]} in
        -o:* | --output:*) printf '%s\n' name wide json yaml ;;
        --color:*) printf '%s\n' auto always never ;;
        --kubeconfig:*) files=:0 ;;
        -:*) printf '%s\n' --{kubeconfig,output,quiet,color,yes,lock-timeout,break-lock,break-lock-after,help} ;;
        ::0) printf '%s\n' "${commands[@]}" && _kcx_names contexts ;;
        :use:1 | :ctx:1) _kcx_names contexts ;;
        :get:1 | :list:1) printf '%s\n' contexts clusters users ;;
        :get:* | :list:*) _kcx_names "${args[1]}" ;;
        :help:1) printf '%s\n' "${commands[@]}" ;;
        :completions:1) printf '%s\n' bash fish zsh ;;
    esac
    echo $files
}

_kcx() {
    local IFS=$' \t\n' words open head quote cur prefix='' flag='' dashes='' args=() from=() i name lines=()
    # bash replaces $2 alone, the part behind the last colon or quote: `head` is what stands before it in the word.
    name=${COMP_LINE:0:COMP_POINT}
    _kcx_split "${name%"${2-}"}"
    head=${words[${#words[@]} - 1]} quote=$open
    _kcx_split "$name"
    cur=${words[${#words[@]} - 1]}
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        name=${words[i]}
        [[ $flag != --kubeconfig ]] || from=("--kubeconfig=${name/#\~\//${HOME-}/}")
        case $dashes$flag$name in
            --) dashes=1 ;;
            --kubeconfig | -o | --output | --color | --lock-timeout | --break-lock-after | -n | --namespace)
                flag=$name && continue ;;
            --kubeconfig=*) from=("$name") ;;
            -?*) ;;
            *) args+=("$name") ;;
        esac
        flag=
    done
    [[ -n $dashes || $cur != -*=* ]] || { flag=${cur%%=*} prefix=${cur%%=*}= cur=${cur#*=}; }
    while IFS= read -r name; do lines+=("$name"); done < <(_kcx_candidates </dev/null)
    COMPREPLY=()
    for ((i = 0; i + 1 < ${#lines[@]}; i++)); do
        name=${lines[i]%%$'\t'*}
        # An entry named like a flag can only be meant behind `--`.
        [[ -n $name && $name == "$cur"* && $name != *[[:cntrl:]]* ]] || continue
        [[ $name != -* || $prefix$cur == -* || -n $dashes ]] || continue
        name=$prefix$name
        name=${name#"$head"}
        case $quote in
            \') name=${name//\'/\'\\\'\'} ;;
            # `!` is history's inside double quotes: it has to leave them.
            \") name=${name//\\/\\\\} name=${name//\"/\\\"} name=${name//\$/\\\$}
                name=${name//\`/\\\`} name=${name//!/\"\\!\"} ;;
            *) printf -v name %q "$name" ;;
        esac
        COMPREPLY+=("$name")
    done
    [[ ${lines[i]-} != :0 ]] || compopt -o default 2>/dev/null || :
}
complete -F _kcx kcx

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

_kcx() {
    local IFS=$' \t\n' words open head quote cur flag='' dashes='' before=() i name lines=()
    # bash replaces $2 alone, the part behind the last colon or quote: `head` is what stands before it in the word.
    name=${COMP_LINE:0:COMP_POINT}
    _kcx_split "${name%"${2-}"}"
    head=${words[${#words[@]} - 1]} quote=$open
    _kcx_split "$name"
    cur=${words[${#words[@]} - 1]}
    case ${words[0]##*/} in kubectx | kubens) before=(__as "${words[0]##*/}") ;; esac
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        [[ ${words[i]} != -- ]] || dashes=1
        before+=("${words[i]}")
    done
    [[ -n $dashes || $cur != -*=* ]] || flag=${cur%%=*}=
    # The last line is cobra's: :0 if files fit too.
    while IFS= read -r name; do lines+=("$name"); done < <(
        command "${__kcx_bin:-kcx}" __completeNoDesc ${before[@]+"${before[@]}"} "$cur" </dev/null 2>/dev/null
    )
    COMPREPLY=()
    for ((i = 0; i + 1 < ${#lines[@]}; i++)); do
        name=$flag${lines[i]}
        # An entry named like a flag can only be meant behind `--`.
        [[ $name == "$cur"* && $name != *[[:cntrl:]]* ]] || continue
        [[ $name != -* || $cur == -* || -n $dashes ]] || continue
        name=${name#"$head"}
        case $quote in
            \') name=${name//\'/\'\\\'\'} ;;
            # `!` is history's inside double quotes: it has to leave them.
            \") name=${name//\\/\\\\} name=${name//\"/\\\"} name=${name//\$/\\\$}
                name=${name//\`/\\\`} name=${name//!/\"\\!\"} ;;
            *) printf -v name %q "$name" ;;
        esac
        # readline does not close the quote of a word that ends with one.
        [[ -z $quote || $name != *"$quote" ]] || name+=$quote
        COMPREPLY+=("$name")
    done
    [[ ${lines[i]-} != :0 ]] || compopt -o default 2>/dev/null || :
    # Commands stay before contexts; before 4.4 bash sorts all of them.
    compopt -o nosort 2>/dev/null || :
}
complete -F _kcx kcx

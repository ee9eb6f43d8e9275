# What the recipes of kcx have in common. A recipe is called as `list` or `get ID`; see docs/sources.md. It fails with the first
# program that fails: output is put into a variable before it is read, because the left side of a pipe may fail unnoticed.
set -euf
# A list has one value a line; values may have blanks.
IFS='
'

# fail MESSAGE
fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# need PROGRAM: fails with a clear message if it is missing.
need() {
    command -v "$1" >/dev/null || {
        printf 'the program %s is not installed\n' "$1" >&2
        exit 127
    }
}

# option NAME: the values of an option, one a line; nothing if it is not set.
option() {
    eval "printf '%s' \"\${OPTION_$(printf %s "$1" | tr 'a-z-' 'A-Z_')-}\""
}

# json TEXT: a JSON string.
json() {
    case $1 in
    *[\"\\[:cntrl:]]*)
        printf '%s\n' "$1" | LC_ALL=C awk '
            BEGIN {
                for (n = 1; n < 32; n++) escaped[sprintf("%c", n)] = sprintf("\\u%04x", n)
                escaped["\""] = "\\\""
                escaped["\\"] = "\\\\"
                printf "\""
            }
            {
                if (NR > 1) printf "\\n"
                for (at = 1; at <= length($0); at++) {
                    c = substr($0, at, 1)
                    printf "%s", c in escaped ? escaped[c] : c
                }
            }
            END { printf "\"" }'
        ;;
    *) printf '"%s"' "$1" ;;
    esac
}

# item ID NAME VERSION [LABEL…]: a line of the list. VERSION may be empty. A LABEL is KEY=VALUE, or a JSON object of labels.
item() {
    printf '{"id":'
    json "$1"
    printf ',"name":'
    json "$2"
    if [ -n "$3" ]; then
        printf ',"changed":'
        json "$3"
    fi
    shift 3
    printf ',"labels":{'
    comma=
    for label; do
        case $label in
        '' | null | '{}') continue ;;
        '{'*'}')
            label=${label#?}
            printf '%s%s' "$comma" "${label%?}"
            ;;
        *)
            printf %s "$comma"
            json "${label%%=*}"
            printf :
            json "${label#*=}"
            ;;
        esac
        comma=,
    done
    printf '}}\n'
}

# scopes: the flag for each namespace of an option of kubectl.
scopes() {
    namespaces=$(option namespace)
    [ -n "$namespaces" ] || printf '%s\n' --all-namespaces
    for namespace in $namespaces; do printf -- '--namespace=%s\n' "$namespace"; done
}

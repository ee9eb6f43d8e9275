# What the recipes of kcx have in common. A recipe is called as `list` or `get ID`; see docs/sources.md.
set -eu

# option NAME: the values of an option, one a line; nothing if it is not set.
option() {
    eval "printf '%s' \"\${OPTION_$(printf %s "$1" | tr 'a-z-' 'A-Z_')-}\""
}

# json TEXT: a JSON string.
json() {
    case $1 in
    *[\"\\]*) printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')" ;;
    *) printf '"%s"' "$1" ;;
    esac
}

# item ID NAME [KEY=VALUE…]: one line of the list.
item() {
    printf '{"id":%s,"name":%s,"labels":{' "$(json "$1")" "$(json "$2")"
    shift 2
    comma=
    for label; do
        printf '%s%s:%s' "$comma" "$(json "${label%%=*}")" "$(json "${label#*=}")"
        comma=,
    done
    printf '}}\n'
}

# need PROGRAM: fails with a clear message if it is missing.
need() {
    command -v "$1" >/dev/null 2>&1 || {
        printf 'the program %s is not installed\n' "$1" >&2
        exit 127
    }
}

# shellcheck shell=bash
# What the tests of packages share: each check prints one line, and `finish` the sum.

checks=0
failures=0

# verdict NAME GOT WANT: a check that passes if both are the same.
verdict() {
    checks=$((checks + 1))
    if [ "$2" = "$3" ]; then
        echo "ok   $1"
    else
        failures=$((failures + 1))
        echo "FAIL $1"
        diff <(printf '%s\n' "$3") <(printf '%s\n' "$2") | sed 's/^</     wanted: /; s/^>/     got:    /; /^[0-9-]/d' || true
    fi
}

# passes NAME COMMAND…: a check that passes if the command does.
passes() {
    local name=$1 said code=0
    shift
    said=$("$@" 2>&1) || code=$?
    [ "$code" = 0 ] || said="exit code $code: $said"
    if [ "$code" = 0 ]; then verdict "$name" '' ''; else verdict "$name" "$said" 'exit code 0'; fi
}

# finish WHAT LEAST: fails if a check failed, or if fewer than LEAST ran.
finish() {
    echo "==> $1: $checks checks, $failures failed"
    [ "$failures" = 0 ] && [ "$checks" -ge "$2" ]
}

# needs COMMAND PACKAGE: a missing tool fails the run.
needs() {
    command -v "$1" >/dev/null && return
    echo "$0: $1 is missing (apt-get install $2)" >&2
    exit 1
}

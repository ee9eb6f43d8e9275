#!/bin/sh
# Installs kcx @VERSION@ for the current user:
#
#   curl -fsSL @REPOSITORY@/releases/latest/download/install.sh | sh
#   … | sh -s -- --prefix DIR --version X --uninstall
#
# It downloads one archive, compares its SHA-256 with the sum below, and copies the programs, man pages and completions
# below ~/.local. It needs no root and changes no start-up file. If it fails, everything is as before.

set -eu

main() {
    version=@VERSION@
    repository=@REPOSITORY@
    prefix=${HOME:-}/.local
    [ -n "${HOME:-}" ] || prefix=
    from=
    action=install
    force=
    while [ $# != 0 ]; do
        case $1 in
        --prefix=* | --version=* | --from=*)
            flag=${1%%=*} value=${1#*=}
            shift
            set -- "$flag" "$value" "$@"
            continue
            ;;
        --prefix | --version | --from)
            [ -n "${2-}" ] || fail "$1 needs a value"
            case $1 in
            --prefix) prefix=$2 ;;
            --version) version=${2#v} ;;
            --from) from=${2%/} ;;
            esac
            shift
            ;;
        --uninstall) action=uninstall ;;
        --force) force=1 ;;
        -h | --help)
            usage
            exit
            ;;
        *) fail "unknown argument $1; --help lists all" ;;
        esac
        shift
    done
    [ -n "$prefix" ] || fail "HOME is not set: name a folder with --prefix"
    case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
    prefix=${prefix%/}
    from=${from:-$repository/releases/download/v$version}
    "$action"
}

usage() {
    cat <<EOT
Installs kcx and kcx-credential with man pages and completions.

  --prefix DIR     the folder to install into [default: ~/.local]
  --version X      another version than @VERSION@; its checksums are then those of its release
  --from URL       a mirror: the folder with the archives
  --uninstall      removes what this script installs; your settings and kubeconfigs stay
  --force          with --uninstall: also if a kubeconfig needs kcx-credential
EOT
}

# The sums of the archives of version @VERSION@.
sums() {
    cat <<EOT
@ARCHIVES@
EOT
}

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

# The target that an archive is named by.
target() {
    system=$(uname -s)
    machine=$(uname -m)
    case $system in
    Linux) suffix=unknown-linux-musl ;;
    Darwin) suffix=apple-darwin ;;
    *) suffix= ;;
    esac
    # A 64-bit kernel can run a 32-bit system.
    bits=$(getconf LONG_BIT 2>/dev/null || echo 64)
    case $machine in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) arch= ;;
    esac
    [ -n "$suffix" ] && [ -n "$arch" ] && [ "$bits" = 64 ] || return 1
    echo "$arch-$suffix"
}

no_program() {
    fail "there is no program to download for $(uname -s) on $(uname -m) in version $version.
Build it with Rust @RUST_VERSION@ or newer: cargo install --locked --git $repository kcx
Other ways: $repository#install"
}

# download URL FILE: with curl, else wget. Only the address that the caller gives may be without TLS.
download() {
    if command -v curl >/dev/null 2>&1; then
        case $1 in
        https://*) curl -fsSL --proto '=https' --tlsv1.2 --retry 3 -o "$2" "$1" ;;
        *) curl -fsSL -o "$2" "$1" ;;
        esac
    elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$2" "$1"
    else
        fail "needs curl or wget"
    fi
}

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$1"
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 "$1"
    elif command -v openssl >/dev/null 2>&1; then
        openssl dgst -sha256 -r "$1"
    else
        fail "needs sha256sum, shasum or openssl"
    fi
}

# The files that belong to an installation, of those that are there; other files below the prefix are not touched.
installed() {
    for file in "$prefix/bin/kcx" "$prefix/bin/kcx-credential" "$prefix"/share/man/man1/kcx.1 \
        "$prefix"/share/man/man1/kcx-*.1 "$prefix/share/bash-completion/completions/kcx" \
        "$prefix/share/zsh/site-functions/_kcx" "$prefix/share/fish/vendor_completions.d/kcx.fish"; do
        if [ -e "$file" ]; then echo "$file"; fi
    done
}

# make_folder DIR: with its parents; those that were missing are noted.
make_folder() {
    if [ -z "$1" ] || [ -d "$1" ]; then return; fi
    make_folder "${1%/*}"
    mkdir "$1"
    echo "$1" >>"$temporary/folders"
}

# put FILE NAME MODE: copies a file of the archive beside its place below the prefix.
put() {
    to=$prefix/$2
    make_folder "${to%/*}"
    echo "$to" >>"$temporary/places"
    cp "$1" "$to.new-$$"
    chmod "$3" "$to.new-$$"
}

# Moves all copies to their places.
move() {
    while IFS= read -r to; do
        [ -e "$to" ] || echo "$to" >>"$temporary/new"
        mv -f "$to.new-$$" "$to"
    done <"$temporary/places"
}

# Runs at the end, whatever it is: a failed installation leaves no new files and folders.
clean_up() {
    code=$?
    trap - EXIT HUP INT TERM
    if [ -z "$complete" ]; then
        touch "$temporary/new" "$temporary/places" "$temporary/folders"
        while IFS= read -r file; do rm -f "$file"; done <"$temporary/new"
        while IFS= read -r file; do rm -f "$file.new-$$"; done <"$temporary/places"
        # The last one first.
        sort -r "$temporary/folders" | while IFS= read -r folder; do rmdir "$folder" 2>/dev/null || true; done
    fi
    rm -rf "$temporary"
    exit "$code"
}

install() {
    name=$(target) || no_program
    if command -v xz >/dev/null 2>&1; then
        form=xz
    elif command -v gzip >/dev/null 2>&1; then
        form=gz
    else
        fail "needs xz or gzip"
    fi
    archive=kcx-$version-$name.tar.$form
    complete=
    temporary=$(mktemp -d) || fail "cannot create a temporary folder: set TMPDIR to one that can be written"
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM

    if [ "$version" = @VERSION@ ]; then
        sums >"$temporary/sums"
    else
        download "$from/SHA256SUMS" "$temporary/sums" || fail "cannot download $from/SHA256SUMS"
    fi
    wanted=$(awk -v file="$archive" '$2 == file || $2 == "*" file { print $1 }' "$temporary/sums")
    [ -n "$wanted" ] || no_program
    download "$from/$archive" "$temporary/$archive" || fail "cannot download $from/$archive; nothing was installed"
    got=$(sha256 "$temporary/$archive")
    [ "${got%% *}" = "$wanted" ] || fail "the checksum of $from/$archive is ${got%% *}, not $wanted; nothing was installed"
    case $form in
    xz) xz -dc "$temporary/$archive" ;;
    gz) gzip -dc "$temporary/$archive" ;;
    esac | (cd "$temporary" && tar -xf -)
    unpacked=$temporary/kcx-$version-$name
    ran=$("$unpacked/kcx" --version | head -n 1) || ran=
    [ "$ran" = "kcx $version" ] || fail "the program of $archive does not run here; nothing was installed.
If ${TMPDIR:-/tmp} is mounted with noexec, set TMPDIR to a folder that permits programs"

    for page in "$unpacked"/man/*.1; do put "$page" "share/man/man1/${page##*/}" 644; done
    put "$unpacked/completions/kcx.bash" share/bash-completion/completions/kcx 644
    put "$unpacked/completions/_kcx" share/zsh/site-functions/_kcx 644
    put "$unpacked/completions/kcx.fish" share/fish/vendor_completions.d/kcx.fish 644
    put "$unpacked/kcx-credential" bin/kcx-credential 755
    put "$unpacked/kcx" bin/kcx 755
    move
    complete=1
    report
}

report() {
    echo "installed kcx $version in $prefix: bin/kcx, bin/kcx-credential, man pages in share/man/man1, completions for"
    echo "bash, zsh and fish in share"
    case :${PATH-}: in
    *":$prefix/bin:"*) ;;
    *)
        echo "put $prefix/bin on your PATH; for most shells, this line in the start-up file does it:"
        echo "  export PATH=\"$prefix/bin:\$PATH\""
        ;;
    esac
    echo "zsh finds the completions with this line above compinit in ~/.zshrc: fpath=($prefix/share/zsh/site-functions \$fpath)"
    echo "next: \`kcx demo\` shows kcx without touching your files, \`kcx init\` gives each terminal its own context"
}

# The kubeconfigs whose users ask kcx-credential.
sealed() {
    (
        IFS=:
        set -f
        # The list is to be split.
        # shellcheck disable=SC2086
        set -- ${KUBECONFIG:-${HOME:-}/.kube/config}
        set +f
        for file in "$@" "${HOME:-}"/.kube/config.d/*; do
            if [ -f "$file" ] && grep -q kcx-credential "$file"; then echo "$file"; fi
        done
    )
}

uninstall() {
    if [ -z "$force" ]; then
        users=$(sealed)
        [ -z "$users" ] || fail "users in these kubeconfigs need kcx-credential to log in:
$users
Put their credentials back first: kcx credential unseal --all
--force removes kcx anyway"
    fi
    files=$(installed)
    [ -n "$files" ] || fail "there is no kcx below $prefix"
    echo "$files" | while IFS= read -r file; do rm -f "$file"; done
    echo "removed kcx from $prefix; your kubeconfigs, settings, history and sealed credentials stay"
    echo "remove the line with \`kcx init\` from the start-up file of your shell, too"
    echo "the rest: @DOCUMENTATION@/uninstall.md"
}

# The last line: a script that arrives in part runs nothing.
main "$@"

# fish completion for kcx: kcx completions fish > ~/.config/fish/completions/kcx.fish
#
# Names in a kubeconfig are other people's text: fish quotes what it inserts, and nothing here evaluates them.

# Prints what may stand for the word at the cursor, one a line, behind a tab what it is; fish picks those that fit and keeps
# their order.
function __kcx_candidates --argument-names cur
    set -l kcx kcx
    set -q __kcx_bin; and set kcx $__kcx_bin
    command -q $kcx; or return
    set -l words (commandline -opc) # without quotes, unexpanded, up to the word at the cursor
    set -l before $words[2..]
    set -l program (string replace -r '.*/' '' -- $words[1])
    contains -- $program kubectx kubens; and set before __as $program $before
    set -l dashes
    contains -- -- $words[2..]; and set dashes 1
    # Behind `--flag=` stands a word of its own.
    set -l flag
    test -z "$dashes"; and set flag (string match -r '^-[^=]*=' -- $cur)
    # What is half typed may be half quoted: fish compares it itself. kcx has to know a flag, and what stands before the
    # first `/` or `=`.
    set -l known (string match -r '^(?:-[^=]*=?|[\w.-]+[/=])' -- $cur; or echo)
    # Each line has a group, a candidate and what it is, with tabs between them. The last one is cobra's: :0 if files fit too.
    set -l found (command $kcx __completeGroups $before $known 2>/dev/null)
    if test "$found[-1]" = :0
        set found \t(__fish_complete_path (string replace -r '^-[^=]*=' '' -- $cur)) :4
    end
    # An entry named like a flag can only be meant behind `--`.
    test -n "$dashes"; or string match -q -- '-*' $cur; or set found (string match -rv '^\w*\t-' -- $found)
    # Other names of commands are for those who type them.
    test -n "$cur"; or set found (string match -rv '^alias\t' -- $found)
    set -q found[2]; or return
    set found (string match -rv '[^\P{Cc}\t]' -- $found[..-2])
    # fish has no headings: where a list has several groups, each description begins with its own.
    set -l group (string replace -r '\t.*' '' -- $found[1])
    if string match -qrv "^$group\t" -- $found
        set found (string replace -r '^(\w+)(\t[^\t]*)$' '$1$2\t$1' -- $found | string replace -r '^(\w+)(\t[^\t]*\t)(?!\1$)' '$1$2$1: ')
    end
    printf '%s\n' "$flag"(string replace -r '^\w*\t' '' -- $found)
end
complete -c kcx -f -k -a '(__kcx_candidates (commandline -ct))'

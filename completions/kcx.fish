# fish completion for kcx: kcx completions fish > ~/.config/fish/completions/kcx.fish
#
# Names in a kubeconfig are other people's text: fish quotes what it inserts, and nothing here evaluates them.

# Prints what may stand for the word at the cursor, one a line, behind a tab what it is; fish picks those that fit.
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
    set -l found (command $kcx __complete $before $known 2>/dev/null)
    # The last line is cobra's: :0 if files fit too.
    if test "$found[-1]" = :0
        set found (__fish_complete_path (string replace -r '^-[^=]*=' '' -- $cur)) :4
    end
    # An entry named like a flag can only be meant behind `--`.
    test -n "$dashes"; or string match -q -- '-*' $cur; or set found (string match -v -- '-*' $found)
    set -q found[2]; and printf '%s\n' "$flag"$found[..-2] | string match -rv '[^\P{Cc}\t]'
end
complete -c kcx -f -a '(__kcx_candidates (commandline -ct))'

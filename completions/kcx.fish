# fish completion for kcx: kcx completions fish > ~/.config/fish/completions/kcx.fish
#
# Names in a kubeconfig are other people's text: fish quotes what it inserts, and nothing here evaluates them.

# Prints names of a type. One with a line break comes as two that are none: only what kcx finds again is a name.
function __kcx_names --argument-names type
    set -l from $argv[2..]
    set -l names (command kcx get $type -o name $from 2>/dev/null | string match -rv '\p{Cc}|^$')
    set -q names[1]; and command kcx get -o name $from -- $type/$names 2>/dev/null
end

# Prints what may stand for the word at the cursor, one a line; fish picks those that fit.
function __kcx_candidates --argument-names cur
    command -q kcx; or return
    set -l words (commandline -opc) # without quotes, unexpanded, up to the word at the cursor
    set -l commands completions config ctx current demo get help init list ns prompt shell use
    set -l args
    set -l from
    set -l flag
    set -l dashes
    for word in $words[2..]
        test "$flag" = --kubeconfig
        and set from --kubeconfig=(string replace -r '^~/' "$HOME/" -- $word | string collect)
        switch "$dashes$flag$word"
            case --
                set dashes 1
            case --kubeconfig -o --output --color --lock-timeout --break-lock-after -n --namespace
                set flag $word
                continue
            case '--kubeconfig=*'
                set from $word
            case '*'
                string match -qr '^-.' -- "$dashes$flag$word"
                or set -a args $word
        end
        set flag
    end
    # Behind `--flag=` stands a word of its own, and a flag that is being typed is told by its dash.
    set -l prefix
    if test -z "$dashes"; and string match -q -- '-*' $cur
        set prefix (string match -r '^[^=]*=' -- $cur)
        set flag (string replace -r '^-[^=]*$|=.*' '' -- $cur)
        test -n "$flag"; or set flag -
    end
    set -l found
    switch "$flag:$args[1]:"(count $args)
        case '*:config:*'
            # What is half typed may be half quoted: fish compares it itself, kcx has to know a flag only.
            set found (command kcx __complete $words[2..] (string match -r '^-[^=]*=?' -- $cur; or echo) 2>/dev/null)
        case '-o:*' '--output:*'
            set found name wide json yaml :4
        case '--color:*'
            set found auto always never :4
        case '--kubeconfig:*'
            set found :0
        case '-:*'
            set found --{kubeconfig,output,quiet,color,yes,lock-timeout,break-lock,break-lock-after,help} :4
        case ':*:0'
            set found $commands (__kcx_names contexts $from) :4
        case ':use:1' ':ctx:1'
            set found (__kcx_names contexts $from) :4
        case ':get:1' ':list:1'
            set found contexts clusters users :4
        case ':get:*' ':list:*'
            set found (__kcx_names $args[2] $from) :4
        case ':help:1'
            set found $commands :4
        case ':completions:1'
            set found bash fish zsh :4
    end
    # The last line is cobra's: :0 if files fit too.
    if test "$found" = :0
        set found (__fish_complete_path (string replace -r '^-[^=]*=' '' -- $cur)) :4
    end
    # An entry named like a flag can only be meant behind `--`.
    test -n "$dashes"; or string match -q -- '-*' $cur; or set found (string match -v -- '-*' $found)
    set -q found[2]; and printf '%s\n' "$prefix"$found[..-2] | string match -rv '[^\P{Cc}\t]'
end
complete -c kcx -f -a '(__kcx_candidates (commandline -ct))'

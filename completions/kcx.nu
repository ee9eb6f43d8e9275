# Nushell completion for kcx: `kcx completions nushell | save -f ~/.kcx-completions.nu` once, and
# `source ~/.kcx-completions.nu` in config.nu.
#
# Names in a kubeconfig are other people's text: they are quoted where Nushell would read more than a word in them.

# What may stand for the last of these words, as kcx answers in cobra's protocol.
def __kcx_complete [spans: list<string>] {
    let kcx = ($env.__kcx_bin? | default "kcx")
    let plain = ($spans | each {|word| if ($word =~ '^".*"$|^`.*`$') or ($word =~ "^'.*'$") { $word | str substring 1..-2 } else { $word | str trim --left --char '`' } })
    let typed = ($plain | last)
    let before = if ($plain | first) in [kubectx kubens] { ["__as" ...$plain] } else { $plain | skip 1 }
    let dashes = ("--" in ($plain | drop 1))
    let flag = if not $dashes and ($typed =~ '^-[^=]*=') { ($typed | split row "=" | first) + "=" } else { "" }
    let found = (run-external $kcx "__complete" ...$before | complete | get stdout | lines)
    # The last line is cobra's: with null Nushell completes file names.
    if ($found | last) == ":0" { return null }
    $found | drop 1 | where {|line| not ($line starts-with "-") or ($typed starts-with "-") or $dashes } | each {|line|
        let parts = ($line | split column --number 2 "\t" name what | first)
        let text = $flag + $parts.name
        let plain = ($text =~ '^[\w./:=@+%-]+$')
        let value = if $plain { $text } else if ($text has "`") { $text | to json } else { "`" + $text + "`" }
        {value: $value, description: ($parts.what? | default "")}
    }
}

# The same for a command of the hook, which Nushell tells of the whole line.
def __kcx_complete_alias [line: string] {
    __kcx_complete ($line | split row " ")
}

$env.config = ($env.config | upsert completions.external {|config|
    let before = $config.completions?.external?.completer?
    {
        enable: true
        max_results: ($config.completions?.external?.max_results? | default 100)
        completer: {|spans|
            if ($spans | first) in [kcx kubectx kubens] {
                __kcx_complete $spans
            } else if $before != null {
                do $before $spans
            }
        }
    }
})

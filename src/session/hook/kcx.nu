# kcx's hook for Nushell: a context of its own for each shell, and the context in the prompt.
# This file is saved once; each shell that sources it asks kcx for a session of its own.

export-env {
    # A number is no value of KUBECONFIG: the first prompt asks.
    load-env {__kcx_mine: "", __kcx_list: 0, __kcx_times: [], __kcx_watch: [], KCX_PROMPT: ""}
    let answer = (run-external $env.__kcx_bin __session nushell $nu.pid | complete)
    if $answer.exit_code == 0 {
        load-env ($answer.stdout | from json)
        $env.__kcx_mine = $env.KCX_SESSION
    }
    # Looks, by the times of files, whether anything has changed since the prompt was made.
    let look = {||
        let times = ($env.__kcx_watch | each {|file| try { ls -D $file | get 0.modified } catch { null } })
        let list = ($env.KUBECONFIG? | default "")
        if $env.__kcx_list != $list or $times != $env.__kcx_times {
            let seen = (run-external $env.__kcx_bin __sync nushell "" $"($nu.pid)" $env.__kcx_mine | complete)
            if ($seen.stderr | is-not-empty) { print -e -n $seen.stderr }
            # It may answer, and report an error beside.
            if ($seen.stdout | is-not-empty) {
                let seen = ($seen.stdout | from json)
                $env.KCX_PROMPT = $seen.prompt
                $env.__kcx_list = $seen.list
                $env.__kcx_watch = $seen.watch
                $env.__kcx_times = ($seen.watch | each {|file| try { ls -D $file | get 0.modified } catch { null } })
                if $seen.exports { $env.KUBECONFIG = $seen.list }
                if $seen.session != "" {
                    $env.__kcx_mine = $seen.session
                    $env.KCX_SESSION = $seen.session
                }
            } else {
                # The next change asks again.
                $env.KCX_PROMPT = "kcx?"
                $env.__kcx_list = $list
                $env.__kcx_times = $times
            }
        }
    }
    $env.config = ($env.config | upsert hooks.pre_prompt (($env.config.hooks.pre_prompt? | default []) ++ [$look]))
    # starship and oh-my-posh draw prompts of their own, with what their settings say.
    let drawn = ($env.STARSHIP_SHELL? == "nu" or $env.POSH_SHELL? == "nu")
    if $env.__kcx_show != "" and $nu.is-interactive and not $drawn {
        let before = $env.PROMPT_COMMAND?
        $env.PROMPT_COMMAND = {||
            let rest = if $before == null { "" } else if ($before | describe) == "closure" { do $before } else { $before }
            if $env.KCX_PROMPT == "" { $rest } else { $"($env.KCX_PROMPT) ($rest)" }
        }
    }
}

# kcx's hook for Nushell: a context of its own for each shell, and the context in the prompt.
# This file is saved once; each shell that sources it asks kcx for a session of its own.

export-env {
    # A number is no value of KUBECONFIG: the first prompt asks.
    load-env {
        __kcx_mine: "", __kcx_list: 0, __kcx_times: [], __kcx_watch: [], KCX_PROMPT: "", __kcx_plain: "", __kcx_idle: 0
        __kcx_from: 0, __kcx_ran: false, __kcx_until: 0, __kcx_lifted: 0
    }
    let answer = (run-external $env.__kcx_bin __session nushell $nu.pid | complete)
    if ($answer.stderr | is-not-empty) { print -e -n $answer.stderr }
    if $answer.exit_code == 0 {
        load-env ($answer.stdout | from json)
        $env.__kcx_mine = $env.KCX_SESSION
    }
    # The time of the system with that of its sleep, which nobody sets. Elsewhere than on Linux it is that of the day.
    let now = {||
        try {
            open --raw /proc/uptime | split row " " | first | into float
        } catch {
            (date now | into int) / 1_000_000_000
        }
    }
    # Tells whether the time without a command is over.
    let is_idle = {||
        let now = (do $now)
        if $now < $env.__kcx_from { $env.__kcx_from = $now }
        $now - $env.__kcx_from >= $env.__kcx_idle
    }
    # Before a command: after the time without one, it finds no context instead of the protected one.
    let before = {||
        if $env.__kcx_idle > 0 and (commandline | str trim | is-not-empty) {
            $env.__kcx_ran = true
            if (do $is_idle) { run-external $env.__kcx_bin __idle $"($nu.pid)" }
        }
    }
    $env.config = ($env.config | upsert hooks.pre_execution (($env.config.hooks.pre_execution? | default []) ++ [$before]))
    # Looks, by the times of files, whether anything has changed since the prompt was made.
    let look = {||
        if $env.__kcx_idle > 0 and not $env.__kcx_ran and (do $is_idle) { run-external $env.__kcx_bin __idle $"($nu.pid)" }
        let times = ($env.__kcx_watch | each {|file| try { ls -D $file | get 0.modified } catch { null } })
        let list = ($env.KUBECONFIG? | default "")
        # The protection that was lifted is in force again. A clock that was set back ends a lift, too.
        let today = if $env.__kcx_until > 0 { (date now | into int) // 1_000_000_000 } else { 0 }
        let over = $env.__kcx_until > 0 and ($today >= $env.__kcx_until or $today < $env.__kcx_lifted)
        if $env.__kcx_list != $list or $times != $env.__kcx_times or $over {
            let seen = (run-external $env.__kcx_bin __sync nushell "" $"($nu.pid)" $env.__kcx_mine | complete)
            if ($seen.stderr | is-not-empty) { print -e -n $seen.stderr }
            # It may answer, and report an error beside.
            if ($seen.stdout | is-not-empty) {
                let seen = ($seen.stdout | from json)
                $env.KCX_PROMPT = $seen.prompt
                $env.__kcx_list = $seen.list
                $env.__kcx_watch = $seen.watch
                $env.__kcx_times = ($seen.watch | each {|file| try { ls -D $file | get 0.modified } catch { null } })
                $env.__kcx_plain = $seen.plain
                $env.__kcx_idle = ($seen.idle | default 0)
                $env.__kcx_lifted = ((date now | into int) // 1_000_000_000)
                $env.__kcx_until = if $seen.left == null { 0 } else { $env.__kcx_lifted + $seen.left }
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
                load-env {__kcx_plain: "", __kcx_idle: 0, __kcx_until: 0}
            }
        }
        # The time without a command begins with the prompt after one.
        if $env.__kcx_idle == 0 {
            $env.__kcx_from = 0
        } else if $env.__kcx_ran or $env.__kcx_from == 0 {
            $env.__kcx_from = (do $now)
        }
        $env.__kcx_ran = false
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

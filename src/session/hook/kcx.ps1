# kcx's hook for PowerShell, from 5.1 on: a context of its own for each shell, and the context in the prompt.
# Starts a process only when a kubeconfig has changed.

function global:__kcx_times {
    $times = foreach ($file in $global:__kcx_watch) { [IO.File]::GetLastWriteTimeUtc($file).Ticks }
    $times -join ' '
}

# Looks, by the times of files, whether anything has changed since the prompt was made.
function global:__kcx_look {
    $times = __kcx_times
    # The protection that was lifted is in force again. A clock that was set back ends a lift, too.
    $now = [DateTime]::UtcNow
    $over = $global:__kcx_left -and ($now -ge $global:__kcx_lifted.AddSeconds($global:__kcx_left) -or $now -lt $global:__kcx_lifted)
    if ($over -or $env:KUBECONFIG -cne $global:__kcx_list -or $times -cne $global:__kcx_seen) {
        # `Set-StrictMode` makes an error of a variable that is not set yet.
        $exit = Get-Variable -Name LASTEXITCODE -Scope Global -ValueOnly -ErrorAction Ignore
        # A profile that makes errors of exit codes does not end the prompt.
        $PSNativeCommandUseErrorActionPreference = $false
        # Before 7.3, an empty argument would be left out. In quotes, `[` in the path is no pattern of files.
        $answer = (& $global:__kcx_bin __sync powershell - $PID "$global:__kcx_mine") -join "`n"
        if ($answer) {
            Invoke-Expression $answer
        } else {
            # The next change asks again.
            $global:KCX_PROMPT = 'kcx?'
            $global:__kcx_list = $env:KUBECONFIG
            $global:__kcx_left = ''
        }
        $global:__kcx_lifted = $now
        $global:LASTEXITCODE = $exit
        $global:__kcx_seen = __kcx_times
    }
}

$global:KCX_PROMPT = ''
# A number is no value of KUBECONFIG: the first prompt asks.
$global:__kcx_list = 0
$global:__kcx_seen = $null
$global:__kcx_left = ''
$global:__kcx_watch = @()
$global:__kcx_mine = ''
if ($global:__kcx_new) {
    if ("$PID" -ne $global:__kcx_owner) { [IO.File]::WriteAllText("$($global:__kcx_new)/shell", "$PID`n") }
    $global:__kcx_mine = $global:__kcx_new
    $env:KCX_SESSION = $global:__kcx_new
    $env:KUBECONFIG = $global:__kcx_new_list
    # What other tools left in the overlay is moved to the user's file, then the overlay goes.
    $null = Register-EngineEvent -SourceIdentifier PowerShell.Exiting -SupportEvent -Action {
        & $global:__kcx_bin __leave "$global:__kcx_mine"
    }
}
if ($global:__kcx_show -and -not (Get-Variable -Name __kcx_prompt -Scope Global -ValueOnly -ErrorAction Ignore)) {
    $global:__kcx_prompt = $function:prompt
    function global:prompt {
        $succeeded = $?
        __kcx_look
        # starship and oh-my-posh draw prompts of their own, with what their settings say.
        $drawn = 'pwsh', 'powershell' -contains $env:STARSHIP_SHELL -or $env:POSH_SHELL -eq 'pwsh'
        $before = if ($global:KCX_PROMPT -and -not $drawn) { "$($global:KCX_PROMPT) " } else { '' }
        # The prompt that was there may show whether the command before it succeeded.
        if ($succeeded) { $null = $true } else { Write-Error -Message 'failed' -ErrorAction Ignore }
        $rest = & $global:__kcx_prompt
        "$before$rest"
    }
}

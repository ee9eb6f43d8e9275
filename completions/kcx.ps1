# PowerShell completion for kcx: put `kcx completions powershell | Out-String | Invoke-Expression` into $PROFILE.
#
# Names in a kubeconfig are other people's text: they are quoted where PowerShell would read more than a word in them.

$global:__kcx_completer = {
    param($typed, $line, $cursor)
    # Each word as PowerShell reads it, up to the cursor.
    $words = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor -or
            ($_.Extent.EndOffset -eq $cursor -and $typed -eq '') } | ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { "$_" } })
    $program = [IO.Path]::GetFileNameWithoutExtension($words[0])
    $before = @($words | Select-Object -Skip 1)
    $dashes = $before -contains '--'
    if ($program -in 'kubectx', 'kubens') { $before = @('__as', $program) + $before }
    $typed = $typed -replace "^['""]|['""]$", ''
    $flag = ''
    if (-not $dashes -and $typed -match '^(-[^=]*=)') { $flag = $Matches[1] }
    $kcx = if ($global:__kcx_bin) { $global:__kcx_bin } else { 'kcx' }
    # Before 7.3 PowerShell loses an empty word on the way to a program; a quoted one arrives.
    $last = if ($typed -eq '' -and $PSVersionTable.PSVersion -lt [Version]'7.3') { '""' } else { $typed }
    $exit = $global:LASTEXITCODE
    $found = @(& $kcx __complete @before $last 2>$null)
    $global:LASTEXITCODE = $exit
    # The last line is cobra's: with nothing offered PowerShell completes file names, as :0 asks for.
    foreach ($candidate in ($found | Select-Object -SkipLast 1)) {
        $name, $what = $candidate -split "`t", 2
        # An entry named like a flag can only be meant behind `--`.
        if ($name -like '-*' -and $typed -notlike '-*' -and -not $dashes) { continue }
        $text = "$flag$name"
        if ($text -notmatch '^[\w./:=+%-]+$') { $text = "'" + ($text -replace "['\u2018-\u201b]", '$0$0') + "'" }
        $what = if ($what) { $what } else { $name }
        [System.Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $what)
    }
}
Register-ArgumentCompleter -Native -CommandName kcx -ScriptBlock $global:__kcx_completer

# PowerShell completion for kcx: put `kcx completions powershell | Out-String | Invoke-Expression` into $PROFILE.
#
# Names in a kubeconfig are other people's text: they are quoted where PowerShell would read more than a word in them.

$global:__kcx_completer = {
    param($typed, $line, $cursor)
    # A profile that makes errors terminate, or makes them of exit codes, does not end the completion.
    $ErrorActionPreference = 'Continue'
    $PSNativeCommandUseErrorActionPreference = $false
    # Windows PowerShell, and PowerShell before 7.3, pass a word to a program without escaping the `"` in it.
    $legacy = $PSVersionTable.PSVersion -lt [Version]'7.3' -or "$PSNativeCommandArgumentPassing" -eq 'Legacy'
    # Each word as PowerShell reads it, up to the cursor.
    $words = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor -or
            ($_.Extent.EndOffset -eq $cursor -and $typed -eq '') } | ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { "$_" } })
    $program = [IO.Path]::GetFileNameWithoutExtension($words[0])
    $before = @($words | Select-Object -Skip 1)
    $dashes = $before -contains '--'
    if ($program -in 'kubectx', 'kubens') { $before = @('__as', $program) + $before }
    # What is typed may be a string that is not closed yet. PowerShell takes typographic quotes for quotes, too.
    $single = "['\u2018-\u201b]"
    $double = "[""\u201c-\u201e]"
    if ($typed -match "^$single") { $typed = $typed.Substring(1) -replace "($single)$single|$single\z", '$1' }
    elseif ($typed -match "^$double") { $typed = $typed.Substring(1) -replace "($double)$double|$double\z", '$1' }
    $flag = ''
    if (-not $dashes -and $typed -match '^(-[^=]*=)') { $flag = $Matches[1] }
    $kcx = Get-Variable -Name __kcx_bin -Scope Global -ValueOnly -ErrorAction Ignore
    if (-not $kcx) { $kcx = 'kcx' }
    # Such a PowerShell loses an empty word on the way to a program; a quoted one arrives.
    $last = if ($typed -eq '' -and $legacy) { '""' } else { $typed }
    $exit = Get-Variable -Name LASTEXITCODE -Scope Global -ValueOnly -ErrorAction Ignore
    # kcx writes UTF-8. Windows PowerShell reads the code page of the console.
    $found = @()
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)
        # In quotes, `*` in the word is no pattern of files.
        $found = @(& $kcx __complete @before "$last" 2>$null)
    } finally {
        [Console]::OutputEncoding = $encoding
        $global:LASTEXITCODE = $exit
    }
    # The last line is cobra's: with nothing offered PowerShell completes file names, as :0 asks for.
    foreach ($candidate in ($found | Select-Object -SkipLast 1)) {
        $name, $what = $candidate -split "`t", 2
        # An entry named like a flag can only be meant behind `--`.
        if ($name -like '-*' -and $typed -notlike '-*' -and -not $dashes) { continue }
        $text = "$flag$name"
        # Other words may be a number, an operator, `--%`, or in two parts as `-n=a.b`.
        if ($text -notmatch '^(--?[a-z-]+=?|(--[a-z-]+=)?[\p{L}_/][\w./:=+%-]*)\z') {
            if ($legacy) { $text = $text -replace '(\\*)"', '$1$1\"' }
            $text = "'" + ($text -replace $single, '$0$0') + "'"
        }
        $what = if ($what) { $what } else { $name }
        [System.Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $what)
    }
}
Register-ArgumentCompleter -Native -CommandName kcx -ScriptBlock $global:__kcx_completer

# Tells whether a program can run without a question of kcx, which it would put before a write in a protected context.
def __kcx_is_plain [words: list<string>]: nothing -> bool {
    if ($words | first 1 | any {|word| $word | str starts-with "__complete" }) { return true }
    let plain = ($env.__kcx_plain? | default "")
    if $plain == "" or $env.__kcx_list != ($env.KUBECONFIG? | default "") { return false }
    let times = ($env.__kcx_watch | each {|file| try { ls -D $file | get 0.modified } catch { null } })
    if $times != $env.__kcx_times { return false }
    $plain == "all" or not ($words | any {|word| $word =~ '^(-s|--context|--cluster|--user|--server|--kube)' })
}

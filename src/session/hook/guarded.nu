def --wrapped NAME [...words] {
    if (__kcx_is_plain $words) { run-external NAME ...$words } else { run-external $env.__kcx_bin __guard NAME ...$words }
}

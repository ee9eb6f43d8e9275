# NAME looks at one kubeconfig alone, so it gets the user's own ones, past the overlay of this shell.
def --wrapped NAME [...words] { run-external $env.__kcx_bin exec "--global" "--" NAME ...$words }

# A namespace that kubectl sets in a session is for this shell alone: kcx writes it into the overlay.
def --wrapped kubectl [...words] {
    if ($env.KCX_SESSION? | is-not-empty) and ($words | take 2) == [config set-context] {
        run-external $env.__kcx_bin ...$words
    } else {
        run-external kubectl ...$words
    }
}

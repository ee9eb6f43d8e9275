# A namespace that kubectl sets in a session is for this shell alone: kcx writes it into the overlay.
edit:add-var kubectl~ {|@words|
  if (and (has-env KCX_SESSION) (> (count $words) 1) (eq [$words[0] $words[1]] [config set-context])) {
    (external $__kcx_bin) $@words
  } else {
    (external kubectl) $@words
  }
}

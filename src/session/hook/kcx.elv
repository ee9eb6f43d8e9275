# kcx's hook for elvish: a context of its own for each shell, and the context in the prompt.

if (not-eq $__kcx_new '') {
  if (not-eq (to-string $pid) $__kcx_owner) {
    echo $pid > $__kcx_new/shell
  }
  set-env KCX_SESSION $__kcx_new
  set-env KUBECONFIG $__kcx_new_list
  # What other tools left in the overlay is moved to the user's file, then the overlay goes. Before 0.20 there is no
  # `before-exit`: there the next shell that starts does both.
  try {
    eval &ns=(ns [&kcx=$__kcx_bin &mine=$__kcx_new]) '
      set before-exit = [$@before-exit { try { (external $kcx) __leave $mine } catch e { nop } }]
    '
  } catch e {
    nop
  }
}

# elvish has no times of files: each prompt asks kcx. Without a terminal there is no `edit:` to ask with.
try {
  eval &ns=(ns [&kcx=$__kcx_bin &mine=$__kcx_new &show=$__kcx_show]) '
    var text = ""
    var look = {
      try {
        # It may answer, and report an error beside.
        var answer = ({ try { (external $kcx) __sync elvish "" $pid $mine } catch e { nop } } | from-json)
        set text = $answer[prompt]
        if (==s $E:STARSHIP_SHELL elvish) { set-env KCX_PROMPT $text }
        if $answer[exports] { set-env KUBECONFIG $answer[list] }
        if (not-eq $answer[session] "") {
          set mine = $answer[session]
          set-env KCX_SESSION $mine
        }
      } catch e {
        set text = "kcx?"
      }
    }
    set edit:before-readline = [$@edit:before-readline $look]
    if (and (not-eq $show "") (not-eq $E:STARSHIP_SHELL elvish)) {
      var before = $edit:prompt
      set edit:prompt = {
        if (not-eq $text "") { put (styled $text)" " }
        $before
      }
    }
  '
} catch e {
  nop
}

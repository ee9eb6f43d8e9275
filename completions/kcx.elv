# elvish completion for kcx: put `eval (kcx completions elvish | slurp)` into ~/.config/elvish/rc.elv.
#
# Names in a kubeconfig are other people's text: elvish quotes what it inserts, and nothing here evaluates them.

use str

# What may stand for the last word, as kcx answers in cobra's protocol.
fn __kcx-complete {|@words|
  var before = $words[1..]
  if (has-value [kubectx kubens] $words[0]) { set before = [__as $@words] }
  var cur = $words[-1]
  var flag = ''
  if (and (str:has-prefix $cur -) (str:contains $cur =) (not (has-value $words[..-1] --))) {
    set flag = (str:split &max=2 = $cur | take 1)=
  }
  for line [((external kcx) __complete $@before 2>/dev/null | from-lines)] {
    # The last line is cobra's: :0 if files fit too.
    if (str:has-prefix $line :) {
      if (eq $line :0) { edit:complete-filename $@words }
      continue
    }
    var name @what = (str:split "\t" $line)
    # An entry named like a flag can only be meant behind `--`.
    if (and (str:has-prefix $name -) (not (str:has-prefix $cur -)) (not (has-value $words[..-1] --))) { continue }
    if (eq $what []) {
      edit:complex-candidate $flag$name
    } else {
      edit:complex-candidate &display=$name' ('$what[0]')' $flag$name
    }
  }
}
set edit:completion:arg-completer[kcx] = $__kcx-complete~

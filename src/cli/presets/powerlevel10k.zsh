# ~/.p10k.zsh; no process: the variable is the hook's, `eval "$(kcx init zsh --no-prompt)"` in ~/.zshrc keeps it out of PROMPT.
# Add `kcx` to POWERLEVEL9K_LEFT_PROMPT_ELEMENTS or POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS.
function prompt_kcx() {
  p10k segment -f cyan -c '$KCX_PROMPT' -e -t '$KCX_PROMPT'
}
# The instant prompt shows it in a shell that another one has started. In a new terminal the hook has to run first.
function instant_prompt_kcx() {
  prompt_kcx
}

# ~/.bashrc, after `eval "$(kcx init bash)"`; no process: the variable is the hook's.
PS1='${KCX_PROMPT:+$KCX_PROMPT }\w \$ '
# ~/.zshrc, after `eval "$(kcx init zsh)"`:
# setopt prompt_subst; PROMPT='${KCX_PROMPT:+$KCX_PROMPT }%~ %# '

# NAME looks at one kubeconfig alone, so it gets the user's own ones, past the overlay of this shell.
edit:add-var NAME~ {|@words| (external $__kcx_bin) exec --global -- NAME $@words }

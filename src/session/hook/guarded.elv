# Runs NAME after kcx was asked whether it would write in a protected context.
edit:add-var NAME~ {|@words| (external $__kcx_bin) __guard NAME $@words }

//! `kcx init` for a person: the line, the file, and writing it.

use crate::common::{Sandbox, THREE};

fn sandbox(shell: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(THREE);
    sandbox.env.shell = Some(shell.into());
    sandbox
}

#[test]
fn the_shell_is_that_of_the_user_by_default() {
    let text = sandbox("/usr/bin/fish").run("init --no-completions").0;
    assert!(text.starts_with("set -g __kcx_bin"), "{text}");
    sandbox("/bin/csh").run("init").shows(
        r"
--- stderr
error: which shell? SHELL is `/bin/csh`, which has no hook
hint: name it: `kcx init bash`, elvish, fish, nushell, powershell or zsh
--- exit 2
no file changed
",
    );
    Sandbox::with(THREE).run("init").shows(
        r"
--- stderr
error: which shell? SHELL is not set
hint: name it: `kcx init bash`, elvish, fish, nushell, powershell or zsh
--- exit 2
no file changed
",
    );
}

#[test]
fn a_terminal_gets_the_line_and_not_the_hook() {
    let mut sandbox = sandbox("/bin/bash");
    sandbox.env.stdout_is_terminal = true;
    sandbox.run("init").shows(
        r#"
This line in @DIR@/.bashrc gives each new shell its own context and namespace:

  eval "$(kcx init bash)"

The prompt shows them, and TAB completes their names. `kcx init bash --install` writes it.
--- stderr
--- exit 0
no file changed
"#,
    );
    sandbox.run("init nu").shows(
        r"
This line in config.nu gives each new shell its own context and namespace:

  kcx init nushell | save -f ~/.kcx.nu; source ~/.kcx.nu

The prompt shows them, and TAB completes their names.
--- stderr
--- exit 0
no file changed
",
    );
    let sandbox = sandbox.file(".bashrc", "eval \"$(kcx init bash --no-prompt)\"\n");
    sandbox.run("init").shows(
        r#"
This line in @DIR@/.bashrc gives each new shell its own context and namespace:

  eval "$(kcx init bash)"

The prompt shows them, and TAB completes their names. `kcx init bash --install` writes it.
--- stderr
`@DIR@/.bashrc` has such a line already
--- exit 0
no file changed
"#,
    );
}

#[test]
fn install_replaces_a_line_whose_program_does_not_exist() {
    let sandbox = sandbox("/bin/bash")
        .file(".bashrc", "PS1='$ '\neval \"$('/gone/my tools/kcx' init bash)\"\nset -h\n");
    sandbox.run("init --install").shows(
        r#"
--- @DIR@/.bashrc
+++ @DIR@/.bashrc
@@ -2 +2 @@
-eval "$('/gone/my tools/kcx' init bash)"
+eval "$(kcx init bash)"
--- stderr
replaced line 2 of `@DIR@/.bashrc`, whose program does not exist: the new one takes effect in new shells; `kcx undo` reverts this
--- exit 0
--- .bashrc
-eval "$('/gone/my tools/kcx' init bash)"
+eval "$(kcx init bash)"
"#,
    );
}

#[test]
fn install_writes_the_line_once() {
    let sandbox = sandbox("/bin/bash").file(".bashrc", "# kcx init bash\nPS1='$ '");
    sandbox.run("init --install --dry-run").shows(
        r#"
--- @DIR@/.bashrc
+++ @DIR@/.bashrc
@@ -2,0 +3 @@
+eval "$(kcx init bash)"
--- stderr
dry run, nothing was written
--- exit 0
no file changed
"#,
    );
    sandbox.run("init --install --no-prompt --alias kubectx,kubens").shows(
        r#"
--- @DIR@/.bashrc
+++ @DIR@/.bashrc
@@ -2,0 +3 @@
+eval "$(kcx init bash --no-prompt --alias kubectx,kubens)"
--- stderr
added the line to `@DIR@/.bashrc`: it takes effect in new shells; `kcx undo` removes it
--- exit 0
--- .bashrc
-PS1='$ '
+PS1='$ '
+eval "$(kcx init bash --no-prompt --alias kubectx,kubens)"
"#,
    );
    sandbox.run("init --install").shows(
        r"
--- stderr
`@DIR@/.bashrc` has such a line already; nothing to do
--- exit 0
no file changed
",
    );
    sandbox.run("undo").shows(
        r#"
--- stderr
undid change 1 (`kcx init`, just now), which wrote the file
--- exit 0
--- .bashrc
-PS1='$ '
-eval "$(kcx init bash --no-prompt --alias kubectx,kubens)"
+PS1='$ '
"#,
    );
}

#[test]
fn install_makes_a_file_that_does_not_exist() {
    let mut sandbox = sandbox("/bin/zsh");
    sandbox.env.zsh_folder = Some(sandbox.path().join("zsh"));
    sandbox.run("init --install").shows(
        r#"
--- @DIR@/zsh/.zshrc
+++ @DIR@/zsh/.zshrc
@@ -0,0 +1 @@
+eval "$(kcx init zsh)"
--- stderr
added the line to `@DIR@/zsh/.zshrc`: it takes effect in new shells; `kcx undo` removes it
--- exit 0
--- zsh/.zshrc
+eval "$(kcx init zsh)"
"#,
    );
    sandbox.env.program = Some("/opt/it's/kcx".into());
    sandbox.run("init fish --install").shows(
        r"
--- @DIR@/.config/fish/config.fish
+++ @DIR@/.config/fish/config.fish
@@ -0,0 +1 @@
+'/opt/it\'s/kcx' init fish | source
--- stderr
added the line to `@DIR@/.config/fish/config.fish`: it takes effect in new shells; `kcx undo` removes it
--- exit 0
--- .config/fish/config.fish
+'/opt/it\'s/kcx' init fish | source
",
    );
    sandbox.run("init nushell --install").shows(
        r#"
--- stderr
error: kcx does not know where nushell has its start-up file
hint: put `^"/opt/it's/kcx" init nushell | save -f ~/.kcx.nu; source ~/.kcx.nu` into config.nu
--- exit 1
no file changed
"#,
    );
}

#[test]
fn the_first_switch_of_all_shells_says_that_there_is_a_hook() {
    let mut sandbox = Sandbox::with(THREE);
    let tip = "this switched all shells; `kcx init`";
    assert!(!sandbox.run("use prod-eu1").0.contains(tip));
    sandbox.env.stdout_is_terminal = true;
    sandbox.env.stderr_is_terminal = true;
    assert!(!sandbox.run("use dev --global").0.contains(tip));
    assert!(!sandbox.run("use prod-eu1 -q").0.contains(tip));
    assert!(sandbox.run("use dev").0.contains(tip));
    assert!(!sandbox.run("use prod-eu1").0.contains(tip));
}

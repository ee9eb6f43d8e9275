//! Shell functions for programs that are to run with the user's own kubeconfigs, past the session of the shell.

use super::Shell;

/// True for a name that is one word and no flag in every shell.
#[must_use]
pub fn is_program(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.bytes().all(plain)
}

impl Shell {
    /// A function of this name that has kcx run the program: `kcx exec --global`. Where the user has an alias or a function of
    /// that name already, there is none, as far as a shell can tell. Nor is there one in PowerShell, whose functions do not
    /// receive `--`.
    #[must_use]
    pub(super) fn own(self, name: &str) -> String {
        let script = match self {
            Shell::Bash => include_str!("own.bash"),
            Shell::Elvish => include_str!("own.elv"),
            Shell::Fish => include_str!("own.fish"),
            Shell::Nushell => include_str!("own.nu"),
            Shell::Powershell => "",
            Shell::Zsh => include_str!("own.zsh"),
        };
        if is_program(name) { script.replace("NAME", name) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_become_functions() {
        assert!(
            Shell::Bash.own("k3d").contains("k3d() { command \"$__kcx_bin\" exec --global -- k3d \"$@\"; }")
        );
        for name in ["", "-k", "a b", "a;b", "a'b", "ä"] {
            assert!(!is_program(name) && Shell::Bash.own(name).is_empty(), "{name}");
        }
    }
}

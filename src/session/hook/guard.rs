//! Shell functions for `kubectl` and `helm` that have kcx ask before a write in a protected context.

use super::Shell;

/// The programs that are guarded.
const PROGRAMS: [&str; 2] = ["kubectl", "helm"];

impl Shell {
    /// Whether it can have a guard. A function of PowerShell does not receive `--`, so `kubectl exec POD -- CMD` would fail.
    #[must_use]
    pub fn has_guard(self) -> bool {
        self != Shell::Powershell
    }

    /// The functions. That of kubectl is the one that sets a namespace for this shell alone: there is one function, not two.
    /// Where the user has an alias or a function of that name, there is none, and the shell says so, as far as it can tell.
    pub(super) fn guard(self) -> String {
        let (common, each, missing) = match self {
            Shell::Bash => {
                (include_str!("guard.bash"), include_str!("guarded.bash"), include_str!("unguarded.bash"))
            }
            Shell::Elvish => ("", include_str!("guarded.elv"), ""),
            Shell::Fish => {
                (include_str!("guard.fish"), include_str!("guarded.fish"), include_str!("unguarded.fish"))
            }
            Shell::Nushell => (include_str!("guard.nu"), include_str!("guarded.nu"), ""),
            Shell::Powershell => return String::new(),
            Shell::Zsh => {
                (include_str!("guard.zsh"), include_str!("guarded.zsh"), include_str!("unguarded.zsh"))
            }
        };
        let kubectl = self.kubectl().replace(self.runs_kubectl(), &self.guards_kubectl());
        let mut text = common.to_owned() + &kubectl;
        text += &each.replace("NAME", "helm");
        for program in PROGRAMS {
            text += &missing.replace("NAME", program);
        }
        text
    }

    /// How the function of [`Shell::kubectl`] runs kubectl.
    fn runs_kubectl(self) -> &'static str {
        match self {
            Shell::Bash | Shell::Zsh => "command kubectl \"$@\"",
            Shell::Elvish => "(external kubectl) $@words",
            Shell::Fish => "command kubectl $argv",
            Shell::Nushell => "run-external kubectl ...$words",
            Shell::Powershell => "",
        }
    }

    /// How it runs it with the guard.
    fn guards_kubectl(self) -> String {
        match self {
            Shell::Bash | Shell::Zsh => "__kcx_guard kubectl \"$@\"".to_owned(),
            Shell::Elvish => "(external $__kcx_bin) __guard kubectl $@words".to_owned(),
            Shell::Fish => "__kcx_guard kubectl $argv".to_owned(),
            Shell::Nushell => {
                let asks = "run-external $env.__kcx_bin __guard kubectl ...$words";
                format!("if (__kcx_is_plain $words) {{ {} }} else {{ {asks} }}", self.runs_kubectl())
            }
            Shell::Powershell => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubectl_has_one_function_that_is_guarded() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::Nushell, Shell::Zsh] {
            assert!(shell.kubectl().contains(shell.runs_kubectl()), "{}", shell.name());
            let text = shell.guard();
            assert!(text.contains(&shell.guards_kubectl()), "{text}");
            assert!(!text.contains("NAME") && text.contains("set-context"), "{text}");
        }
        assert!(!Shell::Powershell.has_guard() && Shell::Powershell.guard().is_empty());
    }
}

//! The text that a shell evaluates: assignments of data, then the hook's script from `hook/`, unchanged.
//!
//! Names and paths reach a shell only through [`Shell::quote`]. The scripts are ordinary files of their languages, so that
//! linters can check them; they share only the names of the assigned variables with this file.

mod guard;
mod own;
mod prompt_update;

pub use own::is_program;
pub use prompt_update::{Plain, PromptUpdate};

use super::Session;
use crate::env::Env;
use crate::printer::quote;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A shell that has a hook.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash, from 3.2 on.
    Bash,
    /// elvish.
    Elvish,
    /// fish, from 3.5 on.
    Fish,
    /// Nushell.
    #[value(alias = "nu")]
    Nushell,
    /// PowerShell, from 5.1 on.
    #[value(alias = "pwsh")]
    Powershell,
    /// zsh.
    Zsh,
}

/// The data for the hook of a new shell.
#[derive(Debug)]
pub struct HookData<'f> {
    /// The path of kcx.
    pub program: &'f str,
    /// The session of the shell; `None` if no folder for it could be created.
    pub session: Option<&'f Session>,
    /// The id of the process that the session was created for.
    pub owner: u32,
    /// The user's own files.
    pub files: &'f [PathBuf],
    /// Whether the hook shows the context in the prompt.
    pub prompt: bool,
    /// Whether the hook defines a function `kubectl`: see `Shell::kubectl`.
    pub kubectl: bool,
    /// Whether `kubectl` and `helm` ask kcx before they write in a protected context.
    pub guard: bool,
    /// Names of other programs that are to run kcx instead.
    pub aliases: &'f [String],
    /// Names of programs that are to run with the user's own files.
    pub own: &'f [String],
    /// The completion script, which is evaluated too; may be empty.
    pub completions: &'f str,
}

impl Shell {
    /// The shell's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Elvish => "elvish",
            Shell::Fish => "fish",
            Shell::Nushell => "nushell",
            Shell::Powershell => "powershell",
            Shell::Zsh => "zsh",
        }
    }

    /// The shell with this name or path.
    #[must_use]
    pub fn of(path: &Path) -> Option<Shell> {
        match path.file_stem()?.to_str()? {
            "bash" => Some(Shell::Bash),
            "elvish" => Some(Shell::Elvish),
            "fish" => Some(Shell::Fish),
            "nu" => Some(Shell::Nushell),
            "pwsh" | "powershell" => Some(Shell::Powershell),
            "zsh" => Some(Shell::Zsh),
            _ => None,
        }
    }

    /// The shell of the user, if it has a hook: that of `SHELL`. Windows sets no `SHELL`: there it is PowerShell.
    #[must_use]
    pub fn of_user(env: &Env) -> Option<Shell> {
        match &env.shell {
            Some(shell) => Shell::of(Path::new(shell)),
            None => cfg!(windows).then_some(Shell::Powershell),
        }
    }

    /// The line that enables the hook, and the configuration file it goes into.
    #[must_use]
    pub fn setup(self) -> (&'static str, &'static str) {
        match self {
            Shell::Bash => ("eval \"$(kcx init bash)\"", "~/.bashrc"),
            Shell::Elvish => ("eval (kcx init elvish | slurp)", "~/.config/elvish/rc.elv"),
            Shell::Fish => ("kcx init fish | source", "~/.config/fish/config.fish"),
            Shell::Nushell => ("kcx init nushell | save -f ~/.kcx.nu; source ~/.kcx.nu", "config.nu"),
            Shell::Powershell => ("kcx init powershell | Out-String | Invoke-Expression", "$PROFILE"),
            Shell::Zsh => ("eval \"$(kcx init zsh)\"", "~/.zshrc"),
        }
    }

    fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("hook/kcx.bash"),
            Shell::Elvish => include_str!("hook/kcx.elv"),
            Shell::Fish => include_str!("hook/kcx.fish"),
            Shell::Nushell => include_str!("hook/kcx.nu"),
            Shell::Powershell => include_str!("hook/kcx.ps1"),
            Shell::Zsh => include_str!("hook/kcx.zsh"),
        }
    }

    /// Quotes any text as one word of this shell.
    ///
    /// ```
    /// use kcx::session::hook::Shell;
    /// assert_eq!(Shell::Bash.quote("it's $HOME"), r"'it'\''s $HOME'");
    /// assert_eq!(Shell::Fish.quote(r"it's \"), r"'it\'s \\'");
    /// assert_eq!(Shell::Powershell.quote("it's $HOME"), "'it''s $HOME'");
    /// assert_eq!(Shell::Powershell.quote("it’s $HOME"), "\"it$([char]0x2019)s `$HOME\"");
    /// assert_eq!(Shell::Nushell.quote("a\"b\n"), r#""a\"b\n""#);
    /// ```
    #[must_use]
    pub fn quote(self, text: &str) -> String {
        match self {
            Shell::Bash | Shell::Zsh => format!("'{}'", text.replace('\'', r"'\''")),
            Shell::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
            Shell::Elvish => format!("'{}'", text.replace('\'', "''")),
            Shell::Powershell => powershell(text),
            Shell::Nushell => serde_json::Value::from(text).to_string(),
        }
    }

    fn assign(self, name: &str, value: &str) -> String {
        match self {
            Shell::Bash | Shell::Zsh => format!("{name}={}\n", self.quote(value)),
            Shell::Fish => format!("set -g {name} {}\n", self.quote(value)),
            Shell::Elvish => format!("var {name} = {}\n", self.quote(value)),
            Shell::Powershell => format!("$global:{name} = {}\n", self.quote(value)),
            Shell::Nushell => format!("$env.{name} = {}\n", self.quote(value)),
        }
    }

    fn assign_list(self, name: &str, values: &[String]) -> String {
        let words: Vec<String> = values.iter().map(|value| self.quote(value)).collect();
        match self {
            Shell::Bash | Shell::Zsh => format!("{name}=({})\n", words.join(" ")),
            Shell::Fish => format!("set -g {name} {}\n", words.join(" ")),
            Shell::Elvish => format!("var {name} = [{}]\n", words.join(" ")),
            Shell::Powershell => format!("$global:{name} = @({})\n", words.join(", ")),
            Shell::Nushell => format!("$env.{name} = [{}]\n", words.join(" ")),
        }
    }

    /// The output of `kcx init`.
    #[must_use]
    pub fn init(self, data: &HookData<'_>) -> String {
        let mut text = self.assign("__kcx_bin", data.program);
        // Nushell's script is saved to a file once, and requests a session each time it runs.
        if self != Shell::Nushell {
            text += &self.session(data);
        }
        text += &self.assign("__kcx_show", if data.prompt { "yes" } else { "" });
        text += self.script();
        let mut extra = data.completions.to_owned();
        if data.guard {
            extra += &self.guard();
        } else if data.kubectl {
            extra += self.kubectl();
        }
        for name in data.own {
            extra += &self.own(name);
        }
        for alias in data.aliases {
            extra += &self.alias(alias, !data.completions.is_empty());
        }
        if self == Shell::Zsh && !data.completions.is_empty() {
            // Without compinit there is nothing yet to register them with.
            let names = std::iter::once("kcx").chain(data.aliases.iter().map(String::as_str));
            extra += &self.assign_list("__kcx_names", &names.map(str::to_owned).collect::<Vec<_>>());
        }
        if self == Shell::Elvish && !extra.is_empty() {
            // Without a terminal, elvish has no module `edit:`, and code that names it does not compile.
            let extra = self.quote(&extra);
            return text
                + &format!("try {{ eval &ns=(ns [&__kcx_bin=$__kcx_bin]) {extra} }} catch e {{ nop }}\n");
        }
        text + &extra
    }

    /// The assignments that differ for each shell.
    #[must_use]
    pub fn session(self, data: &HookData<'_>) -> String {
        let Some(session) = data.session else {
            return self.assign("__kcx_new", "")
                + &self.assign("__kcx_new_list", "")
                + &self.assign("__kcx_owner", "");
        };
        self.assign("__kcx_new", &session.folder().to_string_lossy())
            + &self.assign("__kcx_new_list", &list(session, data.files).to_string_lossy())
            + &self.assign("__kcx_owner", &data.owner.to_string())
    }

    /// A command that exports a variable.
    #[must_use]
    pub fn export(self, name: &str, value: &str) -> String {
        let value = self.quote(value);
        match self {
            Shell::Bash | Shell::Zsh => format!("export {name}={value}\n"),
            Shell::Fish => format!("set -gx {name} {value}\n"),
            Shell::Elvish => format!("set-env {name} {value}\n"),
            Shell::Powershell => format!("$env:{name} = {value}\n"),
            Shell::Nushell => format!("$env.{name} = {value}\n"),
        }
    }

    /// What `kcx env` prints: these variables are removed, and `KUBECONFIG` is exported. Nushell evaluates no text: it gets
    /// data for `load-env`, with an empty value for a variable to remove.
    #[must_use]
    pub fn directory(self, removed: &[&str], list: &str) -> String {
        if self == Shell::Nushell {
            let removed = removed.iter().map(|name| ((*name).to_owned(), "".into()));
            let data: serde_json::Map<_, _> =
                removed.chain([("KUBECONFIG".to_owned(), list.into())]).collect();
            return format!("{}\n", serde_json::Value::Object(data));
        }
        let removed: String = removed.iter().map(|name| format!("{}\n", self.unset(name))).collect();
        removed + &self.export("KUBECONFIG", list)
    }

    /// A command that removes a variable from the environment.
    #[must_use]
    pub fn unset(self, name: &str) -> String {
        match self {
            Shell::Bash | Shell::Zsh => format!("unset {name}"),
            Shell::Fish => format!("set -e {name}"),
            Shell::Elvish => format!("unset-env {name}"),
            Shell::Powershell => format!("Remove-Item Env:{name}"),
            Shell::Nushell => format!("hide-env {name}"),
        }
    }

    /// A shell function `kubectl` that has kcx run `kubectl config set-context` in a session, and kubectl everything else.
    /// kubectl writes a namespace where the entry of the context is, which is a file of all shells.
    ///
    /// Where the user has an alias or a function of that name already, there is none, as far as a shell can tell. Nor is there
    /// one in PowerShell, whose functions do not receive `--`.
    fn kubectl(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("hook/kubectl.bash"),
            Shell::Elvish => include_str!("hook/kubectl.elv"),
            Shell::Fish => include_str!("hook/kubectl.fish"),
            Shell::Nushell => include_str!("hook/kubectl.nu"),
            Shell::Powershell => "",
            Shell::Zsh => include_str!("hook/kubectl.zsh"),
        }
    }

    /// A shell function that calls kcx by another program's name, with kcx's completion if `completes`.
    fn alias(self, name: &str, completes: bool) -> String {
        let (call, complete) = match self {
            Shell::Bash => (
                format!("{name}() {{ command \"$__kcx_bin\" __as {name} \"$@\"; }}\n"),
                format!("complete -F _kcx {name}\n"),
            ),
            Shell::Elvish => (
                format!("edit:add-var {name}~ {{|@a| (external $__kcx_bin) __as {name} $@a }}\n"),
                format!("set edit:completion:arg-completer[{name}] = $edit:completion:arg-completer[kcx]\n"),
            ),
            Shell::Fish => (
                format!("function {name}; command $__kcx_bin __as {name} $argv; end\n"),
                // A package of that program may have a completion that queries the cluster. fish would load it at the
                // first TAB, after this one. So it is loaded here, with nothing to complete, and removed.
                format!(
                    "complete -C '{name} x y ' >/dev/null 2>&1\ncomplete -e -c {name}\n\
                     complete -c {name} -f -k -a '(__kcx_candidates (commandline -ct))'\n"
                ),
            ),
            Shell::Nushell => {
                let completer = if completes { ": string@__kcx_complete_alias" } else { "" };
                let call = format!("run-external $env.__kcx_bin __as {name} ...$rest");
                (format!("def --wrapped {name} [...rest{completer}] {{ {call} }}\n"), String::new())
            }
            Shell::Powershell => (
                format!("function global:{name} {{ & $global:__kcx_bin __as {name} @args }}\n"),
                format!(
                    "Register-ArgumentCompleter -Native -CommandName {name} -ScriptBlock $global:__kcx_completer\n"
                ),
            ),
            Shell::Zsh => (
                format!("{name}() {{ command \"$__kcx_bin\" __as {name} \"$@\"; }}\n"),
                format!("if (( ${{+functions[compdef]}} )); then compdef _kcx {name}; fi\n"),
            ),
        };
        if completes { call + &complete } else { call }
    }
}

/// Quotes a text as a string of PowerShell that contains printable ASCII only: Windows PowerShell reads the output of a program
/// in the code page of the console, and changes line ends.
fn powershell(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return quote::powershell(text);
    }
    let mut out = "\"".to_owned();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'$' | b'`')) => out.extend(['`', char::from(byte)]),
            Ok(byte @ b' '..=b'~') => out.push(char::from(byte)),
            _ => out += &format!("$([char]{unit:#x})"),
        }
    }
    out + "\""
}

/// `KUBECONFIG` of a session: its one file if it has one, else its overlay and its guard, the user's own files, and both again, for clients in which the
/// last file wins. A path is spelled alike at its two places, or kubectl would wait for its own lock.
#[must_use]
pub fn list(session: &Session, files: &[PathBuf]) -> OsString {
    if session.has_single_file() {
        return session.single_file().into();
    }
    let (overlay, guard) = (&session.overlay(), &session.guard().to_owned());
    let all = [overlay, guard].into_iter().chain(files).chain([guard, overlay]);
    // A path that contains the separator cannot be passed in `KUBECONFIG`.
    let representable = all.filter(|path| std::env::join_paths([path]).is_ok());
    std::env::join_paths(representable).unwrap_or_default()
}

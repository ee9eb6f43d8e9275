//! Which kuberc file counts, and what kubectl says when it is bad: a warning if found by itself, the end if asked for.

use std::io;
use std::path::Path;

use super::{Kuberc, NoPreferences};

/// The preferences that count, and what to print about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The preferences; none when switched off, absent or unreadable.
    pub kuberc: Option<Kuberc>,
    /// What to print on stderr first, as it is: kubectl ends it without a line end.
    pub warning: String,
}

/// Finds and reads the kuberc: `--kuberc` among the words, else `$KUBERC` (`variable`; `off` means none), else `default`,
/// which is `~/.kube/kuberc`.
///
/// # Errors
/// The reason, to go after `error occurred while applying preferences `.
pub fn load(
    words: &[String],
    variable: Option<&str>,
    default: &str,
    read: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<Loaded, String> {
    if words.is_empty() {
        return Ok(Loaded::default());
    }
    let typed = typed_path(words)?;
    let (path, explicit) = match (typed, variable.filter(|path| !path.is_empty())) {
        (None, Some("off")) => return Ok(Loaded::default()),
        (Some(_), Some("off")) => {
            let why = "disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive";
            return Err(format!("kuberc error {why}"));
        }
        // kubectl takes `--kuberc` with the default path for none given.
        (Some(path), variable) if variable.is_none() || path != default => (path, true),
        (_, Some(path)) => (path, true),
        _ => (default, false),
    };
    let cause = match read(Path::new(path)) {
        Ok(text) => match Kuberc::parse(&text) {
            Ok((kuberc, complaint)) => {
                let warning =
                    complaint.map(|why| format!("kuberc: ignoring strict decoding error in {path}: {why}"));
                return Ok(Loaded { kuberc: Some(kuberc), warning: warning.unwrap_or_default() });
            }
            Err(why @ NoPreferences::NoneValid) => format!("{why} in {path}, use --v=5 to see details"),
            Err(why @ NoPreferences::Separator(_)) => why.to_string(),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && !explicit => return Ok(Loaded::default()),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => format!("open {path}: no such file or directory"),
            io::ErrorKind::PermissionDenied => format!("open {path}: permission denied"),
            io::ErrorKind::NotADirectory => format!("open {path}: not a directory"),
            io::ErrorKind::IsADirectory => format!("read {path}: is a directory"),
            // Not UTF-8: kubectl's YAML reader refuses it too.
            io::ErrorKind::InvalidData => {
                format!("no valid preferences found in {path}, use --v=5 to see details")
            }
            _ => format!("open {path}: {error}"),
        },
    };
    if explicit {
        return Err(format!("kuberc error kuberc: {cause}"));
    }
    Ok(Loaded { kuberc: None, warning: format!("kuberc: no preferences loaded from {path}: {cause}") })
}

/// Looks for `--kuberc` as kubectl does before it reads flags: the first one, wherever it stands before `--`.
fn typed_path(words: &[String]) -> Result<Option<&str>, String> {
    let missing = || "kuberc file is not found".to_owned();
    for (at, word) in words.iter().enumerate().take_while(|(_, word)| *word != "--") {
        if word == "--kuberc" {
            let path = words.get(at + 1).ok_or_else(missing)?;
            return Ok(Some(path.as_str()).filter(|path| !path.is_empty()));
        }
        if word.contains("--kuberc=") {
            let path = word.split('=').nth(1).filter(|path| !path.is_empty());
            return path.map(Some).ok_or_else(missing);
        }
    }
    Ok(None)
}

//! Finds and loads the kuberc file, with kubectl's messages about an invalid one: a warning for the default file, an error
//! for a file that the user named.

use crate::file::limits;
use std::io;
use std::path::{Path, PathBuf};

use super::{Kuberc, NoPreferences};
use crate::env::Env;

/// The preferences that count, and what to print about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The file, which may not exist; `None` if preferences are disabled.
    pub file: Option<PathBuf>,
    /// The preferences; none when switched off, absent or unreadable.
    pub kuberc: Option<Kuberc>,
    /// The text to print on stderr first, verbatim: kubectl prints it without a line break.
    pub warning: String,
}

/// The preferences that kubectl uses for this command line.
///
/// # Errors
/// kubectl's reason to refuse to run. The text goes after `error occurred while applying preferences `.
pub fn load(words: &[String], env: &Env) -> Result<Loaded, String> {
    if words.is_empty() || env.kuberc_disabled {
        return Ok(Loaded::default());
    }
    let (variable, default) = places(env);
    load_from(words, variable.as_deref(), &default, &|path| read(&env.cwd.join(path)))
}

/// The preferences that kubectl uses without a flag, for the plugin policy in them.
///
/// # Errors
/// As for [`load`].
pub fn own(env: &Env) -> Result<Loaded, String> {
    load(&["get".to_owned()], env)
}

/// True if the user set `KUBERC` to this file: kubectl then refuses to run without it.
#[must_use]
pub fn is_explicit(env: &Env) -> bool {
    env.kuberc.as_ref().is_some_and(|path| !path.is_empty() && path != "off")
}

/// The file that kubectl uses without a flag, which may not exist; `None` if preferences are disabled.
#[must_use]
pub fn file(env: &Env) -> Option<PathBuf> {
    if env.kuberc_disabled {
        return None;
    }
    let (variable, default) = places(env);
    place(&[], variable.as_deref(), &default).ok()?.map(|(path, _)| PathBuf::from(path))
}

/// `$KUBERC`, and the file that counts without it.
fn places(env: &Env) -> (Option<String>, String) {
    let variable = env.kuberc.as_ref().map(|value| value.to_string_lossy().into_owned());
    let home = env.home.as_ref().map(|home| home.to_string_lossy().into_owned()).unwrap_or_default();
    (variable, Path::new(&home).join(".kube").join("kuberc").to_string_lossy().into_owned())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    crate::file::read(path, limits::KUBERC).map(|(bytes, _)| bytes)
}

/// Finds and reads the kuberc: `--kuberc` among the words, else `$KUBERC` (`variable`; `off` means none), else `default`,
/// which is `~/.kube/kuberc`.
pub(super) fn load_from(
    words: &[String],
    variable: Option<&str>,
    default: &str,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Result<Loaded, String> {
    let Some((path, explicit)) = place(words, variable, default)? else { return Ok(Loaded::default()) };
    let file = Some(PathBuf::from(path));
    let cause = match read(Path::new(path)) {
        Ok(text) => match Kuberc::parse(&text) {
            Ok((kuberc, complaint)) => {
                let warning =
                    complaint.map(|why| format!("kuberc: ignoring strict decoding error in {path}: {why}"));
                return Ok(Loaded { file, kuberc: Some(kuberc), warning: warning.unwrap_or_default() });
            }
            Err(why @ NoPreferences::NoneValid) => format!("{why} in {path}, use --v=5 to see details"),
            Err(why @ NoPreferences::Separator(_)) => why.to_string(),
            Err(why @ NoPreferences::Unsure { .. }) => {
                return Err(format!("kuberc error kuberc: {path}: {why}"));
            }
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && !explicit => {
            return Ok(Loaded { file, ..Loaded::default() });
        }
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => format!("open {path}: no such file or directory"),
            io::ErrorKind::PermissionDenied => format!("open {path}: permission denied"),
            io::ErrorKind::NotADirectory => format!("open {path}: not a directory"),
            io::ErrorKind::IsADirectory => format!("read {path}: is a directory"),
            // kubectl would read this file, so kcx does not know what applies.
            io::ErrorKind::FileTooLarge => {
                return Err(format!(
                    "kuberc error kuberc: {path} is larger than {} MiB",
                    limits::KUBERC >> 20
                ));
            }
            io::ErrorKind::InvalidInput => {
                return Err(format!("kuberc error kuberc: {path} is not a regular file"));
            }
            _ => format!("open {path}: {error}"),
        },
    };
    if explicit {
        return Err(format!("kuberc error kuberc: {cause}"));
    }
    Ok(Loaded { file, kuberc: None, warning: format!("kuberc: no preferences loaded from {path}: {cause}") })
}

/// The kuberc file, and whether the user named it explicitly.
fn place<'p>(
    words: &'p [String],
    variable: Option<&'p str>,
    default: &'p str,
) -> Result<Option<(&'p str, bool)>, String> {
    let typed = typed_path(words)?;
    Ok(Some(match (typed, variable.filter(|path| !path.is_empty())) {
        (None, Some("off")) => return Ok(None),
        (Some(_), Some("off")) => {
            let why = "disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive";
            return Err(format!("kuberc error {why}"));
        }
        // kubectl treats `--kuberc` with the default path like a missing flag.
        (Some(path), variable) if variable.is_none() || path != default => (path, true),
        (_, Some(path)) => (path, true),
        _ => (default, false),
    }))
}

/// Finds `--kuberc` as kubectl does before it parses flags: the first one before `--`.
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

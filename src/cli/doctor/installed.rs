//! The checks of what a kcx that was moved or removed has left where other programs look: lines, links and completions.

use super::Note;
use crate::cli::error::path;
use crate::cli::{World, completions, init_install};
use crate::env::own_program;
use crate::printer::quote;
use crate::session::hook::Shell;
use std::path::{Path, PathBuf};

/// The names under which kcx may be linked, by other tools' names and as kubectl's plugin.
const LINKS: [&str; 6] =
    ["kubectx", "kubens", "kubectl-ctx", "kubectl-ns", "kubectl-kcx", "kubectl_complete-kcx"];

const SHELLS: [Shell; 5] = [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::Powershell, Shell::Zsh];

/// Lines of start-up files that run a kcx which is not there.
pub(super) fn startup_lines(world: &World<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for shell in SHELLS {
        let Some(file) = init_install::startup_file(shell, world) else { continue };
        let text = init_install::content(&file).unwrap_or_default();
        for (at, line) in String::from_utf8_lossy(&text).lines().enumerate() {
            if !init_install::installed(shell, line.as_bytes()) {
                continue;
            }
            if let Some(program) = init_install::missing_program(line) {
                let (file, at) = (path(&file), at + 1);
                let message = format!("line {at} of {file} runs {}, which does not exist", path(&program));
                notes.push(
                    Note::warning(message)
                        .fix(format!("kcx init {} --install", shell.name()))
                        .fix(format!("# or remove line {at} of {file}")),
                );
            }
        }
    }
    notes
}

/// Links to a kcx which is not there.
pub(super) fn links(world: &World<'_>) -> Vec<Note> {
    let folders: Vec<PathBuf> =
        world.env.path.iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute()).collect();
    let mut notes = Vec::new();
    for link in folders.iter().flat_map(|folder| LINKS.map(|name| folder.join(name))) {
        let Ok(target) = link.read_link() else { continue };
        if target.file_stem().is_some_and(|stem| stem == "kcx") && !link.exists() {
            let message = format!("{} is a link to {}, which does not exist", path(&link), path(&target));
            notes.push(Note::warning(message).fix(format!("rm {}", quote::shell(&link.to_string_lossy()))));
        }
    }
    notes
}

/// The file with the completion for a shell in the user's folders, or where a package puts it beside this kcx.
pub(super) fn completion(shell: Shell, world: &World<'_>) -> Option<PathBuf> {
    let prefix = own_program().and_then(|kcx| Some(kcx.parent()?.parent()?.join("share")));
    let packaged = prefix.into_iter().flat_map(|share| {
        let vendor = (Shell::Zsh, share.join("zsh/vendor-completions/_kcx"));
        in_share(&share).into_iter().chain([vendor])
    });
    let mut files = own_completions(world).into_iter().chain(packaged);
    files.find(|(of, file)| *of == shell && file.exists()).map(|(_, file)| file)
}

fn in_share(share: &Path) -> [(Shell, PathBuf); 3] {
    [
        (Shell::Bash, share.join("bash-completion/completions/kcx")),
        (Shell::Fish, share.join("fish/vendor_completions.d/kcx.fish")),
        (Shell::Zsh, share.join("zsh/site-functions/_kcx")),
    ]
}

/// The files with completions in the user's folders, whether they exist or not.
fn own_completions(world: &World<'_>) -> Vec<(Shell, PathBuf)> {
    let Some(home) = world.env.home.as_ref().map(PathBuf::from) else { return Vec::new() };
    let settings = world.env.config_home.clone().unwrap_or_else(|| home.join(".config"));
    let mut files = Vec::from(in_share(&home.join(".local/share")));
    files.push((Shell::Fish, settings.join("fish/completions/kcx.fish")));
    files
}

/// Completions in the user's folders that are those of another version. The ones of the hook are always right.
pub(super) fn old_completions(world: &World<'_>) -> Vec<Note> {
    let is_old = |(shell, file): &(Shell, PathBuf)| {
        init_install::content(file)
            .is_ok_and(|text| !text.is_empty() && text != completions::script(*shell).as_bytes())
    };
    let note = |(shell, file): (Shell, PathBuf)| {
        let message = format!("{} is the completion of another version of kcx", path(&file));
        let typed = quote::shell(&file.to_string_lossy());
        Note::warning(message).fix(format!("kcx completions {} > {typed}", shell.name()))
    };
    own_completions(world).into_iter().filter(is_old).map(note).collect()
}

//! The checks of variables, settings, and kcx's own folders.

use super::kubeconfig::or_ok;
use super::{Note, Subject};
use crate::cli::error::{name, path};
use crate::cli::settings::problems;
use crate::cli::{World, init, prompt, settings_file};
use crate::env::leading::{Leads, elsewhere};
use crate::file;
use crate::session::hook::Shell;
use crate::settings::{OldKey, old_keys};
use std::path::{Path, PathBuf};

/// No variable leads programs past the context in force.
pub(super) fn variables(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &subject.world;
    let mut notes = Vec::new();
    if let Some(current) = prompt::current(world) {
        let follows = if current.scope == "session" { Vec::new() } else { init::own_files(world) };
        let shell = Shell::of_user(world.env).unwrap_or(Shell::Bash);
        for it in elsewhere(&world.env.leading, &current.context, &current.namespace, &follows) {
            let what = match it.leads {
                Leads::Context | Leads::Kubeconfig => "does not use",
                Leads::Namespace => "does not use the namespace of",
                Leads::Login => "does not log in as in",
            };
            let message =
                format!("{} is set: {} {what} context {}", it.name, it.program, name(&current.context));
            notes.push(Note::warning(message).fix(shell.unset(it.name)));
        }
    }
    if world.env.marks().contains(&"KUBIE_ACTIVE") {
        let message = "this is a kubie shell: kcx treats kubie's temporary kubeconfig as yours";
        notes.push(Note::warning(message).fix("exit"));
    }
    if world.env.kubectx_isolated {
        let message =
            "KUBECTX_ISOLATED_SHELL is 1: kubectx and kcx's own `kubectx` do not switch in this shell";
        notes.push(Note::warning(message).fix("exit"));
    }
    or_ok(notes, "no variable leads programs to another context")
}

/// The settings can be read, have no keys of earlier versions, and their aliases and groups have contexts.
pub(super) fn settings(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &subject.world;
    let settings = match world.settings() {
        Ok(settings) => settings,
        Err(error) => return vec![Note::error(error.message).fix("kcx settings edit")],
    };
    let Some(file) = settings_file::file(world.env).filter(|file| file.exists()) else {
        return vec![Note::ok("all settings are at their defaults")];
    };
    let old = file::read(&file, file::limits::SETTINGS).map(|(bytes, _)| old_keys(&bytes));
    let note = |old: &OldKey| {
        let note = Note::warning(settings_file::old_key(&file, old)).fix("kcx settings edit");
        old.write.iter().filter(|_| old.write.len() > 1).fold(note, |note, line| note.fix(line))
    };
    let mut notes: Vec<Note> = old.ok().and_then(Result::ok).unwrap_or_default().iter().map(note).collect();
    // Other checks report kubeconfigs that cannot be read.
    if let Ok(loaded) = world.load_own() {
        let problem = |it| Note::warning(format!("{}: {it}", path(&file))).fix("kcx settings edit");
        notes.extend(problems(&settings, &loaded.merged).into_iter().map(problem));
    }
    or_ok(notes, &path(&file))
}

/// kcx can write where it keeps its own files, and all of them are this user's.
pub(super) fn state(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &subject.world;
    let env = world.env;
    if env.home.as_ref().is_none_or(|home| home.is_empty()) {
        return vec![
            Note::error("HOME is not set: there is no journal, no session and no history")
                .fix("export HOME=~"),
        ];
    }
    if let Some(note) = home_of_another_user(world) {
        return vec![note];
    }
    let mut notes = Vec::new();
    let kube = env.home.as_ref().map(|home| PathBuf::from(home).join(".kube"));
    let folders = [&env.state, &env.data, &env.config, &kube];
    for folder in folders.into_iter().flatten() {
        if let Some(foreign) = foreign(folder) {
            let message = format!("{} belongs to another user, as after `sudo kcx`", path(&foreign));
            let typed = crate::printer::quote::shell(&folder.to_string_lossy());
            notes.push(Note::error(message).fix(format!("sudo chown -R \"$(id -u):$(id -g)\" {typed}")));
        }
    }
    for state in env.state.iter().filter(|state| !file::is_writable(state)) {
        let message = format!(
            "{} cannot be written: no change can be undone, and shells have no context of their own",
            path(state)
        );
        notes.push(
            Note::error(message)
                .fix(format!("ls -ld {}", crate::printer::quote::shell(&state.to_string_lossy()))),
        );
    }
    or_ok(notes, "kcx's own files are yours")
}

/// `HOME` was kept by `sudo -E` or `su`: to change owners there would take the files away from that user.
#[cfg(unix)]
fn home_of_another_user(world: &World<'_>) -> Option<Note> {
    use std::os::unix::fs::MetadataExt;
    let home = PathBuf::from(world.env.home.as_ref()?);
    if home.metadata().ok()?.uid() == file::uid() {
        return None;
    }
    let message = format!(
        "HOME is {}, the home folder of another user: kcx and kubectl read and write there",
        path(&home)
    );
    let own = world.env.account().home?;
    Some(
        Note::error(message)
            .fix(format!("export HOME={}", crate::printer::quote::shell(&own.to_string_lossy()))),
    )
}

#[cfg(not(unix))]
fn home_of_another_user(_world: &World<'_>) -> Option<Note> {
    None
}

/// The first file of another user in this folder.
#[cfg(unix)]
fn foreign(folder: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    /// More are not looked at.
    const MOST: usize = 20_000;
    let (mut folders, mut seen) = (vec![folder.to_owned()], 0);
    while let Some(path) = folders.pop() {
        let Ok(metadata) = path.symlink_metadata() else { continue };
        seen += 1;
        if metadata.uid() != file::uid() {
            return Some(path);
        }
        if metadata.is_dir() && seen < MOST {
            folders.extend(path.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()));
        }
    }
    None
}

#[cfg(not(unix))]
fn foreign(_folder: &Path) -> Option<PathBuf> {
    None
}

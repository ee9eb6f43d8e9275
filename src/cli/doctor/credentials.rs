//! The checks of programs and keychains that a login needs.

use super::kubeconfig::{PLUGINS, each, or_ok};
use super::{Note, Subject};
use crate::cli::World;
use crate::cli::credential::Keychains;
use crate::cli::error::{name, path};
use crate::cli::lint::FileFinding;
use crate::credential::entry::{PROGRAM, Reference};
use crate::credential::{CredentialStore, KeychainError};
use crate::kubeconfig::Kind;
use crate::kubeconfig::lint::Code;

/// kubectl is on PATH.
pub(super) fn kubectl(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    match subject.world.env.look_up("kubectl") {
        Some(found) => vec![Note::ok(path(&found))],
        None => {
            let message =
                "kubectl is not on PATH; kcx does not need it, but most other programs and scripts do";
            vec![Note::warning(message).fix("# https://kubernetes.io/docs/tasks/tools/")]
        }
    }
}

/// The credential plugins of the users are there, and kubectl's preferences permit them.
pub(super) fn plugins(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let found: Vec<_> = subject.findings.iter().filter(|it| PLUGINS.contains(&it.finding.code)).collect();
    let notes = each(&found, |it| match it.finding.code {
        Code::KubercRefused | Code::KubercIgnored | Code::KubercOdd => {
            format!("${{EDITOR:-vi}} {}", it.file.display())
        }
        Code::ExecNotFound if sealed(it, subject.world) => {
            let user = it.finding.entry.as_ref().map_or("NAME", |(_, user)| user);
            format!("kcx credential seal {}", crate::printer::quote::shell(user))
        }
        code => format!("kcx lint --explain {code}"),
    });
    or_ok(notes, "the programs of all users are there and permitted")
}

/// True if a finding is about a user whose credential kcx keeps.
fn sealed(it: &FileFinding, world: &World<'_>) -> bool {
    let Some((Kind::User, user)) = &it.finding.entry else { return false };
    let Ok(loaded) = world.load_own() else { return false };
    let body = loaded.merged.find(Kind::User, user).and_then(|entry| loaded.merged.body(entry).ok());
    body.is_some_and(|body| Reference::of(&body).is_some())
}

/// The stores that sealed credentials are in answer. Nothing is decrypted, and nobody is asked.
pub(super) fn keychain(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &mut *subject.world;
    let Ok(loaded) = world.load_own() else {
        return vec![Note::ok("not checked: a kubeconfig cannot be read")];
    };
    let merged = &loaded.merged;
    let mut used: Vec<(String, Reference)> = Vec::new();
    for entry in merged.entries(Kind::User) {
        let Ok(body) = merged.body(entry) else { continue };
        if let Some(reference) = Reference::of(&body) {
            used.push((merged.name(entry).to_owned(), reference));
        }
    }
    if used.is_empty() {
        return vec![Note::ok("no sealed credential needs one")];
    }
    let mut notes = Vec::new();
    if world.env.look_up(PROGRAM).is_none()
        && crate::env::own_program().is_none_or(|own| !own.with_file_name(PROGRAM).exists())
    {
        let message =
            format!("{} users are sealed, and `{PROGRAM}` is neither on PATH nor beside kcx", used.len());
        // kcx itself can put them back.
        notes.push(
            Note::error(message)
                .fix(format!("# install `{PROGRAM}`, or:"))
                .fix("kcx credential unseal --all"),
        );
    }
    let mut keychains = Keychains::default();
    for (user, reference) in used {
        let place = reference.place;
        if place == CredentialStore::File {
            let folder = reference.folder.as_ref().map(std::path::PathBuf::from);
            let folder =
                folder.or_else(|| Some(world.env.data.as_ref()?.join(crate::credential::folder::NAME)));
            let item = folder.map(|folder| folder.join(format!("{}.age", reference.id)));
            if let Some(item) = item.filter(|item| !item.exists()) {
                let message = format!("the credential of user {} is missing: {}", name(&user), path(&item));
                notes.push(
                    Note::error(message)
                        .fix(format!("kcx credential set {}", crate::printer::quote::shell(&user))),
                );
            }
            continue;
        }
        let opened = keychains.get(&reference, false, world);
        let read = opened.map(|keychain| crate::credential::record::get(&*keychain, &reference.id));
        let message = match read {
            Ok(Ok(_)) => continue,
            Ok(Err(KeychainError::NotFound)) => {
                let message =
                    format!("the credential of user {} is missing in {}", name(&user), place.word());
                let fix = format!("kcx credential set {}", crate::printer::quote::shell(&user));
                notes.push(Note::error(message).fix(fix));
                continue;
            }
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.message,
        };
        let message =
            format!("user {} is sealed in {}, which does not answer: {message}", name(&user), place.word());
        notes.push(Note::error(message).fix("kcx credential list"));
        // Each further one would wait as long.
        break;
    }
    or_ok(notes, "every sealed credential is in its store")
}

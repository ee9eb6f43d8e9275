//! Overlays of sessions that were removed with their records, and that another program has made again.
//!
//! `minikube` and `gcloud` create the folder of the first path in `KUBECONFIG`. If a session was removed while a job of it
//! ran, record and guard included, nothing shows that kcx had made the folder, so the file does not count as an overlay and
//! nothing is moved out of it. It is only found, so that its entries can be reported.

use super::overlay_migration::Entries;
use super::safe_roots;
use crate::env::Env;
use crate::file::{self, limits};
use crate::kubeconfig::{Document, Kind};
use crate::path;
use crate::store::OVERLAY;
use crate::store::overlay::is_session;
use std::fs;
use std::path::PathBuf;

/// Such a file, and the entries in it. Their paths are absolute.
#[derive(Debug)]
pub struct Abandoned {
    /// The folder of the session.
    pub folder: PathBuf,
    /// What other programs wrote.
    pub entries: Entries,
}

impl Abandoned {
    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(OVERLAY)
    }

    /// All of them that have entries. Files that others can write to, and files that cannot be read, are left out.
    #[must_use]
    pub fn all(env: &Env) -> Vec<Abandoned> {
        let mut found = Vec::new();
        for root in safe_roots(env).into_iter().filter(|root| file::is_own_folder(&root.sessions)) {
            let folders =
                fs::read_dir(&root.sessions).into_iter().flatten().flatten().map(|entry| entry.path());
            for folder in folders.filter(|folder| file::is_own_folder(folder)) {
                let guard = root.guard(folder.file_name().unwrap_or_default());
                if !is_session(&folder, &guard)
                    && let Some(entries) = entries(&folder)
                {
                    found.push(Abandoned { folder, entries });
                }
            }
        }
        found
    }
}

fn entries(folder: &std::path::Path) -> Option<Entries> {
    let file = folder.join(OVERLAY);
    if !file.symlink_metadata().is_ok_and(|metadata| file::is_own_file(&metadata)) {
        return None;
    }
    let document = Document::parse(file::read(&file, limits::OVERLAY).ok()?.0).ok()?;
    let mut entries = Entries::new();
    for kind in Kind::ALL {
        for (index, name) in document.names(kind).enumerate() {
            let mut body = document.body(kind, index).ok()?.into_owned();
            crate::kubeconfig::view::rebase(&mut body, kind, &|file| path::clean(&folder.join(file)));
            entries.push((kind, name.to_owned(), body));
        }
    }
    Some(entries).filter(|entries| !entries.is_empty())
}

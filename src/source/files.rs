//! Sources that are files: each is a cluster, or several, and its path in the folder is its id.

use super::{Fetched, Listed, SourceError};
use crate::env::Env;
use crate::file::{self, limits};
use crate::glob::Glob;
use crate::store::discovery;
use std::path::{Path, PathBuf};

/// The pattern of the files of a source: all files of a folder, or those that match. `~` is the home folder.
pub(super) fn pattern(folder: &str, env: &Env) -> PathBuf {
    let path = discovery::whole(folder, env);
    match path.is_dir() || !folder.contains(['*', '?', '[']) {
        true => path.join("*"),
        false => path,
    }
}

/// Reads the files that match.
pub(super) fn read(pattern: &Path) -> Result<Vec<Fetched>, SourceError> {
    let is_plain =
        |part: &std::path::Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let folder: PathBuf = pattern.components().take_while(is_plain).collect();
    // A folder that is away, such as one of another machine, must not look like one without clusters.
    if let Err(error) = folder.read_dir() {
        return Err(match error.kind() {
            std::io::ErrorKind::NotFound => SourceError::NoFolder(folder),
            _ => SourceError::Read(folder, error),
        });
    }
    let files = listed(pattern)?.into_iter().filter(|file| !is_others(file));
    Ok(files.map(|file| fetched(&folder, file)).collect())
}

/// The files that match. Unlike in discovery, a folder that cannot be read is an error: its files are not gone.
fn listed(pattern: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let mut paths = vec![PathBuf::new()];
    for component in pattern.components() {
        let part = component.as_os_str().to_string_lossy();
        if !part.contains(['*', '?', '[']) {
            paths.iter_mut().for_each(|path| path.push(component));
            continue;
        }
        let glob = Glob::new(&part);
        let mut found = Vec::new();
        for folder in paths.iter().filter(|path| path.is_dir()) {
            let unread = |error| SourceError::Read(folder.clone(), error);
            for entry in folder.read_dir().map_err(unread)? {
                let name = entry.map_err(unread)?.file_name();
                if name.to_str().is_some_and(|name| glob.matches(name)) {
                    found.push(folder.join(name));
                }
            }
        }
        paths = found;
    }
    paths.sort();
    paths.retain(|path| path.is_file());
    Ok(paths)
}

fn fetched(folder: &Path, file: PathBuf) -> Fetched {
    let inside = file.strip_prefix(folder).unwrap_or(&file);
    let id = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
    let content = match file::read(&file, limits::KUBECONFIG) {
        Ok((bytes, _)) => Ok(bytes),
        Err(error) => Err(SourceError::Read(file.clone(), error)),
    };
    Fetched { cluster: Listed { id, ..Listed::default() }, content: Some(content), file: Some(file) }
}

/// True for hidden files, and for those that editors and locks leave.
fn is_others(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.')
        || name.starts_with('#')
        || [".lock", ".bak", ".swp", "~"].iter().any(|end| name.ends_with(end))
}

/// A repository's address: a path of this machine may start with `~/` or `./`.
pub(super) fn local(url: &str, env: &Env) -> String {
    match url.starts_with(['~', '.', '/']) {
        true => discovery::whole(url, env).to_string_lossy().into_owned(),
        false => url.to_owned(),
    }
}

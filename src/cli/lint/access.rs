//! Checks which other users of this machine can change a file, directly or through a folder in its path.

use crate::kubeconfig::lint::Access;
use std::path::Path;

#[cfg(unix)]
pub(super) use unix::{access, is_exposed};

#[cfg(unix)]
mod unix {
    use super::{Access, Path};
    use std::collections::BTreeSet;
    use std::fs::Metadata;
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;

    /// The largest number of symbolic links that Linux follows.
    const LINKS: usize = 40;

    /// A group counts as other users unless it is the user's own.
    pub(crate) fn access(path: &Path) -> Option<Access> {
        let file = path.metadata().ok()?;
        let replaceable =
            folders(path).into_iter().find(|folder| folder.metadata().is_ok_and(|it| is_open(&it)));
        Some(Access {
            readable: file.is_file() && file.mode() & 0o044 != 0,
            writable: file.is_file() && by_others(&file),
            replaceable,
        })
    }

    /// Other users can write the program or in its folder, or replace a folder in its path.
    pub(crate) fn is_exposed(program: &Path) -> bool {
        let by_all = |path: &Path| path.metadata().is_ok_and(|it| it.mode() & 0o002 != 0);
        let is_open = |path: &Path| path.metadata().is_ok_and(|it| it.mode() & 0o1002 == 0o002);
        by_all(program)
            || program.parent().is_some_and(by_all)
            || folders(program).iter().any(|it| is_open(it))
    }

    fn by_others(it: &Metadata) -> bool {
        let by_group = it.mode() & 0o020 != 0 && it.gid() != rustix::process::getegid().as_raw();
        by_group || it.mode() & 0o002 != 0
    }

    /// True if others can replace entries of a folder. With the sticky bit, they can only replace their own.
    fn is_open(folder: &Metadata) -> bool {
        folder.mode() & 0o1000 == 0 && by_others(folder)
    }

    /// The folders through which the file is reached: those of its path, of each symbolic link in it, and of the targets of
    /// these links.
    fn folders(path: &Path) -> BTreeSet<PathBuf> {
        let mut ways = vec![path.to_owned()];
        ways.extend(path.canonicalize());
        let mut way = path.to_owned();
        while let Some(target) = way.read_link().ok().filter(|_| ways.len() < LINKS) {
            way = way.parent().unwrap_or(Path::new("/")).join(target);
            ways.push(way.clone());
        }
        ways.iter().flat_map(|way| way.ancestors().skip(1)).map(Path::to_owned).collect()
    }
}

/// Not known here.
#[cfg(not(unix))]
pub(super) fn access(_path: &Path) -> Option<Access> {
    None
}

/// Not known here.
#[cfg(not(unix))]
pub(super) fn is_exposed(_program: &Path) -> bool {
    false
}

//! The home folder on Windows. Source: client-go `util/homedir/homedir.go`.

use std::ffi::OsString;
use std::path::Path;

/// The first of `HOME`, `HOMEDRIVE` with `HOMEPATH`, and `USERPROFILE` that contains a kubeconfig. Without one, the first
/// that is a writable folder, exists, or is set; then `USERPROFILE` comes before `HOMEDRIVE` with `HOMEPATH`.
pub(super) fn find(variable: impl Fn(&str) -> Option<OsString>) -> Option<OsString> {
    let variable = |name| variable(name).filter(|value| !value.is_empty());
    let home = variable("HOME");
    let profile = variable("USERPROFILE");
    let drive = variable("HOMEDRIVE").zip(variable("HOMEPATH")).map(|(mut drive, path)| {
        drive.push(path);
        drive
    });
    let has_kubeconfig = |folder: &&OsString| Path::new(folder).join(".kube").join("config").exists();
    let is_writable = |folder: &&OsString| {
        Path::new(folder).metadata().is_ok_and(|it| it.is_dir() && !it.permissions().readonly())
    };
    let of_kubeconfig = [&home, &drive, &profile].into_iter().flatten().find(has_kubeconfig);
    let known: Vec<&OsString> = [&home, &profile, &drive].into_iter().flatten().collect();
    of_kubeconfig
        .or_else(|| known.iter().copied().find(is_writable))
        .or_else(|| known.iter().copied().find(|folder| Path::new(folder).exists()))
        .or_else(|| known.first().copied())
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn homes_are_found_in_the_order_of_client_go() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).into_os_string();
        for name in ["home", "drive/path", "profile", "locked", "empty"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        let mut permissions = fs::metadata(at("locked")).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(at("locked"), permissions).unwrap();
        fs::write(at("file"), "").unwrap();
        let found = |home: &str, profile: &str, path: &str| {
            find(|name| match name {
                "HOME" => Some(home).filter(|name| *name != "unset").map(at),
                "USERPROFILE" => Some(profile).filter(|name| *name != "unset").map(at),
                "HOMEDRIVE" => Some(at("drive")),
                "HOMEPATH" => Some(path.into()),
                _ => None,
            })
        };
        assert_eq!(found("home", "profile", "/path"), Some(at("home")));
        assert_eq!(found("unset", "profile", "/path"), Some(at("profile")));
        assert_eq!(found("missing", "missing too", "/path"), Some(at("drive/path")));
        assert_eq!(found("locked", "file", ""), Some(at("locked")));
        assert_eq!(found("locked", "profile", ""), Some(at("profile")));
        assert_eq!(found("missing", "file", ""), Some(at("file")));
        assert_eq!(found("missing", "unset", ""), Some(at("missing")));
        assert_eq!(found("unset", "unset", ""), None);
        // A kubeconfig counts before all, and the drive's then comes before the profile's.
        fs::create_dir_all(at("drive/path/.kube")).unwrap();
        fs::write(at("drive/path/.kube/config"), "").unwrap();
        assert_eq!(found("home", "profile", "/path"), Some(at("drive/path")));
        fs::create_dir_all(at("profile/.kube")).unwrap();
        fs::write(at("profile/.kube/config"), "").unwrap();
        assert_eq!(found("home", "profile", "/path"), Some(at("drive/path")));
        fs::create_dir_all(at("home/.kube")).unwrap();
        fs::write(at("home/.kube/config"), "").unwrap();
        assert_eq!(found("home", "profile", "/path"), Some(at("home")));
        assert_eq!(find(|name| (name == "HOME").then(OsString::new)), None);
    }
}

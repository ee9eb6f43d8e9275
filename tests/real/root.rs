//! kcx as root in another user's home, as with `sudo -E`: new files belong to that user, and no link leads outside. As
//! an ordinary user the tests cover only the links.

use crate::screen::wait_until;
use crate::tools::{Home, KCX, TWO, fine};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const NOBODY: u32 = 65534;

fn below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (vec![folder.to_owned()], vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            found.push(entry.path());
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

/// Gives all files to an ordinary user, if the tester is root.
fn give_away(home: &Home) -> u32 {
    for path in below(home.dir.path()) {
        let _ = lchown(path, Some(NOBODY), Some(NOBODY));
    }
    fs::metadata(home.dir.path()).unwrap().uid()
}

fn kcx(home: &Home, words: &[&str]) -> String {
    let mut command = home.command(KCX, "");
    let output = command.args(words).env("EDITOR", "sed -i s/https/http/").stdin(Stdio::null()).output();
    let output = output.unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn whatever_root_makes_in_a_users_home_is_the_users() {
    let home = Home::new();
    home.write("two", TWO);
    fs::create_dir_all(home.path(".config/kcx")).unwrap();
    home.write(".config/kcx/config.yaml", "rules: [{match: guarded, confirm: yes}]\n");
    let user = give_away(&home);
    for words in [
        &["import", "two"][..],
        &["use", "b"],
        &["ns", "web"],
        &["rename", "a", "c"],
        &["undo"],
        &["config", "set-cluster", "new", "--server=https://new"],
        &["edit"],
        &["export", "b", "-O", "exported"],
        &["split", "parts"],
        &["merge", "two", "-O", "merged/file"],
        &["init", "bash"],
        &["config", "set-context", "guarded"],
        &["protect", "lift", "5m", "guarded"],
    ] {
        let said = kcx(&home, words);
        for path in below(home.dir.path()) {
            assert_eq!(path.symlink_metadata().unwrap().uid(), user, "kcx {words:?}: {path:?}\n{said}");
        }
    }
    let made = below(home.dir.path());
    let state = [".local/state/kcx/history.jsonl", ".local/state/kcx/journal", ".local/state/kcx/lifted"];
    for name in [".kube/config", "exported"].iter().chain(&state) {
        assert!(made.contains(&home.path(name)), "{name}: {made:#?}");
    }
}

/// Links that the user has put in place of kcx's own files.
#[test]
fn no_link_leads_root_out_of_a_users_home() {
    let precious = tempfile::tempdir().unwrap();
    let outside = precious.path().join("precious");
    let state = ".local/state/kcx";
    for link in ["history.jsonl", "history.jsonl.new", "journal/0000000001.json"] {
        let home = Home::new();
        fs::write(&outside, "kept").unwrap();
        fs::set_permissions(&outside, fs::Permissions::from_mode(0o600)).unwrap();
        fs::create_dir(home.path(".kube")).unwrap();
        home.write(".kube/config", TWO);
        let place = home.path(&format!("{state}/{link}"));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        if link.ends_with(".new") {
            // The history is shortened by writing a new version.
            home.write(&format!("{state}/history.jsonl"), "x\n".repeat(40_000));
        }
        symlink(&outside, &place).unwrap();
        give_away(&home);
        for words in [&["use", "b"][..], &["use", "a"], &["ns", "web"], &["rename", "a", "c"]] {
            kcx(&home, words);
        }
        let metadata = fs::metadata(&outside).unwrap();
        assert_eq!(fs::read_to_string(&outside).unwrap(), "kept", "{link}");
        assert_eq!(metadata.uid(), fs::metadata(precious.path()).unwrap().uid(), "{link}");
    }
}

/// A link to a folder is followed only if that folder belongs to the user.
#[test]
fn no_linked_folder_leads_root_out_of_a_users_home() {
    for link in [".local", ".local/state", ".local/state/kcx", ".local/state/kcx/journal"] {
        let home = Home::new();
        fs::create_dir(home.path(".kube")).unwrap();
        home.write(".kube/config", TWO);
        let place = home.path(link);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        let outside = tempfile::tempdir().unwrap();
        symlink(outside.path(), &place).unwrap();
        let user = give_away(&home);
        let words = [&["use", "b"][..], &["ns", "web"], &["rename", "a", "c"], &["undo"]];
        words.iter().for_each(|words| drop(kcx(&home, words)));
        let made = crate::tools::names(outside.path());
        assert_eq!(made.is_empty(), user != fs::metadata(outside.path()).unwrap().uid(), "{link}: {made:?}");
        // The link is followed if the folder belongs to the same user.
        let _ = lchown(outside.path(), Some(user), Some(user));
        kcx(&home, &["ns", "other"]);
        let made = below(outside.path());
        let owners = made.iter().map(|path| path.symlink_metadata().unwrap().uid()).collect::<Vec<_>>();
        assert!(link.ends_with("journal") || made.len() > 1, "{link}: {made:?}");
        assert!(owners.iter().all(|owner| *owner == user), "{link}: {made:?} {owners:?}");
    }
}

/// To root, the overlay of another user's shell is a kubeconfig, and kcx creates none of its files beside it.
#[test]
fn the_session_of_another_user_is_not_roots() {
    let home = Home::new();
    fs::create_dir(home.path(".kube")).unwrap();
    let config = home.write(".kube/config", TWO);
    let text = fine(&home.command(KCX, "").args(["init", "bash"]).output().unwrap());
    let session = text.lines().find_map(|line| line.strip_prefix("__kcx_new='")).unwrap();
    let session = PathBuf::from(session.trim_end_matches('\''));
    let overlay = session.join("kcx-overlay.yaml");
    if give_away(&home) != NOBODY {
        // An ordinary user cannot become another: a folder that others can write to is not a session either.
        fs::set_permissions(&session, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let before = crate::tools::names(&session);
    let list = std::env::join_paths([&overlay, &config]).unwrap();
    for words in [&["use", "b"][..], &["get"], &["__sync", "bash"], &["init", "bash"]] {
        fine(&home.command(KCX, &list).args(words).env("KCX_SESSION", &session).output().unwrap());
    }
    assert_eq!(crate::tools::names(&session), before);
    assert!(fs::read_to_string(&overlay).unwrap().contains("current-context: b"));
    assert_eq!(fs::read_to_string(&config).unwrap(), TWO);
}

/// Any process that reads a kubeconfig has a token in memory.
#[test]
fn no_core_file_is_made_of_kcx() {
    let home = Home::new();
    fs::create_dir(home.path(".kube")).unwrap();
    home.write(".kube/config", TWO);
    let aborted = |program: &str| {
        let script = format!("ulimit -c unlimited; exec {program}");
        let mut command = home.command("sh", "");
        let mut child =
            command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // Each one waits for input once it runs.
        let name = || fs::read_to_string(format!("/proc/{}/wchan", child.id())).unwrap_or_default();
        let reads = || fs::read_to_string(format!("/proc/{}/syscall", child.id())).unwrap_or_default();
        assert!(wait_until(|| name().contains("pipe") || reads().starts_with("0 0x0 ")), "{program}");
        let killed = Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        child.wait().unwrap()
    };
    for words in ["import -", "diff -", "lint -", "import --dry-run - --into new"] {
        let status = aborted(&format!("{KCX} {words}"));
        assert!(status.signal() == Some(6) && !status.core_dumped(), "{words}: {status}");
    }
    // If the system writes core files at all, another program leaves one.
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if pattern.trim() == "core" {
        assert!(aborted("cat").core_dumped());
    }
}

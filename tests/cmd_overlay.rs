//! Only kcx's own overlays count: any other file of that name is an ordinary kubeconfig.

use crate::common::{Sandbox, THREE};
use kcx::session::{Session, hook};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A foreign file: a cluster whose name exists already, and a user that runs a program.
const FOREIGN: &str = "\
apiVersion: v1
clusters:
- cluster:
    server: https://foreign.example
  name: c-prod
contexts:
- context:
    cluster: c-prod
    user: helper
  name: demo
current-context: demo
kind: Config
users:
- name: helper
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: /bin/sh
";

fn config(sandbox: &Sandbox) -> PathBuf {
    sandbox.path().join(".kube/config")
}

/// A shell's session on top of `~/.kube/config`.
fn session(sandbox: &Sandbox) -> Session {
    Session::create(&sandbox.env, std::process::id(), &[config(sandbox)], None).unwrap()
}

fn list(files: &[PathBuf]) -> Option<std::ffi::OsString> {
    Some(std::env::join_paths(files).unwrap())
}

/// All files below a folder, without kcx's history and journal.
fn below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let (path, kind) = entry.map(|entry| (entry.path(), entry.file_type().unwrap())).unwrap();
            if kind.is_dir() && path.file_name().is_some_and(|name| name != "journal") {
                found.insert(path.clone(), Vec::new());
                folders.push(path);
            } else if kind.is_file() && path.file_name().is_some_and(|name| name != "history.jsonl") {
                let bytes = fs::read(&path).unwrap();
                found.insert(path, bytes);
            }
        }
    }
    found
}

/// Places for a file that has the name of an overlay but is not one. Each function creates it in a sandbox, and returns
/// the path as `KUBECONFIG` spells it.
type Place = (&'static str, fn(&Sandbox) -> PathBuf);

fn write(file: &Path, text: &str, mode: u32) -> PathBuf {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    file.to_owned()
}

/// A folder that looks like one of kcx's sessions, with the foreign file as its overlay.
fn forged(folder: &Path, mode: u32) -> PathBuf {
    write(&folder.join("owner"), &kcx::file::ProcessIdentity::current().render(), 0o600);
    let file = write(&folder.join("kcx-overlay.yaml"), FOREIGN, 0o600);
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    file
}

/// A guard beside a forged overlay, so that the overlay needs no record.
fn guarded(it: &Sandbox, overlay: &Path) {
    let name = overlay.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned() + ".yaml";
    write(&it.path().join("state/guards").join(name), "kind: Config\n", 0o600);
    fs::remove_file(overlay.with_file_name("owner")).unwrap();
}

const PLACES: [Place; 17] = [
    ("a folder of anybody's", |it| write(&it.path().join("repo/kcx-overlay.yaml"), FOREIGN, 0o600)),
    ("with a forged record", |it| forged(&it.path().join("repo/x"), 0o700)),
    ("in a folder called sessions", |it| forged(&it.path().join("repo/sessions/x"), 0o700)),
    ("one level deeper", |it| forged(&it.path().join("state/sessions/x/y"), 0o700)),
    ("in the root itself", |it| forged(&it.path().join("state/sessions"), 0o700)),
    ("a folder that others can write to", |it| forged(&it.path().join("state/sessions/x"), 0o777)),
    ("a file that others can write to", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        write(&file, FOREIGN, 0o666)
    }),
    ("without a record", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        fs::remove_file(file.with_file_name("owner")).unwrap();
        file
    }),
    ("with the guard of another session", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        guarded(it, &file);
        fs::rename(it.path().join("state/guards/x.yaml"), it.path().join("state/guards/y.yaml")).unwrap();
        file
    }),
    ("with a guard in the wrong place", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        guarded(it, &file);
        fs::rename(it.path().join("state/guards"), it.path().join("state/sessions/guards")).unwrap();
        file
    }),
    ("with a guard that others can write to", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        guarded(it, &file);
        fs::set_permissions(it.path().join("state/guards/x.yaml"), fs::Permissions::from_mode(0o666))
            .unwrap();
        file
    }),
    ("with a guard in a folder that others can write to", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        guarded(it, &file);
        fs::set_permissions(it.path().join("state/guards"), fs::Permissions::from_mode(0o777)).unwrap();
        file
    }),
    ("with a linked guard", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        guarded(it, &file);
        fs::rename(it.path().join("state/guards/x.yaml"), it.path().join("guard")).unwrap();
        symlink(it.path().join("guard"), it.path().join("state/guards/x.yaml")).unwrap();
        file
    }),
    ("a linked record", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        fs::rename(file.with_file_name("owner"), it.path().join("record")).unwrap();
        symlink(it.path().join("record"), file.with_file_name("owner")).unwrap();
        file
    }),
    ("a linked folder", |it| {
        forged(&it.path().join("repo/x"), 0o700);
        fs::create_dir_all(it.path().join("state/sessions")).unwrap();
        symlink(it.path().join("repo/x"), it.path().join("state/sessions/x")).unwrap();
        it.path().join("state/sessions/x/kcx-overlay.yaml")
    }),
    ("a linked file", |it| {
        let file = forged(&it.path().join("state/sessions/x"), 0o700);
        fs::rename(&file, it.path().join("elsewhere.yaml")).unwrap();
        symlink(it.path().join("elsewhere.yaml"), &file).unwrap();
        file
    }),
    ("through a way back", |it| {
        forged(&it.path().join("repo/x"), 0o700);
        fs::create_dir_all(it.path().join("state/sessions/y")).unwrap();
        symlink(it.path().join("repo/x"), it.path().join("state/sessions/y/z")).unwrap();
        it.path().join("state/sessions/y/z/../x/kcx-overlay.yaml")
    }),
];

/// Read-only commands change neither the user's own kubeconfig nor the foreign folder.
#[test]
fn looking_at_a_foreign_file_of_that_name_changes_nothing() {
    for (what, place) in PLACES {
        let mut sandbox = Sandbox::with(THREE);
        let foreign = place(&sandbox);
        sandbox.env.kubeconfig = list(&[foreign.clone(), config(&sandbox)]);
        sandbox.env.session = Some(foreign.parent().unwrap().into());
        let before = below(sandbox.path());
        for words in [
            "get",
            "current",
            "get users",
            "lint",
            "config get-contexts",
            "config view",
            "prompt",
            "history",
            "__sync bash",
            "__sync zsh",
            "diff .kube/config",
            "export demo",
            "credential list",
            "__complete use ",
            "__as kubectx -c",
            "__leave @DIR@/repo/x",
            "__leave @DIR@/state/sessions/x",
        ] {
            let said = sandbox.run(words).0;
            assert!(said.contains("no file changed"), "{what}: kcx {words}\n{said}");
            assert!(below(sandbox.path()) == before, "{what}: kcx {words}\n{said}");
        }
        let said = sandbox.run("current").0;
        assert!(said.contains("context:   demo\n") && said.contains("scope:     global\n"), "{what}: {said}");
        let said = sandbox.run("config view -o jsonpath={.clusters[*].cluster.server}").0;
        assert!(said.starts_with("https://dev.example https://foreign.example-"), "{what}: {said}");
    }
}

/// As in kubectl, a switch is written to the first file of the list, and an entry is changed in its own file.
#[test]
fn a_foreign_file_of_that_name_is_written_as_a_member() {
    for (what, place) in PLACES {
        let mut sandbox = Sandbox::with(THREE);
        let foreign = place(&sandbox);
        sandbox.env.kubeconfig = list(&[foreign.clone(), config(&sandbox)]);
        sandbox.env.session = Some(foreign.parent().unwrap().into());
        let said = sandbox.run("use dev --session").0;
        assert!(said.contains("has no context of its own") && said.contains("exit 1"), "{what}: {said}");
        let said = sandbox.run("use dev").0;
        assert!(said.contains("exit 0\n"), "{what}: {said}");
        assert_eq!(fs::read_to_string(&foreign).unwrap(), FOREIGN.replace(": demo\nk", ": dev\nk"), "{what}");
        let said = sandbox.run("rename demo tour").0;
        assert!(said.contains("exit 0\n"), "{what}: {said}");
        let renamed = FOREIGN.replace("name: demo", "name: tour").replace(": demo\nk", ": dev\nk");
        assert_eq!(fs::read_to_string(&foreign).unwrap(), renamed, "{what}");
        assert_eq!(fs::read_to_string(config(&sandbox)).unwrap(), THREE, "{what}");
        assert!(!foreign.with_file_name("pinned").exists(), "{what}");
        // In the journal, like every change of a kubeconfig.
        assert!(sandbox.run("history").0.contains("kcx rename"), "{what}");
        if !foreign.components().any(|part| part.as_os_str() == "..") {
            assert!(sandbox.run("undo").0.contains("exit 0\n"), "{what}");
            assert!(fs::read_to_string(&foreign).unwrap().contains("name: demo"), "{what}");
        }
    }
}

/// A guard counts only in a list that begins with its overlay.
#[test]
fn a_guard_alone_is_a_member_too() {
    let mut sandbox = Sandbox::with(THREE);
    let (one, two) = (session(&sandbox), session(&sandbox));
    for (list_of, is_member) in [
        (vec![one.guard().to_owned()], true),
        (vec![two.overlay(), one.guard().to_owned()], true),
        (vec![one.overlay(), one.guard().to_owned()], false),
    ] {
        fs::write(one.guard(), FOREIGN).unwrap();
        let files: Vec<PathBuf> = list_of.into_iter().chain([config(&sandbox)]).collect();
        sandbox.env.kubeconfig = list(&files);
        let precedence = kcx::store::Precedence::new(None, &sandbox.env);
        let own = precedence.without_overlays(&sandbox.env);
        assert_eq!(own.paths.iter().any(|path| path == one.guard()), is_member);
    }
}

#[test]
fn a_relative_spelling_of_a_real_overlay_is_a_member_too() {
    let mut sandbox = Sandbox::with(THREE);
    let session = session(&sandbox);
    fs::write(session.overlay(), FOREIGN).unwrap();
    let id = session.id();
    for spelling in [
        format!("state/sessions/{id}/kcx-overlay.yaml"),
        format!("{}/state/sessions/{id}/../{id}/kcx-overlay.yaml", sandbox.path().display()),
    ] {
        sandbox.env.kubeconfig = list(&[sandbox.path().join(&spelling), config(&sandbox)]);
        let absolute = !spelling.contains("..");
        if absolute {
            sandbox.env.kubeconfig = list(&[PathBuf::from(&spelling), config(&sandbox)]);
        }
        sandbox.env.session = None;
        let said = sandbox.run("use dev --session").0;
        assert!(said.contains("exit 1"), "{spelling}: {said}");
    }
    assert_eq!(fs::read_to_string(config(&sandbox)).unwrap(), THREE);
}

/// A real overlay: entries that other tools write into it are moved out, and a switch is written to it.
#[test]
fn a_real_overlay_is_one() {
    let mut sandbox = Sandbox::with(THREE);
    let real = session(&sandbox);
    sandbox.env.kubeconfig = Some(hook::list(&real, &[config(&sandbox)]));
    assert!(sandbox.run("use prod-eu1").0.contains("no file changed"));
    assert!(sandbox.run("current").0.contains("scope:     session\n"));
    // A link to it at another path is not an overlay.
    let copy = sandbox.path().join("repo/kcx-overlay.yaml");
    fs::create_dir(copy.parent().unwrap()).unwrap();
    fs::hard_link(real.overlay(), &copy).unwrap();
    sandbox.env.kubeconfig = list(&[copy, config(&sandbox)]);
    assert!(sandbox.run("current").0.contains("scope:     global\n"));
    // Later in the list it is neither the user's file nor the session's overlay.
    sandbox.env.kubeconfig = list(&[config(&sandbox), real.overlay()]);
    assert!(sandbox.run("current").0.contains("scope:     global\n"));
    let said = sandbox.run("use stale").0;
    assert!(said.contains("+current-context: stale"), "{said}");
    sandbox.env.session = Some(real.folder().into());
    let said = sandbox.run("use dev --session").0;
    assert!(said.contains("KUBECONFIG names `@DIR@/.kube/config` before its overlay"), "{said}");
}

/// Starting a shell removes dead sessions, but nothing that kcx did not create, whatever its record says.
#[test]
fn nothing_foreign_is_swept_or_mended() {
    let dead = kcx::file::ProcessIdentity::current().with_pid(u32::MAX / 2).render();
    for (what, place) in PLACES {
        let sandbox = Sandbox::with(THREE);
        let foreign = place(&sandbox);
        let owner = foreign.with_file_name("owner");
        if owner.is_file() {
            fs::write(&owner, &dead).unwrap();
        }
        fs::create_dir_all(sandbox.path().join("repo")).unwrap();
        let before = below(&sandbox.path().join("repo"));
        let said = sandbox.run("init bash").0;
        assert!(said.contains("exit 0\n"), "{what}: {said}");
        // The foreign file may name this context as its current one.
        let said = sandbox.run("rename dev demo").0;
        assert!(said.contains("exit 0\n"), "{what}: {said}");
        let said = sandbox.run("rename demo later").0;
        assert!(said.contains("exit 0\n"), "{what}: {said}");
        assert_eq!(fs::read_to_string(&foreign).unwrap(), FOREIGN, "{what}");
        assert!(below(&sandbox.path().join("repo")) == before, "{what}");
        assert!(!fs::read_to_string(config(&sandbox)).unwrap().contains("foreign.example"), "{what}");
    }
}

/// A dead shell's entries are moved to the user's files, and its session is removed.
#[test]
fn the_dead_are_swept() {
    let sandbox = Sandbox::with(THREE);
    let dead = session(&sandbox);
    fs::write(
        dead.folder().join("owner"),
        kcx::file::ProcessIdentity::current().with_pid(u32::MAX / 2).render(),
    )
    .unwrap();
    dead.record_end(&[]).unwrap();
    assert!(sandbox.run("init bash").0.contains("exit 0\n"));
    assert!(!dead.folder().exists());
}

/// A session was removed with its record and its guard, and a job of it has written its overlay again: nothing is moved out
/// of that file, but it is reported until the entries are in the user's own file.
#[test]
fn what_was_written_into_a_removed_session_is_reported() {
    let mut sandbox = Sandbox::with(THREE);
    let file = write(&sandbox.path().join("state/sessions/abc/kcx-overlay.yaml"), FOREIGN, 0o600);
    let folder = file.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
    let next_shell = |sandbox: &Sandbox| {
        let _ = fs::remove_file(sandbox.path().join("state/sessions/.swept"));
        sandbox.run("init bash").0
    };
    let said = next_shell(&sandbox);
    let names = "after its session was removed: cluster `c-prod`, user `helper`, context `demo`";
    assert!(
        said.contains(&format!("abc/kcx-overlay.yaml` {names}")) && said.contains("`kcx import "),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), FOREIGN);
    assert!(!fs::read_to_string(config(&sandbox)).unwrap().contains("helper"));
    let import = format!(
        "import {} --on-conflict=overwrite --allow-exec=/bin/sh --allow-user=u-prod --allow-cluster=c-prod",
        file.display()
    );
    let said = sandbox.run(&import).0;
    assert!(fs::read_to_string(config(&sandbox)).unwrap().contains("helper"), "{said}");
    assert!(!next_shell(&sandbox).contains("was removed"));
    // A shell that has the file in its list shows the entries itself.
    fs::write(config(&sandbox), THREE).unwrap();
    sandbox.env.kubeconfig = list(&[file.clone(), config(&sandbox)]);
    assert!(!next_shell(&sandbox).contains("was removed"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    sandbox.env.kubeconfig = None;
    assert!(!next_shell(&sandbox).contains("was removed"));
}

/// In `config.d` and the like the name has no meaning either.
#[test]
fn a_file_of_that_name_is_found_and_imported() {
    let mut sandbox = Sandbox::with(THREE)
        .file("d/kcx-overlay.yaml", FOREIGN)
        .file("settings/config.yaml", "discovery: ['~/d/*.yaml', '~/state/sessions/*/*.yaml']\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    let other = session(&sandbox);
    fs::write(other.overlay(), "contexts: [{name: of-another-shell, context: {}}]\n").unwrap();
    let said = sandbox.run("get -o name").0;
    assert!(said.contains("demo\n") && !said.contains("of-another-shell"), "{said}");
    sandbox.env.config = None;
    assert!(sandbox.run("import d --prefix new- --allow-exec=/bin/sh").0.contains("demo"));
}

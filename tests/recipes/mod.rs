//! The recipes of sources, with programs that answer as the real ones do: what they are asked, what becomes of the answers,
//! and that no failure makes a list shorter.

mod cases;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// The programs of a POSIX system that the recipes use.
const TOOLS: [&str; 10] = ["awk", "cat", "date", "grep", "mktemp", "printf", "rm", "sed", "sh", "tr"];

/// A program as the shell would find it.
fn which(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A home with one source, `s`, and a `PATH` with nothing but these programs and [`TOOLS`].
struct World {
    home: TempDir,
}

impl World {
    fn new(recipe: &str, programs: &[(&str, &str)]) -> World {
        let world = World { home: tempfile::tempdir().unwrap() };
        fs::create_dir_all(world.path("bin")).unwrap();
        fs::create_dir_all(world.path(".config/kcx")).unwrap();
        fs::write(world.path(".config/kcx/config.yaml"), format!("sources:\n- name: s\n  {recipe}\n"))
            .unwrap();
        for tool in TOOLS {
            symlink(which(tool).expect(tool), world.path("bin").join(tool)).unwrap();
        }
        for (program, answers) in programs {
            world.answer(program, answers);
            // A program that was just written may be busy; this one never was.
            symlink(
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recipes/fake"),
                world.path("bin").join(program),
            )
            .unwrap();
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// What the program answers from now on, as a script.
    fn answer(&self, program: &str, script: &str) {
        fs::write(self.path(&format!("bin/{program}.sh")), script).unwrap();
    }

    /// The recipes run in this shell from now on.
    fn shell(&self, shell: &PathBuf) {
        fs::remove_file(self.path("bin/sh")).unwrap();
        symlink(shell, self.path("bin/sh")).unwrap();
    }

    /// Exit code, stdout and stderr.
    fn kcx(&self, words: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_kcx"))
            .args(words)
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", self.path("bin"))
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// The calls of programs since the last time; those that run at the same time come in any order.
    fn calls(&self) -> BTreeSet<String> {
        let file = self.path("bin/calls");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let _ = fs::remove_file(file);
        let bin = self.path("bin").display().to_string();
        text.lines().map(|line| line.replace(&bin, "BIN")).collect()
    }

    /// The names of all contexts.
    fn contexts(&self) -> Vec<String> {
        self.kcx(&["get", "-o", "name"]).1.lines().map(str::to_owned).collect()
    }

    /// The clusters of the source, one a line, if it and all of them can be had.
    #[track_caller]
    fn clusters(&self) -> String {
        let (code, out, err) = self.kcx(&["source", "test", "s"]);
        assert_eq!(code, Some(0), "{out}{err}");
        // Names are in quotes where no color shows them.
        out.replace('`', "")
    }

    /// What is wrong with the source.
    #[track_caller]
    fn failure(&self) -> String {
        let (code, out, err) = self.kcx(&["source", "test", "s"]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        err
    }
}

#[test]
fn the_scripts_run_in_every_posix_shell() {
    let shells = ["dash", "bash", "busybox", "mksh", "yash"].map(which);
    for case in &cases::all() {
        let world = World::new(case.source, case.programs);
        for shell in shells.iter().flatten() {
            world.shell(shell);
            assert_eq!(world.clusters(), case.clusters, "{}: {}", case.source, shell.display());
        }
    }
}

#[test]
fn each_recipe_asks_its_program_and_syncs_what_it_says() {
    for case in &cases::all() {
        let world = World::new(case.source, case.programs);
        assert_eq!(world.clusters(), case.clusters, "{}", case.source);
        let wanted: BTreeSet<String> = case.calls.iter().map(|&call| call.to_owned()).collect();
        let calls = world.calls();
        assert_eq!(calls, wanted, "{}", case.source);
        let (code, _, err) = world.kcx(&["sync", "--allow-exec"]);
        assert_eq!(code, Some(0), "{}: {err}", case.source);
        assert_eq!(world.contexts(), case.contexts, "{}", case.source);
        // Nothing changed.
        let (_, _, err) = world.kcx(&["sync", "--allow-exec"]);
        assert!(err.contains("nothing to do"), "{}: {err}", case.source);
    }
}

#[test]
fn a_program_that_is_missing_is_named() {
    for case in &cases::all() {
        let world = World::new(case.source, &[]);
        let (program, _) = case.programs[0];
        let said = world.failure();
        let wanted = format!("ended with exit code 127: the program {program} is not installed");
        assert!(said.contains(&wanted), "{}: {said}", case.source);
    }
}

#[test]
fn a_failing_list_changes_nothing_and_says_why() {
    for case in &cases::all() {
        let world = World::new(case.source, case.programs);
        let (program, answers) = case.programs[0];
        // The names of the hosts are in the settings.
        if program == "ssh" {
            continue;
        }
        let (code, _, err) = world.kcx(&["sync", "--allow-exec"]);
        assert_eq!(code, Some(0), "{}: {err}", case.source);
        let before = world.contexts();
        // The last call of the list fails, in the middle of its output.
        let last = case.calls.iter().filter(|call| call.contains(case.list)).count();
        let counted = format!(
            "case $line in *'{}'*) printf . >>\"${{0%/*}}/count\" ;; esac\n\
             [ \"$(cat \"${{0%/*}}/count\")\" != '{}' ] || {{ ({answers}\n); echo no login >&2; exit 7; }}\n{answers}",
            case.list,
            ".".repeat(last)
        );
        world.answer(program, &counted);
        let (code, _, err) = world.kcx(&["sync", "--prune", "-y", "--allow-exec"]);
        assert_eq!(code, Some(1), "{}: {err}", case.source);
        assert!(err.contains("ended with exit code 7") && err.contains("no login"), "{}: {err}", case.source);
        assert_eq!(world.contexts(), before, "{}", case.source);
    }
}

#[test]
fn no_cluster_is_no_failure() {
    for (source, program, answers) in [
        ("aws: {regions: eu-west-1}", "aws", ":"),
        ("azure: s-1", "az", ":"),
        ("capi: true", "kubectl", ":"),
        ("cluster-profile: {command: login, provider: p}", "kubectl", ":"),
        ("gcloud: shop", "gcloud", ":"),
        ("k3d: true", "k3d", ":"),
        ("kind: true", "kind", "echo 'No kind clusters found.' >&2"),
        ("rancher: true", "rancher", ":"),
    ] {
        assert_eq!(World::new(source, &[(program, answers)]).clusters(), "", "{source}");
    }
}

#[test]
fn one_cluster_that_cannot_be_had_does_not_hold_up_the_others() {
    let script = "case $* in *edge-2*) echo 'ssh: connect to host edge-2 port 22: Connection refused' >&2; exit 255 ;; \
                  *-G*) echo 'hostname edge-1' ;; *) kubeconfig default https://127.0.0.1:6443 ;; esac";
    let world = World::new("ssh: {hosts: [root@edge-1, root@edge-2]}", &[("ssh", script)]);
    let (code, _, err) = world.kcx(&["sync"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("root@edge-2") && err.contains("Connection refused"), "{err}");
    assert_eq!(world.contexts(), ["edge-1"]);
}

#[test]
fn the_address_of_a_machine_replaces_its_name_for_itself() {
    let case = cases::all().into_iter().find(|case| case.source.starts_with("ssh")).unwrap();
    let world = World::new(case.source, case.programs);
    let servers = |world: &World| -> Vec<String> {
        let (code, _, err) = world.kcx(&["sync"]);
        assert_eq!(code, Some(0), "{err}");
        let text = fs::read_to_string(world.path(".kube/config.d/s.yaml")).unwrap();
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("server: "));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(servers(&world), ["https://10.0.0.5:6443", "https://[fd00::2]:6443"]);
    world.answer(
        "ssh",
        "case $* in *-G*) echo 'hostname 10.0.0.5' ;; *) kubeconfig default https://k3s.example:6443 ;; esac",
    );
    assert_eq!(servers(&world), ["https://k3s.example:6443", "https://k3s.example:6443"]);
    // Another program may print it.
    let world = World::new("ssh: {hosts: edge, command: sudo k3s kubectl config view --raw}", case.programs);
    world.clusters();
    assert!(world.calls().contains(
        "ssh [-o] [BatchMode=yes] [-o] [ConnectTimeout=20] [--] [edge] [sudo k3s kubectl config view --raw]"
    ));
}

#[test]
fn a_list_of_gcloud_that_is_not_complete_is_a_failure() {
    let script = "echo 'WARNING: The following zones did not respond: us-east1-b. List results may be incomplete.' >&2\n\
                  printf 'shop\\teurope-west1\\t\\n'";
    let said = World::new("gcloud: p", &[("gcloud", script)]).failure();
    assert!(said.contains("The following zones did not respond: us-east1-b"), "{said}");
}

#[test]
fn what_is_not_set_is_named() {
    let said = World::new("aws: true", &[("aws", "exit 1")]).failure();
    assert!(said.contains("no region is set: set the option regions, or AWS_REGION"), "{said}");
    let said = World::new("gcloud: true", &[("gcloud", "echo '(unset)' >&2")]).failure();
    assert!(said.contains("no project is set"), "{said}");
}

#[test]
fn a_rancher_token_is_made_once_a_day() {
    let case = cases::all().into_iter().find(|case| case.source.starts_with("rancher")).unwrap();
    let world = World::new(case.source, case.programs);
    let made = |world: &World| world.calls().iter().filter(|call| call.contains("kubeconfig")).count();
    world.kcx(&["sync"]);
    assert_eq!(made(&world), 2);
    let day = fs::read_to_string(world.path(".kube/config.d/s.yaml")).unwrap();
    world.kcx(&["sync"]);
    let same = fs::read_to_string(world.path(".kube/config.d/s.yaml")).unwrap();
    // Midnight may have come meanwhile.
    assert!(day != same || made(&world) == 0);
}

#[test]
fn odd_names_are_quoted() {
    let script = "case $2 in ls) printf 'cluster c-1 a \"b\" \\\\ c\\001\\n' ;; esac\n\
                  case $2 in kubeconfig) kubeconfig default https://c ;; esac";
    let world = World::new("rancher: true", &[("rancher", script)]);
    // A control character has no place in a name.
    assert!(world.failure().contains("line 1 of its list has a `name` that is not one line of text"));
    world.answer("rancher", &script.replace("\\001", ""));
    let (code, _, err) = world.kcx(&["sync"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(world.contexts(), ["a \"b\" \\ c"]);
}

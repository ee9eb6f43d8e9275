//! A switch in a session, killed and failed at every system call of its writes: the shell is on the old context or on
//! the new one, the user's own file is as it was, and the next switch works.

use crate::faults::at_every_call;
use crate::tools::{Home, KCX, TWO, complaint, fine, kubectl, names};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

/// Between any two of these the state on disk is the same.
const CALLS: &[&str] = &["write", "link", "rename", "unlink"];

/// A shell's session above `config`; the shell is this test.
struct Shell {
    home: Home,
    list: String,
    session: String,
}

impl Shell {
    fn start() -> Shell {
        let home = Home::new();
        let config = home.write("config", TWO);
        let run = home.path("run");
        fs::create_dir(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
        let pid = std::process::id().to_string();
        let mut init = home.command(KCX, &config);
        let answer =
            fine(&init.env("XDG_RUNTIME_DIR", &run).args(["__session", "nushell", &pid]).output().unwrap());
        let facts: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let fact = |name: &str| facts[name].as_str().unwrap().to_owned();
        Shell { list: fact("KUBECONFIG"), session: fact("KCX_SESSION"), home }
    }

    /// What is typed in this shell, as words for another program to run.
    fn words(&self, program: &str, args: &[&str]) -> Vec<String> {
        let home = self.home.dir.path().display();
        let facts = [
            format!("HOME={home}"),
            format!("XDG_RUNTIME_DIR={home}/run"),
            format!("KUBECONFIG={}", self.list),
            format!("KCX_SESSION={}", self.session),
        ];
        let words = ["env", "-i"].map(str::to_owned).into_iter().chain(facts);
        words.chain([program.to_owned()]).chain(args.iter().map(|arg| (*arg).to_owned())).collect()
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        let words = self.words(program, args);
        std::process::Command::new(&words[0]).args(&words[1..]).output().unwrap()
    }

    /// Context and namespace, as the real kubectl sees them.
    fn sees(&self) -> String {
        let path = "jsonpath={.current-context} {.contexts[0].context.namespace}";
        fine(&self.run(&kubectl(), &["config", "view", "--minify", "-o", path]))
    }
}

fn switches(calls: &[&str], harms: &[&str]) {
    let shell = Shell::start();
    let old = "a one";
    fine(&shell.run(KCX, &["use", "-q", "b", "-n", "two"]));
    fine(&shell.run(KCX, &["use", "-q", "a", "-n", "one"]));
    let files = names(shell.session.as_ref());
    assert_eq!(shell.sees(), old);
    at_every_call(
        calls,
        harms,
        &[],
        || shell.words(KCX, &["use", "b", "-n", "two"]),
        |fault, status| {
            let found = shell.sees();
            assert!(found == old || found == "b two", "{fault}: {found}");
            assert!(!status.success() || found == "b two", "{fault}: success without the new context");
            let answer = shell.run(KCX, &["use", "b", "-n", "three"]);
            assert_eq!(complaint(&answer), "switched to context `b`, namespace `three`\n", "{fault}");
            assert_eq!(shell.sees(), "b three", "{fault}");
            fine(&shell.run(KCX, &["use", "-q", "a", "-n", "one"]));
            assert_eq!(shell.sees(), old, "{fault}");
            assert_eq!(fs::read_to_string(shell.home.path("config")).unwrap(), TWO, "{fault}");
            assert_eq!(names(shell.session.as_ref()), files, "{fault}");
        },
    );
}

#[test]
fn a_session_killed_at_any_call_of_a_switch() {
    switches(CALLS, &["signal=KILL", "signal=TERM"]);
}

#[test]
fn a_session_failing_at_any_call_of_a_switch() {
    switches(&[&["openat"], CALLS].concat(), &["error=ENOSPC"]);
}

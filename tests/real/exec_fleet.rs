//! `kcx exec` over many contexts: at the same time, in order, ended by signals and by time, and nothing left behind.

use crate::screen::{Screen, wait_until};
use crate::tools::{Home, KCX, complaint, fine, kubectl, sessions, two_days_pass};
use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

/// A home with this many contexts, `ctx-000` and so on.
fn home(count: usize) -> Home {
    let home = Home::new();
    let mut text = "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {server: 'https://c'}\nusers:\n- name: u\n  user: {token: s3cr3t}\ncontexts:\n".to_owned();
    for at in 0..count {
        text += &format!("- name: ctx-{at:03}\n  context: {{cluster: c, user: u}}\n");
    }
    home.write("config", text + "current-context: ctx-000\n");
    fs::create_dir(home.path("run")).unwrap();
    fs::set_permissions(home.path("run"), fs::Permissions::from_mode(0o700)).unwrap();
    home
}

fn command(home: &Home, words: &[&str]) -> Command {
    let mut command = home.command(KCX, home.path("config"));
    command.env("XDG_RUNTIME_DIR", home.path("run")).arg("exec").args(words);
    command
}

fn exec(home: &Home, words: &[&str]) -> Output {
    let output = command(home, words).output().unwrap();
    assert_eq!(sessions(home.dir.path()).len(), 0, "every session is gone");
    output
}

#[test]
fn two_hundred_contexts_at_the_same_time_are_each_right_and_leave_nothing() {
    let home = home(200);
    let kubectl = kubectl();
    let before = fs::read(home.path("config")).unwrap();
    let words = ["*", "--parallel", "32", "--", &kubectl, "config", "current-context"];
    let output = exec(&home, &words);
    let said = fine(&output);
    let lines: HashSet<&str> = said.lines().collect();
    let want: Vec<String> = (0..200).map(|at| format!("ctx-{at:03} | ctx-{at:03}")).collect();
    assert_eq!((said.lines().count(), lines), (200, want.iter().map(String::as_str).collect()));
    assert_eq!(complaint(&output), "");
    // The report is in the order of the patterns, however fast each one was.
    // Each that ends with 0 goes on only when the next has all but ended.
    for at in (0..200).step_by(10) {
        let made = Command::new("mkfifo").arg(home.path(&format!("ctx-{at:03}.go"))).status().unwrap();
        assert!(made.success());
    }
    let script = format!(
        "dir='{}'; case $HELM_KUBECONTEXT in *0) read -r _ <\"$dir/$HELM_KUBECONTEXT.go\";; esac; \
         kubectl_is_right=$($0 config current-context); echo $kubectl_is_right; echo to-stderr >&2; \
         case $HELM_KUBECONTEXT in *1) echo >\"$dir/${{HELM_KUBECONTEXT%1}}0.go\";; *-007) exit 7;; esac",
        home.path("").display()
    );
    let output = exec(
        &home,
        &["ctx-1*", "ctx-0*", "--parallel", "32", "-o", "json", "--", "sh", "-c", &script, &kubectl],
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(complaint(&output), "error: failed in 1 of 200: `ctx-007` (exit code 7)\n");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let order: Vec<&str> =
        report.as_array().unwrap().iter().map(|run| run["context"].as_str().unwrap()).collect();
    let names: Vec<String> = (100..200).chain(0..100).map(|at| format!("ctx-{at:03}")).collect();
    assert_eq!(order, names);
    for run in report.as_array().unwrap() {
        let context = run["context"].as_str().unwrap();
        assert_eq!(run["stdout"], format!("{context}\n"));
        assert_eq!(run["stderr"], "to-stderr\n");
        let failed = context == "ctx-007";
        assert_eq!(
            (run["exitCode"].as_i64(), run["status"].as_str()),
            (Some(if failed { 7 } else { 0 }), Some(if failed { "failed" } else { "succeeded" }))
        );
        assert!(run["seconds"].as_f64().unwrap() >= if context.ends_with('0') { 0.2 } else { 0.0 });
    }
    assert_eq!(fs::read(home.path("config")).unwrap(), before);
}

#[test]
fn lines_are_whole_and_the_two_streams_stay_apart() {
    let home = home(8);
    // Each line in several writes, many of them, and a last one without an end.
    let script = "i=0; while [ $i -lt 200 ]; do printf 'a%s' $HELM_KUBECONTEXT; printf 'b%s' $HELM_KUBECONTEXT; echo c; echo error >&2; i=$((i+1)); done; printf end";
    let output = exec(&home, &["*", "--parallel", "8", "--", "sh", "-c", script]);
    let said = fine(&output);
    for at in 0..8 {
        let name = format!("ctx-{at:03}");
        let line = format!("{name} | a{name}b{name}c");
        assert_eq!(said.lines().filter(|it| *it == line).count(), 200);
        assert_eq!(said.lines().filter(|it| *it == format!("{name} | end")).count(), 1);
        let error = format!("{name} | error");
        assert_eq!(complaint(&output).lines().filter(|it| *it == error).count(), 200);
    }
    assert_eq!((said.lines().count(), complaint(&output).lines().count()), (8 * 201, 1600));
    // Colours, where they are asked for, stand in front and nowhere else.
    let output =
        exec(&home, &["ctx-000", "ctx-001", "--parallel", "2", "--color", "always", "--", "echo", "hi"]);
    let said = fine(&output);
    assert!(said.lines().any(|line| line == "\u{1b}[36mctx-000 |\u{1b}[0m hi"), "{said:?}");
}

/// Starts long runs, and waits until so many of them are there; their processes come back.
fn start(home: &Home, words: &[&str], count: usize) -> (Child, Vec<String>) {
    let _ = fs::remove_file(home.path("pids"));
    let script = format!("echo $$ >> {}; exec tail -f /dev/null", home.path("pids").display());
    let words: Vec<&str> = words.iter().copied().chain(["--", "sh", "-c", &script]).collect();
    let child = heeding(&command(home, &words))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pids = || fs::read_to_string(home.path("pids")).unwrap_or_default();
    assert!(wait_until(|| pids().lines().count() == count));
    (child, pids().lines().map(str::to_owned).collect())
}

/// The same command, with no signal ignored: who runs the tests below nohup, or behind a script's `&`, has some ignored.
fn heeding(command: &Command) -> Command {
    let mut heeding = Command::new("env");
    heeding.env_clear().current_dir(command.get_current_dir().unwrap());
    heeding.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    heeding.arg("--default-signal=INT,TERM,HUP").arg(command.get_program()).args(command.get_args());
    heeding
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

fn is_alive(pid: &String) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

#[test]
fn a_signal_reaches_every_run_and_what_was_killed_is_swept_later() {
    let home = home(8);
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        for (words, count) in [(&["*", "--parallel", "4"][..], 4), (&["*"], 1), (&["ctx-001"], 1)] {
            let (child, pids) = start(&home, words, count);
            assert_eq!(sessions(home.dir.path()).len(), count);
            kill(signal, &child.id().to_string());
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{signal} {words:?}");
            assert_eq!(sessions(home.dir.path()).len(), 0);
            assert!(!pids.iter().any(is_alive));
            if words.len() > 1 {
                let said = complaint(&output);
                assert!(
                    said.starts_with("error: failed in 4 of 8: ")
                        && said.contains("; 4 did not run: `ctx-00"),
                    "{said}"
                );
            }
        }
    }
    // Nothing can be done then; a later run of kcx cleans up, when the commands have ended.
    let (mut child, pids) = start(&home, &["*", "--parallel", "4"], 4);
    child.kill().unwrap();
    child.wait().unwrap();
    let run_again = || {
        two_days_pass(home.dir.path());
        fine(&command(&home, &["ctx-001", "--", "true"]).output().unwrap());
        sessions(home.dir.path()).len()
    };
    assert_eq!(run_again(), 4);
    pids.iter().for_each(|pid| kill("-KILL", pid));
    assert!(wait_until(|| !pids.iter().any(is_alive)));
    assert_eq!(run_again(), 0);
}

#[test]
fn what_takes_too_long_is_ended_with_all_that_it_has_started() {
    let home = home(4);
    let began = Instant::now();
    let script = format!("tail -f /dev/null & echo $! > {}; wait", home.path("pid").display());
    let words = ["ctx-00[01]", "--timeout", "1s", "--parallel", "2", "--", "sh", "-c", &script];
    let output = exec(&home, &words);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(complaint(&output), "error: failed in 2 of 2: `ctx-000` (timed out), `ctx-001` (timed out)\n");
    assert!(!is_alive(&fs::read_to_string(home.path("pid")).unwrap().trim().to_owned()));
    let output = exec(&home, &["ctx-000", "--timeout", "1s", "--", "tail", "-f", "/dev/null"]);
    assert_eq!(output.status.code(), Some(124));
    assert_eq!(complaint(&output), "error: `tail` was stopped after 1 s in context `ctx-000`\n");
    // Who will not go is made to.
    let output = exec(
        &home,
        &[
            "ctx-00[12]",
            "-o",
            "json",
            "--timeout",
            "500ms",
            "--",
            "sh",
            "-c",
            "trap '' TERM; echo here; tail -f /dev/null",
        ],
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report[0]["status"], &report[1]["stdout"]), (&"timed out".into(), &"here\n".into()));
    assert!(began.elapsed().as_secs() < 200);
}

#[test]
fn one_failure_can_be_enough() {
    let home = home(6);
    let script = "echo; case $HELM_KUBECONTEXT in *-002) exit 3;; esac";
    let output = exec(&home, &["*", "--fail-fast", "--", "sh", "-c", script]);
    assert_eq!((output.status.code(), output.stdout), (Some(1), b"\n\n\n".to_vec()));
    let output = exec(&home, &["*", "--fail-fast", "-o", "json", "--", "sh", "-c", script]);
    assert_eq!(
        complaint(&output),
        "error: failed in 1 of 6: `ctx-002` (exit code 3); 3 did not run: `ctx-003`, `ctx-004`, `ctx-005`\n"
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report[5], serde_json::json!({"context": "ctx-005", "status": "skipped"}));
}

#[test]
fn stdin_is_for_one_run_alone() {
    let home = home(3);
    let run = |words: &[&str]| {
        let mut child = command(&home, words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whoever refuses it does not read it.
        let _ = child.stdin.take().unwrap().write_all(b"mine\n");
        child.wait_with_output().unwrap()
    };
    assert_eq!(fine(&run(&["ctx-001", "--", "cat"])), "mine\n");
    assert_eq!(fine(&run(&["ctx-001", "--", "cat", "-"])), "mine\n");
    assert_eq!(fine(&run(&["*", "-q", "--", "cat"])), "", "several have none");
    let output = run(&["*", "--", "cat", "-"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        complaint(&output),
        "error: 3 runs cannot share one stdin, which `-` reads\nhint: put it into a file that each run can read\n"
    );
}

#[test]
fn nothing_leads_a_tool_elsewhere() {
    let home = home(2);
    let mut command = command(&home, &["ctx-001", "--", "env"]);
    for variable in
        ["HELM_KUBEAPISERVER", "HELM_KUBETOKEN", "HELM_KUBEASUSER", "HELM_NAMESPACE", "HELM_KUBECONTEXT"]
    {
        command.env(variable, "elsewhere");
    }
    let said = fine(&command.output().unwrap());
    assert!(!said.contains("elsewhere") && said.contains("HELM_KUBECONTEXT=ctx-001\n"), "{said}");
    assert!(said.contains("KUBECONFIG=") && !said.contains("s3cr3t"));
}

#[test]
fn contexts_are_picked_from_the_list() {
    let config = fs::read_to_string(home(3).path("config")).unwrap();
    let screen = Screen::new(&[(".kube/config", &config)]);
    screen.start("bash --norc --noprofile", 60, 14);
    let pane = screen.main();
    pane.wait_for("$");
    pane.text("kcx exec -- kubectl config current-context");
    pane.press(&["Enter"]);
    pane.wait_for("3/3");
    pane.press(&["Tab", "Tab", "Enter"]);
    let seen =
        pane.wait("both runs", |seen| seen.lines().filter(|line| line.starts_with("ctx-")).count() == 2);
    assert!(seen.contains("`ctx-00"), "{seen}");
}

//! `docs/agents.md`: each command line of the page does what it says, with what the tool in question gives its hooks.

use crate::screen::{Pane, Screen};
use crate::tools::{Home, KCX, TWO, complaint, fine, kubectl, which};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Output, Stdio};

const PAGE: &str = include_str!("../../docs/agents.md");
const RULES: &str = "rules: [{match: b, confirm: type-name}, {match: prod, confirm: yes}]\n";

/// The block of the page with this name.
fn block(name: &str) -> String {
    let mut lines = PAGE
        .lines()
        .skip_while(|line| !(line.starts_with("```") && line.ends_with(&format!(" hook {name}"))));
    assert!(lines.next().is_some(), "{name}");
    lines.take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect()
}

/// The names of all blocks that are a hook.
fn blocks() -> Vec<&'static str> {
    PAGE.lines()
        .filter_map(|line| line.strip_prefix("```")?.split_once(" hook ").map(|(_, name)| name))
        .collect()
}

/// The value of the first `command` in a text of JSON.
fn command(text: &str) -> String {
    fn find(value: &Value) -> Option<String> {
        match value {
            Value::Object(object) => object
                .get("command")
                .and_then(|command| command.as_str().map(str::to_owned))
                .or_else(|| object.values().find_map(find)),
            Value::Array(items) => items.iter().find_map(find),
            _ => None,
        }
    }
    find(&serde_json::from_str(text).unwrap()).unwrap()
}

/// A home on the protected context `b`, in which only these programs are found.
struct World {
    home: Home,
}

impl World {
    fn new(programs: &[&str]) -> World {
        let home = Home::new();
        for folder in [".kube", ".config/kcx", "bin"] {
            fs::create_dir_all(home.path(folder)).unwrap();
        }
        home.write(".kube/config", TWO.replace("current-context: a", "current-context: b"));
        home.write(".config/kcx/config.yaml", RULES);
        for program in programs {
            let path = if *program == "kcx" { KCX.to_owned() } else { which(program) };
            symlink(path, home.path("bin").join(program)).unwrap();
        }
        World { home }
    }

    fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.write(name, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn run(&self, program: &str, words: &[&str], input: &str) -> Output {
        let mut command = self.home.command(&which(program), "");
        command.env_remove("KUBECONFIG").env("PATH", self.home.path("bin")).args(words);
        command.current_dir(self.home.dir.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs the command of a hook as the tools do: with `sh`.
    fn hook(&self, name: &str, input: &str) -> Output {
        self.run("sh", &["-c", &command(&block(name))], input)
    }
}

/// What the tools write to the stdin of a hook; `LINE` is the command, as JSON.
const INPUTS: [(&str, &str); 4] = [
    (
        "claude-code",
        r#"{"session_id":"5f0c","transcript_path":"/home/me/.claude/projects/x/5f0c.jsonl","cwd":"/home/me/x",
            "permission_mode":"default","hook_event_name":"PreToolUse","tool_name":"Bash",
            "tool_input":{"command":LINE,"description":"Runs it","timeout":120000},"tool_use_id":"toolu_01"}"#,
    ),
    (
        "codex",
        r#"{"session_id":"019a","turn_id":"3","transcript_path":null,"cwd":"/home/me/x","hook_event_name":"PreToolUse",
            "model":"gpt-5","permission_mode":"default","tool_name":"Bash","tool_input":{"command":LINE},"tool_use_id":"call_1"}"#,
    ),
    (
        "gemini-cli",
        r#"{"session_id":"a1","transcript_path":"/home/me/.gemini/tmp/a1.json","cwd":"/home/me/x","hook_event_name":"BeforeTool",
            "timestamp":"2026-11-30T10:00:00.000Z","tool_name":"run_shell_command","tool_input":{"command":LINE,"description":"Runs it"}}"#,
    ),
    (
        "cursor",
        r#"{"hook_event_name":"beforeShellExecution","conversation_id":"c1","generation_id":"g1",
            "workspace_roots":["/home/me/x"],"command":LINE,"cwd":"/home/me/x"}"#,
    ),
];

/// Command lines, and the exit code of `kcx protect check` about them on the protected context `b`.
const LINES: [(&str, i32); 8] = [
    ("kubectl get pods", 0),
    ("ls -la", 0),
    ("kubectl --context a delete pod x", 0),
    ("kubectl delete pod x", 1),
    ("cd /tmp && kubectl get pods | xargs kubectl delete", 1),
    ("helm upgrade web ./chart", 1),
    ("kubectl \"delete\" pod 'it is'", 1),
    ("-x; kubectl delete pod x", 1),
];

fn input(name: &str, line: &str) -> String {
    let (_, text) = INPUTS.iter().find(|(tool, _)| *tool == name).unwrap();
    text.replace("LINE", &Value::from(line).to_string())
}

#[test]
fn an_agent_runs_what_is_allowed_and_nothing_else() {
    let world = World::new(&["kcx", "jq"]);
    for name in ["claude-code", "codex", "gemini-cli"] {
        for (line, code) in LINES {
            let output = world.hook(name, &input(name, line));
            let said = complaint(&output);
            assert_eq!(output.status.code(), Some(if code == 0 { 0 } else { 2 }), "{name}: {line}: {said}");
            // The tools show stderr as the reason, and read stdout as an answer of their own.
            assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{name}: {line}");
            assert!(code == 0 || said.contains('b'), "{name}: {line}: {said}");
        }
    }
    for (line, code) in LINES {
        let output = world.hook("cursor", &input("cursor", line));
        let wanted = if code == 0 { "allow" } else { "ask" };
        assert_eq!(
            fine(&output),
            format!("{{\"permission\": \"{wanted}\"}}\n"),
            "{line}: {}",
            complaint(&output)
        );
    }
}

/// A hook that cannot decide allows nothing.
#[test]
fn without_jq_kcx_or_an_answer_nothing_is_allowed() {
    let broken_settings = World::new(&["kcx", "jq"]);
    broken_settings.home.write(".config/kcx/config.yaml", "nonsense: 1\n");
    let worlds = [World::new(&["kcx"]), World::new(&["jq"]), broken_settings];
    for (name, _) in INPUTS {
        for (at, world) in worlds.iter().enumerate() {
            let output = world.hook(name, &input(name, "kubectl delete pod x"));
            let is_denied = match name {
                "cursor" => String::from_utf8_lossy(&output.stdout).contains("deny"),
                _ => output.status.code() == Some(2),
            };
            assert!(is_denied, "{name} {at}: {output:?}");
        }
        let world = World::new(&["kcx", "jq"]);
        for text in ["", "no JSON", "{}"] {
            let output = world.hook(name, text);
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                output.status.code() == Some(2) || !said.is_empty() && !said.contains("allow"),
                "{name} {text:?}: {output:?}"
            );
        }
    }
}

#[test]
fn a_shell_that_checks_runs_what_is_allowed() {
    let world = World::new(&["kcx", "sh"]);
    world.script("bin/kubectl", "#!/bin/sh\necho \"<kubectl $*>\"\n");
    let shell = world.script("guarded-sh", &block("guarded-sh"));
    let shell = shell.to_str().unwrap();
    assert_eq!(fine(&world.run(shell, &["-c", "kubectl get pods"], "")), "<kubectl get pods>\n");
    assert_eq!(fine(&world.run(shell, &[], "kubectl get nodes\n")), "<kubectl get nodes>\n");
    let output = world.run(shell, &["-c", "kubectl delete pod x"], "");
    assert_eq!(
        (output.status.code(), output.stdout.as_slice()),
        (Some(2), b"".as_slice()),
        "{}",
        complaint(&output)
    );
}

#[test]
fn bash_runs_what_is_allowed() {
    let world = World::new(&["kcx"]);
    world.script("bin/kubectl", "#!/bin/sh\necho \"<kubectl $*>\"\n");
    let text = block("bash") + "kubectl get pods\nkubectl delete pod x\nkubectl --context a delete pod x\n";
    let output = world.run("bash", &["-c", &text], "");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "<kubectl get pods>\n<kubectl --context a delete pod x>\n", "{}", complaint(&output));
}

/// A screen with this start-up file, on the protected context `b`; its kubectl only says that it ran.
fn screen(file: &str, text: &str) -> Screen {
    let config = TWO.replace("current-context: a", "current-context: b");
    let screen = Screen::new(&[(".kube/config", &config), (".config/kcx/config.yaml", RULES), (file, text)]);
    fs::remove_file(screen.path("bin/kubectl")).unwrap();
    fs::write(screen.path("bin/kubectl"), "#!/bin/sh\necho \"<kubectl $*>\"\n").unwrap();
    fs::set_permissions(screen.path("bin/kubectl"), fs::Permissions::from_mode(0o755)).unwrap();
    screen
}

/// Types these lines on a clear screen, and gives what is seen when this text is there.
#[track_caller]
fn typed(pane: &Pane<'_>, lines: &[&str], wanted: &str) -> String {
    pane.press(&["C-l"]);
    pane.wait("a clear screen", |seen| seen.trim_end().lines().count() <= 1);
    for line in lines {
        pane.text(line);
        pane.press(&["Enter"]);
    }
    pane.wait_for(wanted)
}

const QUESTION: &str = "Type its name to run this in it";

/// The trap stands beside the hook of kcx, whose function `kubectl` is no command that was typed.
#[test]
fn bash_asks_on_the_terminal_beside_the_hook() {
    let rc = format!("PS1='$ '\neval \"$(kcx init bash)\"\n{}", block("bash"));
    let screen = screen(".bashrc", &rc);
    screen.start("bash", 120, 30);
    let pane = screen.main();
    pane.wait_for("b:default $");
    let seen = typed(&pane, &["kubectl get pods"], "\n<kubectl get pods>\nb:default $");
    assert_eq!(seen.lines().count(), 3, "{seen}");
    let seen = typed(&pane, &["false", "echo $((40 + 2))"], "\n42\nb:default $");
    assert_eq!(seen.lines().count(), 4, "{seen}");
    for (line, ran) in [
        ("kubectl delete pod x", "<kubectl delete pod x>"),
        ("f() { kubectl delete pod y; }; f", "<kubectl delete pod y>"),
    ] {
        typed(&pane, &[line], "protected");
        pane.wait("the question", |seen| seen.trim_end().ends_with(':'));
        pane.text("no");
        pane.press(&["Enter"]);
        let seen = pane.wait("the next prompt", |seen| seen.trim_end().ends_with("b:default $"));
        assert!(!seen.contains(ran), "{seen}");
        typed(&pane, &[line], "protected");
        pane.wait("the question", |seen| seen.trim_end().ends_with(':'));
        pane.text("b");
        pane.press(&["Enter"]);
        pane.wait_for(ran);
    }
}

#[test]
fn zsh_accepts_what_is_allowed_and_asks_about_the_rest() {
    let rc = format!("PROMPT='$ '\nalias kd='kubectl delete'\n{}", block("zsh"));
    let screen = screen(".zshrc", &rc);
    screen.start("zsh", 120, 30);
    let pane = screen.main();
    pane.wait_for("$");
    typed(&pane, &["echo kubectl-$((40 + 2))"], "\nkubectl-42");
    typed(&pane, &["for x in 1 2; do", "echo $((40 + x))", "done"], "\n41\n42\n");
    typed(&pane, &["cat <<EOF", "kubectl delete pod x", "EOF"], "EOF\nkubectl delete pod x\n");
    typed(&pane, &["kubectl get \\", "pods"], "\n<kubectl get pods>");
    // Only the whole command is judged, and only once.
    for (lines, ran) in [
        (&["kubectl delete pod x"][..], "<kubectl delete pod x>"),
        (&["kd pod y"], "<kubectl delete pod y>"),
        (&["kubectl delete \\", "pod z"], "<kubectl delete pod z>"),
        (&["for x in 1 2; do", "kubectl delete pod $x", "done"], "<kubectl delete pod 2>"),
    ] {
        for (answer, is_run) in [("no", false), ("b", true)] {
            typed(&pane, lines, "protected");
            let seen = pane.wait("the question", |seen| seen.trim_end().ends_with(':'));
            assert_eq!(seen.matches(QUESTION).count(), 1, "{seen}");
            pane.text(answer);
            pane.press(&["Enter"]);
            let seen = pane.wait("the next prompt", |seen| seen.trim_end().ends_with("\n$"));
            assert_eq!(seen.contains(ran), is_run, "{seen}");
        }
    }
    // What the hint of the refusal says.
    typed(&pane, &["kcx protect lift 10m b"], "protected");
    pane.wait("the question", |seen| seen.trim_end().ends_with(':'));
    pane.text("b");
    pane.press(&["Enter"]);
    pane.wait_for("kcx does not ask about `b` for 10 min");
    typed(&pane, &["kubectl delete pod x"], "\n<kubectl delete pod x>");
}

#[test]
fn a_task_and_a_hook_of_git_apply_only_what_is_allowed() {
    let world = World::new(&["kcx", "sh"]);
    world.script("bin/kubectl", "#!/bin/sh\necho \"<kubectl $*>\"\n");
    let hook = world.script("pre-push", &block("pre-push"));
    for config in [TWO.to_owned(), TWO.replace("current-context: a", "current-context: b")] {
        world.home.write(".kube/config", &config);
        let is_allowed = config == TWO;
        for output in [world.hook("vscode", ""), world.run(hook.to_str().unwrap(), &[], "")] {
            let wanted = if is_allowed { "<kubectl apply -k deploy>\n" } else { "" };
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                said.ends_with(wanted) && said.contains("<kubectl") == is_allowed,
                "{said}{}",
                complaint(&output)
            );
            assert_eq!(output.status.success(), is_allowed, "{}", complaint(&output));
        }
    }
}

/// The commands of the fence: what an agent finds when they have started it.
#[test]
fn an_agent_in_a_fence_sees_one_context_and_its_marks() {
    let world = World::new(&["kcx", "sh", "sed"]);
    let config = TWO
        .replace("name: a", "name: staging")
        .replace("name: b", "name: prod")
        .replace("current-context: a", "current-context: staging");
    world.home.write(".kube/config", config);
    symlink(which(&kubectl()), world.home.path("bin/kubectl")).unwrap();
    let agent = "#!/bin/sh\nkubectl config get-contexts -o name\necho \"$KCX_LOCKED/$KCX_READ_ONLY/$KUBECTX_ISOLATED_SHELL/$KUBECTX_READONLY_SHELL\"\n\
        sh -c 'kcx use staging' 2>&1 | sed 's/;.*//'\n";
    for name in ["claude", "codex", "gemini"] {
        world.script(&format!("bin/{name}"), agent);
    }
    let lines = PAGE.lines().filter(|line| line.starts_with("kcx exec "));
    let mut seen = 0;
    for line in lines {
        let line = line.split('#').next().unwrap().trim_end();
        let context = line.split(' ').nth(2).unwrap();
        let line = line.replacen("kcx exec", "kcx exec --yes-i-mean prod", 1);
        let output = world.run("sh", &["-c", &line], "");
        let marks = if line.contains("--locked") { "/1/" } else { "1/1/1" };
        let wanted = format!(
            "{context}\n{context}/{marks}\nerror: this shell is locked to context `{context}`\nhint: `exit` leaves it\n"
        );
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said, wanted, "{line}: {}", complaint(&output));
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn each_block_of_the_page_is_run() {
    let mut all = blocks();
    all.sort_unstable();
    assert_eq!(
        all,
        ["bash", "claude-code", "codex", "cursor", "gemini-cli", "guarded-sh", "pre-push", "vscode", "zsh"]
    );
}

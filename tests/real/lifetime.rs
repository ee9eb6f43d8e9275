//! How long a session lives: what was started in a shell stays on its context, whatever becomes of the shell and of the
//! session's files.

use crate::screen::{Screen, wait_until};
use crate::tools::{DEV_AND_PROD, sessions, two_days_pass};
use std::fs;
use std::process::{Command, Output};

/// A shell, the start of its hook, and a subshell that runs these commands in the background.
struct Kind {
    program: &'static str,
    hook: &'static str,
    background: fn(&str) -> String,
}

const SHELLS: [Kind; 3] = [
    Kind {
        program: "bash",
        hook: "eval \"$(kcx init bash --no-completions)\"; kcx use -q prod",
        background: |job| format!("( {job} ) >/dev/null 2>&1 &"),
    },
    Kind {
        program: "zsh",
        hook: "eval \"$(kcx init zsh --no-completions)\"; kcx use -q prod",
        background: |job| format!("( {job} ) >/dev/null 2>&1 &!"),
    },
    Kind {
        program: "fish",
        hook: "kcx init fish --no-completions | source; kcx use -q prod",
        background: |job| format!("nohup sh -c '{job}' >/dev/null 2>&1 &; disown"),
    },
];

/// A home in which a job can be told to go on.
struct World {
    screen: Screen,
}

impl World {
    fn new() -> World {
        let screen = Screen::new(&[(".kube/config", DEV_AND_PROD)]);
        assert!(Command::new("mkfifo").arg(screen.path("go")).status().unwrap().success());
        World { screen }
    }

    /// Runs a script to its end.
    fn run(&self, program: &str, script: &str) -> Output {
        fs::write(self.screen.path("script"), script).unwrap();
        let words = self.screen.words(&format!("{program} script"));
        let mut command = Command::new("sh");
        command.current_dir(self.screen.path("")).args(["-c", &format!("exec {words}")]).output().unwrap()
    }

    /// The next shell, two days later; it looks for sessions that nobody uses.
    fn next_shell(&self) {
        two_days_pass(&self.screen.path(""));
        let output = self.run("bash", "eval \"$(kcx init bash --no-completions)\"\n");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Lets the job go on, and returns the context in which it finds itself.
    fn context_of_job(&self) -> String {
        fs::write(self.screen.path("go"), "\n").unwrap();
        assert!(wait_until(|| self.screen.read("context").ends_with('\n')));
        let context = self.screen.read("context");
        fs::remove_file(self.screen.path("context")).unwrap();
        context
    }

    /// No session is left when its job has ended, two days and one shell later. Each of these shells leaves one behind.
    #[track_caller]
    fn nothing_is_left(&self) {
        assert!(wait_until(|| {
            self.next_shell();
            sessions(&self.screen.path("")).len() <= 1
        }));
        let guards = fs::read_dir(self.screen.path(".local/share/kcx/guards")).unwrap().count();
        assert_eq!(guards, sessions(&self.screen.path("")).len());
    }
}

/// Waits, and then tells the context.
const JOB: &str = "read x <go; kubectl config current-context >told; mv told context";

#[test]
fn a_job_stays_on_its_context_when_its_shell_has_ended() {
    for kind in &SHELLS {
        let world = World::new();
        let job = (kind.background)(JOB);
        let output = world.run(kind.program, &format!("{}\n{job}\n", kind.hook));
        assert!(output.status.success(), "{}: {}", kind.program, String::from_utf8_lossy(&output.stderr));
        for _ in 0..3 {
            world.next_shell();
        }
        assert_eq!(world.context_of_job(), "prod\n", "{}", kind.program);
        world.nothing_is_left();
    }
}

#[test]
fn a_job_stays_on_its_context_when_its_shell_was_killed() {
    for kind in &SHELLS {
        let world = World::new();
        let pid = if kind.program == "fish" { "$fish_pid" } else { "$$" };
        let job = (kind.background)(&format!("sh -c \"{JOB}\""));
        world.run(kind.program, &format!("{}\n{job}\nkill -9 {pid}\n", kind.hook));
        world.next_shell();
        assert_eq!(world.context_of_job(), "prod\n", "{}", kind.program);
        world.nothing_is_left();
    }
}

#[test]
fn a_job_of_kcx_exec_and_of_kcx_shell_stays_on_its_context() {
    for start in [
        "kcx exec prod -- sh -c '(@JOB@) >/dev/null 2>&1 &'",
        "kcx exec prod -- sh -c 'nohup setsid sh -c \"@JOB@\" >/dev/null 2>&1 &'",
        "SHELL=$HOME/started kcx shell prod",
    ] {
        let world = World::new();
        let started = world.screen.path("started");
        fs::write(&started, format!("#!/bin/sh\n( {JOB} ) >/dev/null 2>&1 &\n")).unwrap();
        assert!(Command::new("chmod").arg("755").arg(started).status().unwrap().success());
        let output = world.run("sh", &format!("{}\n", start.replace("@JOB@", JOB)));
        assert!(output.status.success(), "{start}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(sessions(&world.screen.path("")).len(), 1, "{start}");
        world.next_shell();
        assert_eq!(world.context_of_job(), "prod\n", "{start}");
        world.nothing_is_left();
    }
}

#[test]
fn nothing_is_kept_where_nothing_was_left_behind() {
    for start in [
        "kcx exec prod -- true",
        "kcx exec '*' --parallel 2 -- sh -c '(true)'",
        "SHELL=/bin/true kcx shell prod",
    ] {
        let world = World::new();
        let output = world.run("sh", &format!("{start}\n"));
        assert!(output.status.success(), "{start}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(sessions(&world.screen.path("")).len(), 0, "{start}");
    }
}

/// As a log-out, a cleaning program or a person removes them, while shells in tmux live.
#[test]
fn a_shell_gets_its_lost_session_back() {
    for (program, rc, hook) in [
        ("bash", ".bashrc", "PS1='$ '\neval \"$(kcx init bash)\"\n"),
        ("zsh", ".zshrc", "PROMPT='$ '\neval \"$(kcx init zsh)\"\n"),
        (
            "fish",
            ".config/fish/config.fish",
            "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nkcx init fish | source\n",
        ),
    ] {
        for lose in
            ["rm $KCX_SESSION/kcx-overlay.yaml", "rm -r $KCX_SESSION", "rm -rf $HOME/.local/state/kcx"]
        {
            let screen = Screen::new(&[(".kube/config", DEV_AND_PROD), (rc, hook)]);
            screen.start(program, 160, 20);
            let pane = screen.main();
            pane.wait_for("dev:default $");
            pane.run("kcx use prod");
            pane.wait_for("prod:web $");
            // Until kcx or the prompt makes it again, nothing goes on in another context.
            let again = "kcx current -o name; kubectl config current-context";
            let seen =
                pane.run(&format!("{lose}; kubectl config current-context; kubectl get pods; {again}"));
            let lost = seen.find("kcx-lost\n").expect(&seen);
            let said = seen.find("this shell's overlay was deleted").expect(&seen);
            assert!(lost < said && seen.ends_with("\nprod\nprod"), "{program}: {lose}: {seen}");
            assert!(!seen.contains("dev.example"), "{program}: {lose}: {seen}");
            pane.wait_for("prod:web $");
            assert_eq!(screen.read(".kube/config"), DEV_AND_PROD);
        }
    }
}

//! A terminal with a shell in it, and a person before it: tmux holds the screen.
//!
//! Nothing here sleeps blindly: what is typed is followed by waiting for what must then be seen.

use crate::tools::{KCX, kubectl, which};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take to be seen, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A terminal, with a home folder of its own.
pub(crate) struct Screen {
    dir: TempDir,
    socket: String,
    pane: String,
}

impl Screen {
    /// A home with these files, `kcx` and the real `kubectl` in its `bin`. No shell yet.
    pub(crate) fn new(files: &[(&str, &str)]) -> Screen {
        let dir = tempfile::Builder::new().prefix("kcx-screen-").tempdir().unwrap();
        let socket = dir.path().file_name().unwrap().to_str().unwrap().to_owned();
        let screen = Screen { dir, socket, pane: "0".to_owned() };
        for folder in ["bin", ".kube", "run"] {
            fs::create_dir(screen.path(folder)).unwrap();
        }
        fs::set_permissions(screen.path("run"), fs::Permissions::from_mode(0o700)).unwrap();
        screen.link(KCX, "kcx");
        screen.link(&which(&kubectl()), "kubectl");
        for (name, text) in files {
            let path = screen.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        screen
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Makes a program known in this home under this name.
    pub(crate) fn link(&self, program: &str, name: &str) {
        std::os::unix::fs::symlink(program, self.path("bin").join(name)).unwrap();
    }

    fn tmux(&self, args: &[&str]) -> String {
        let output =
            Command::new("tmux").args(["-L", &self.socket, "-f", "/dev/null"]).args(args).output().unwrap();
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// `env -i …`, then this program: nothing of the tester's environment gets in. The proxy is nobody: what asks a cluster
    /// that is none of the test's own gets no further.
    pub(crate) fn words(&self, program: &str) -> String {
        let home = self.dir.path().display();
        let shell = program.split(' ').next().unwrap();
        format!(
            "env -i HOME={home} XDG_RUNTIME_DIR={home}/run HTTPS_PROXY=http://127.0.0.1:1 TERM=screen-256color LANG=C.UTF-8 SHELL={shell} \
             PATH={home}/bin:/usr/local/bin:/usr/bin:/bin 'PS1=$ ' {program}"
        )
    }

    /// Starts a shell, or another program, on a screen of this size.
    pub(crate) fn start(&self, program: &str, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.tmux(&[
            "new-session",
            "-d",
            "-x",
            &columns,
            "-y",
            &rows,
            "-c",
            self.dir.path().to_str().unwrap(),
            &self.words(program),
        ]);
    }

    /// Opens another pane beside, as a person does who wants a second shell; its view comes back.
    pub(crate) fn pane(&self, program: &str) -> Pane<'_> {
        let folder = self.dir.path().to_str().unwrap();
        let words = self.words(program);
        let id = self.tmux(&["new-window", "-d", "-P", "-F", "#{pane_id}", "-c", folder, &words]);
        Pane { screen: self, pane: id.trim().to_owned() }
    }

    /// The first pane.
    pub(crate) fn main(&self) -> Pane<'_> {
        Pane { screen: self, pane: self.pane.clone() }
    }

    /// The terminal goes away, as when its window is closed.
    pub(crate) fn hang_up(&self) {
        self.tmux(&["kill-session"]);
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.tmux(&["resize-window", "-x", &columns, "-y", &rows]);
    }
}

/// Waits for something that is not on a screen; true when it has come.
pub(crate) fn wait_until(wanted: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !wanted() {
        if start.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

/// One shell's screen.
pub(crate) struct Pane<'s> {
    screen: &'s Screen,
    pane: String,
}

impl Pane<'_> {
    /// Presses keys, by tmux's names for them.
    pub(crate) fn press(&self, keys: &[&str]) {
        self.screen.tmux(&[&["send-keys", "-t", self.pane.as_str()], keys].concat());
    }

    /// Types a text as it is.
    pub(crate) fn text(&self, text: &str) {
        self.screen.tmux(&["send-keys", "-t", &self.pane, "-l", text]);
    }

    /// What is on the screen, without blanks at the ends of lines.
    pub(crate) fn seen(&self) -> String {
        let text = self.screen.tmux(&["capture-pane", "-p", "-t", &self.pane]);
        text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>().trim_end().to_owned()
            + "\n"
    }

    /// What is on the screen with the escape sequences of its colours, and the column and row of the cursor.
    pub(crate) fn painted(&self) -> (String, (usize, usize)) {
        let text = self.screen.tmux(&["capture-pane", "-e", "-p", "-t", &self.pane]);
        let place = ["display-message", "-p", "-t", &self.pane, "#{cursor_x} #{cursor_y}"];
        let place = self.screen.tmux(&place);
        let (x, y) = place.trim().split_once(' ').unwrap();
        (text, (x.parse().unwrap(), y.parse().unwrap()))
    }

    /// Waits until the screen is as wanted, and gives it.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let seen = self.seen();
            if wanted(&seen) {
                return seen;
            }
            assert!(start.elapsed() < PATIENCE, "never saw {what} on\n{seen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(text, |seen| seen.contains(text))
    }

    /// Types a command and gives what is then on the screen, when it has ended: the line that says so is not part of it.
    #[track_caller]
    pub(crate) fn run(&self, command: &str) -> String {
        self.press(&["C-l"]);
        self.wait("a clear screen", |seen| !seen.contains("done-here"));
        // The mark is put together by the shell, so that the typed line does not have it.
        self.text(&format!("{command}; echo \"done\"-here"));
        self.press(&["Enter"]);
        let seen = self.wait("the end of the command", |seen| seen.contains("\ndone-here"));
        seen.split("\ndone-here").next().unwrap().split_once('\n').map_or("", |(_, answer)| answer).to_owned()
    }
}

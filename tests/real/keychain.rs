//! A desktop of the test's own: a D-Bus session with the real gnome-keyring on it, in a home of its own.

use crate::tools::{Home, KCX, KCX_CREDENTIAL};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

pub(crate) struct Desktop {
    pub(crate) home: Home,
    bus: Option<Child>,
    address: String,
}

impl Desktop {
    /// With an unlocked keychain, whose passphrase is empty.
    pub(crate) fn new() -> Desktop {
        Desktop::with_passphrase("")
    }

    /// With an unlocked keychain of this passphrase: without it, the keychain stays locked at the next login.
    pub(crate) fn with_passphrase(passphrase: &str) -> Desktop {
        let home = Home::new();
        for folder in ["run", "share", "state", "tmp", ".kube"] {
            let mut builder = std::fs::DirBuilder::new();
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(home.path(folder)).unwrap();
        }
        let mut desktop = Desktop { home, bus: None, address: String::new() };
        desktop.log_in();
        desktop.unlock(passphrase);
        desktop
    }

    /// Starts a new D-Bus session; the keychain of the one before is gone with it, and its files stay.
    pub(crate) fn log_in(&mut self) {
        self.log_out();
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        self.dress(&mut bus);
        let mut bus = bus.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("dbus-daemon");
        let mut line = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.address = line.trim().to_owned();
        self.bus = Some(bus);
    }

    /// Ends the session: no keychain answers any more.
    pub(crate) fn log_out(&mut self) {
        if let Some(mut bus) = self.bus.take() {
            bus.kill().unwrap();
            bus.wait().unwrap();
        }
    }

    /// Starts the keychain and unlocks it; the first passphrase is the one.
    pub(crate) fn unlock(&self, passphrase: &str) {
        let mut daemon = Command::new("gnome-keyring-daemon");
        daemon.args(["--unlock", "--components=secrets", "--daemonize"]);
        self.dress(&mut daemon);
        let mut daemon = daemon
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring");
        daemon.stdin.take().unwrap().write_all(format!("{passphrase}\n").as_bytes()).unwrap();
        assert!(daemon.wait().unwrap().success());
    }

    /// The environment of this session, and nothing else.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let at = |name: &str| self.home.path(name).to_string_lossy().into_owned();
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("HOME", self.home.dir.path().to_string_lossy().into_owned()),
            ("PATH", path),
            ("XDG_RUNTIME_DIR", at("run")),
            ("XDG_DATA_HOME", at("share")),
            ("XDG_STATE_HOME", at("state")),
            ("TMPDIR", at("tmp")),
            ("DBUS_SESSION_BUS_ADDRESS", self.address.clone()),
        ]
    }

    fn dress(&self, command: &mut Command) {
        command.env_clear().envs(self.variables()).current_dir(self.home.dir.path());
    }

    /// A command in this session.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.dress(&mut command);
        command
    }

    pub(crate) fn kcx(&self, words: &[&str]) -> Output {
        self.command(KCX).args(words).output().unwrap()
    }

    /// kcx with these bytes on stdin.
    pub(crate) fn kcx_reads(&self, words: &[&str], bytes: &[u8]) -> Output {
        let mut command = self.command(KCX);
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The answer to a client that asks for the credential of this id for the cluster with this server.
    pub(crate) fn ask(&self, id: &str, server: &str) -> Output {
        let info = format!(
            "{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\
             \"spec\":{{\"interactive\":false,\"cluster\":{{\"server\":\"{server}\"}}}}}}"
        );
        let mut command = self.command(KCX_CREDENTIAL);
        command.env("KUBERNETES_EXEC_INFO", info).args(["exec", id]).output().unwrap()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.home.path(".kube/config")
    }

    /// All items of the keychain, as `secret-tool` tells them; its own answer has the secrets in it.
    pub(crate) fn labels(&self) -> Vec<String> {
        let output =
            self.command("secret-tool").args(["search", "--all", "service", "kcx"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().filter_map(|line| line.strip_prefix("label = ")).map(str::to_owned).collect()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.log_out();
    }
}

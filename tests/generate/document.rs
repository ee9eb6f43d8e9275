//! Whole kubeconfigs in block style: sections, lists and fields in any order, with comments and quotes.
//!
//! Most are in the narrow style of the scanner; `odd` ones stray from it now and then.

use super::Random;

const NAMES: [&str; 16] = [
    "prod",
    "dev-1",
    "arn:aws:eks:eu-west-1:1:cluster/a",
    "web/api-example-com:6443/kube:admin",
    "gke_project_zone_name",
    "kube:admin/host:6443",
    "my ctx",
    "a.b.c",
    "x_y",
    "10.0.0.1",
    "2024-01-02",
    "~/x",
    "yess",
    "A",
    "minikube",
    "z9",
];

/// Names no plain scalar should carry, or that end where the narrow style ends.
const ODD_NAMES: [&str; 22] = [
    "y", "null", "~", "1", "0777", "1e3", "true", "No", ".5", "1:30", "a b: c", "a #b", "it's", "\"", "\\",
    "é", "", " lead", "trail ", "-", "- a", "a:",
];

/// One document being written.
struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    eol: &'static str,
    /// Where a list stands below its key: at its column, or further in.
    dash: usize,
    step: usize,
    odd: bool,
}

/// A kubeconfig in block style; with `odd`, now and then something beyond the narrow style.
pub(crate) fn kubeconfig(random: &mut Random, odd: bool) -> String {
    let eol = if random.one_in(6) { "\r\n" } else { "\n" };
    let dash = if random.one_in(3) { 2 } else { 0 };
    let step = random.pick(&[&2, &2, &2, &4, &3, &1]);
    let mut writer = Writer { random, text: String::new(), eol, dash, step: *step, odd };
    if writer.random.one_in(8) {
        writer.noise();
        writer.line(0, "---");
    }
    let mut sections: Vec<usize> = (0..9).collect();
    for at in 0..sections.len() {
        let other = if writer.random.one_in(2) { at } else { writer.random.below(sections.len()) };
        sections.swap(at, other);
    }
    for section in sections {
        writer.noise();
        writer.section(section);
    }
    writer.noise();
    let mut text = writer.text;
    if random.one_in(8) {
        while text.ends_with(['\n', '\r']) {
            text.pop();
        }
    }
    text
}

impl Writer<'_> {
    fn line(&mut self, column: usize, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', column));
        self.text += text;
        if self.random.one_in(20) {
            self.text += self.random.pick(&["  # note", " #", " ", "   ", " # a: b - c"]);
        }
        self.text += self.eol;
        if self.random.one_in(15) {
            self.noise();
        }
    }

    fn noise(&mut self) {
        while self.random.one_in(4) {
            let column = self.random.below(6);
            self.text.extend(std::iter::repeat_n(' ', column));
            self.text += self.random.pick(&[
                "# a comment: with [things] - in it",
                "#",
                "",
                "",
                "#---",
                "# \"quoted\"",
            ]);
            self.text += self.eol;
        }
    }

    fn scalar(&mut self, text: &str) -> String {
        match self.random.below(12) {
            0 => format!("\"{text}\""),
            1 => format!("'{text}'"),
            _ => text.to_owned(),
        }
    }

    fn name(&mut self) -> String {
        if self.odd && self.random.one_in(12) {
            let name = self.random.pick(&ODD_NAMES);
            return self.scalar(name);
        }
        let name = self.random.pick(&NAMES);
        let number = self.random.below(40);
        let name = if self.random.one_in(3) { name.to_owned() } else { format!("{name}{number}") };
        self.scalar(&name)
    }

    fn word(&mut self) -> String {
        if self.odd && self.random.one_in(10) {
            let odd = self.random.pick(&ODD_NAMES);
            return self.scalar(odd);
        }
        let word = self.random.pick(&[
            "https://10.0.0.1:6443",
            "kube-system",
            "a",
            "/etc/x.pem",
            "--flag",
            "two words",
            "k=v,w",
            "-x",
            "C:/x",
            "100%",
            "a#b",
            "x:y",
            "sha256~abc",
            "Mon, 01 Jan 2024 00:00:00 UTC",
            "v1.32.0",
            "null",
            "",
        ]);
        self.scalar(word)
    }

    fn base64(&mut self) -> String {
        let text: String = (0..self.random.below(30) * 4)
            .map(|_| char::from(*self.random.pick(&[&b'a', &b'Z', &b'0', &b'9', &b'+', &b'/', &b'L', &b's'])))
            .collect();
        let tail = self.random.pick(&["LS0t", "LS0=", "LQ==", "TRUE", "1234", "LS0"]);
        let text = if self.random.one_in(3) { format!("{text}{tail}") } else { format!("{text}LS0tLS1C") };
        self.scalar(&text)
    }

    fn any(&mut self, column: usize, key: &str, depth: usize) {
        match self.random.below(if depth > 3 { 3 } else { 6 }) {
            0 | 1 => {
                let value = self.word();
                self.line(column, &format!("{key}: {value}"));
            }
            2 => {
                let value = self.random.pick(&[
                    "{}",
                    "[]",
                    "1",
                    "true",
                    "1.5",
                    ".inf",
                    "null",
                    "0x1F",
                    "1_000",
                    "2024-01-02",
                ]);
                self.line(column, &format!("{key}: {value}"));
            }
            3 => {
                self.line(column, &format!("{key}:"));
                for _ in 0..=self.random.below(3) {
                    let value = self.word();
                    self.line(column + self.dash, &format!("- {value}"));
                }
            }
            _ => {
                self.line(column, &format!("{key}:"));
                let inner = column + self.step;
                for number in 0..=self.random.below(3) {
                    let key =
                        self.random.pick(&["k8s.io/x", "last-update", "n", "a_b", "version", "Provider"]);
                    let key = if self.odd { key.to_owned() } else { format!("{key}{number}") };
                    self.any(inner, &key, depth + 1);
                }
            }
        }
    }

    fn section(&mut self, section: usize) {
        match section {
            0 => self.line(0, "apiVersion: v1"),
            1 => {
                let kind = if self.odd && self.random.one_in(20) { "Kind: Config" } else { "kind: Config" };
                self.line(0, kind);
            }
            2 => {
                let name = self.name();
                self.line(0, &format!("current-context: {name}"));
            }
            3 => self.list("clusters", "cluster"),
            4 => self.list("users", "user"),
            5 => self.list("contexts", "context"),
            6 => {
                let form = self.random.below(4);
                self.line(0, if form == 0 { "preferences: {}" } else { "preferences:" });
                if form == 1 {
                    let colors = self.random.pick(&["true", "no", "null", "On"]);
                    self.line(self.step, &format!("colors: {colors}"));
                }
            }
            7 if self.random.one_in(3) => self.extensions(0),
            8 if self.random.one_in(3) => self.any(0, "x-unknown", 0),
            _ => {}
        }
    }

    fn list(&mut self, key: &str, body: &str) {
        let count = self.random.below(5);
        if count == 0 {
            let value = self.random.pick(&[" []", " null", "", " ~"]);
            return self.line(0, &format!("{key}:{value}"));
        }
        self.line(0, &format!("{key}:"));
        for number in 0..count {
            let mut name = self.name();
            if !self.odd && !name.ends_with(['"', '\'']) {
                name = format!("{name}.{number}");
            }
            let column = self.dash + 2;
            let first = self.random.one_in(2);
            if first {
                self.line(self.dash, &format!("- name: {name}"));
                self.text.extend(std::iter::repeat_n(' ', column));
            } else {
                self.text.extend(std::iter::repeat_n(' ', self.dash));
                self.text += "- ";
            }
            if self.random.one_in(12) {
                let empty = self.random.pick(&["", " {}", " null"]);
                self.line(0, &format!("{body}:{empty}"));
            } else {
                self.line(0, &format!("{body}:"));
                self.body(body, column + self.step);
            }
            if self.random.one_in(12) {
                self.any(column, "x-more", 0);
            }
            if !first {
                self.line(column, &format!("name: {name}"));
            }
        }
    }

    fn field(&mut self, column: usize, key: &str) {
        let value = match key {
            _ if key.ends_with("-data") => self.base64(),
            "insecure-skip-tls-verify" | "disable-compression" | "provideClusterInfo" => {
                self.random.pick(&["true", "false", "yes", "off", "null", ""]).to_owned()
            }
            _ => self.word(),
        };
        self.line(column, &format!("{key}: {value}"));
    }

    fn body(&mut self, kind: &str, column: usize) {
        let fields: &[&str] = match kind {
            "cluster" => &["server", "certificate-authority-data", "insecure-skip-tls-verify", "proxy-url"],
            "user" => &["client-certificate-data", "client-key-data", "token", "username", "password"],
            _ => &["cluster", "namespace", "user"],
        };
        let written = self.random.below(fields.len()) + 1;
        for field in &fields[..written] {
            self.field(column, field);
        }
        if kind == "user" && self.random.one_in(2) {
            self.user(column);
        }
        if self.random.one_in(8) {
            self.extensions(column);
        }
        if self.random.one_in(10) {
            self.any(column, "unknown", 0);
        }
    }

    fn user(&mut self, column: usize) {
        let inner = column + self.step;
        match self.random.below(4) {
            0 => {
                self.line(column, "auth-provider:");
                self.line(inner, "name: oidc");
                self.line(inner, "config:");
                self.field(inner + self.step, "client-id");
                self.field(inner + self.step, "id-token");
            }
            1 => {
                self.line(column, "as-groups:");
                for _ in 0..2 {
                    let group = self.name();
                    self.line(column + self.dash, &format!("- {group}"));
                }
                self.line(column, "as-user-extra:");
                self.line(inner, "scopes:");
                self.line(inner + self.dash, "- view");
            }
            _ => {
                self.line(column, "exec:");
                self.field(inner, "command");
                self.line(inner, "args:");
                for _ in 0..=self.random.below(3) {
                    let word = self.word();
                    self.line(inner + self.dash, &format!("- {word}"));
                }
                self.line(inner, "env:");
                let name = self.name();
                self.line(inner + self.dash, &format!("- name: {name}"));
                self.field(inner + self.dash + 2, "value");
                self.field(inner, "provideClusterInfo");
            }
        }
    }

    fn extensions(&mut self, column: usize) {
        self.line(column, "extensions:");
        for _ in 0..=self.random.below(2) {
            let name = self.name();
            self.text.extend(std::iter::repeat_n(' ', column + self.dash));
            self.text += "- ";
            let inner = column + self.dash + 2;
            if self.random.one_in(2) {
                self.line(0, &format!("name: {name}"));
                self.any(inner, "extension", 0);
            } else {
                self.line(0, "extension:");
                self.any(inner + self.step, "last-update", 0);
                self.line(inner, &format!("name: {name}"));
            }
        }
    }
}

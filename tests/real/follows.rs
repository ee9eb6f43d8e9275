//! Which programs follow a session: real clients on servers of the test's own. The table in docs/sessions.md is what is found.
//!
//! A client is on the context of the shell (`follows`), or ends with an error (`fails`). A client that is on any other
//! cluster or namespace, or as much as asks another server, fails the test.

use crate::api_server::{ApiServer, Setup, User, kubeconfig};
use crate::follows_clients::{CLIENTS, Client, answer};
use crate::screen::wait_until;
use crate::tools::{Home, KCX, fine, kubectl, two_days_pass, which};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

/// The contexts; each has a server of its own.
const CONTEXTS: [&str; 3] = ["dev", "prod", "staging"];

/// A home with three servers, and bash with the hook. The user's own context is `dev`.
pub(crate) struct World {
    pub(crate) home: Home,
    servers: Vec<ApiServer>,
    config: String,
}

impl World {
    pub(crate) fn new() -> World {
        let home = Home::new();
        fs::create_dir_all(home.path(".kube")).unwrap();
        fs::create_dir(home.path("bin")).unwrap();
        let servers = CONTEXTS.map(|name| {
            let tokens = vec![("secret-token".to_owned(), User::new(name, &[]))];
            ApiServer::start(Setup { tokens, ..Setup::default() })
        });
        let clusters = servers.each_ref().map(ApiServer::cluster);
        let user = "{token: secret-token}";
        let contexts =
            [("dev", &*clusters[0], user), ("prod", &clusters[1], user), ("staging", &clusters[2], user)];
        let config = kubeconfig(&contexts).replace("user: u-prod}", "user: u-prod, namespace: web}");
        let world = World { home, servers: servers.into(), config };
        world.program("kcx", &format!("#!/bin/sh\nexec {KCX} \"$@\"\n"));
        world.program("kubectl", &format!("#!/bin/sh\nexec {} \"$@\"\n", which(&kubectl())));
        world.reset();
        world
    }

    /// Everything as at the start.
    pub(crate) fn reset(&self) {
        for folder in [".local/state/kcx", ".local/share/kcx"] {
            let _ = fs::remove_dir_all(self.home.path(folder));
        }
        self.home.write(".kube/config", &self.config);
    }

    /// Makes this script a program in the `PATH`.
    pub(crate) fn program(&self, name: &str, text: &str) {
        let path = self.home.write(&format!("bin/{name}"), text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// bash, with this script.
    pub(crate) fn bash(&self, script: &str) -> Command {
        let mut command = self.home.command("bash", "");
        let path = format!("{}:{}", self.home.path("bin").display(), std::env::var("PATH").unwrap());
        command.env_remove("KUBECONFIG").env("PATH", path).env("KUBECACHEDIR", self.home.path("cache"));
        command.args(["-c", script]);
        command
    }

    /// Runs a script whose last command is the program.
    fn run(&self, script: &str) -> Ran {
        Ran::of(&self.bash(script).output().unwrap())
    }

    /// How many connections and requests each server has had.
    fn marks(&self) -> Vec<(usize, usize)> {
        self.servers.iter().map(|server| (server.connections(), server.seen().len())).collect()
    }

    /// The contexts whose servers had connections since, and the namespaces that were asked for there.
    fn asked(&self, marks: &[(usize, usize)]) -> Vec<(&'static str, Vec<String>)> {
        let mut asked = Vec::new();
        for ((name, server), (connections, requests)) in CONTEXTS.iter().zip(&self.servers).zip(marks) {
            if server.connections() > *connections {
                let lines = server.lines().split_off(*requests);
                let namespace = |line: &String| {
                    Some(line.split_once("/api/v1/namespaces/")?.1.split_once('/')?.0.to_owned())
                };
                let mut namespaces: Vec<String> = lines.iter().filter_map(namespace).collect();
                namespaces.dedup();
                asked.push((*name, namespaces));
            }
        }
        asked
    }
}

/// What a program has done in a session.
pub(crate) struct Ran {
    pub(crate) success: bool,
    pub(crate) printed: String,
    pub(crate) complained: String,
}

impl Ran {
    fn of(output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran {
            success: output.status.success(),
            printed: text(&output.stdout),
            complained: text(&output.stderr),
        }
    }
}

/// A shell whose context is `prod`, with the namespace of the kubeconfig.
pub(crate) const HOOK: &str = "set -e; eval \"$(kcx init bash --no-completions)\"; kcx use -q prod -n web;";

/// A column of the tables: the title, the context and the namespace there, and how a program is run there.
pub(crate) type Column = (&'static str, &'static str, fn(&World, &str) -> Ran);

pub(crate) const COLUMNS: [Column; 12] = [
    ("shell with the hook", "prod web", |world, program| world.run(&format!("{HOOK} {program}"))),
    ("and a namespace of its own", "prod shop", |world, program| {
        world.run(&format!("{HOOK} kcx ns -q shop; {program}"))
    }),
    ("`kcx exec`", "prod web", |world, program| world.run(&format!("kcx exec prod -n web -- {program}"))),
    ("`kcx exec --single-file`", "prod shop", |world, program| {
        world.run(&format!("kcx exec prod -n shop --single-file -- {program}"))
    }),
    ("the same with `--embed`", "prod shop", |world, program| {
        world.run(&format!("kcx exec prod -n shop --single-file --embed -- {program}"))
    }),
    ("`kcx shell`", "prod web", |world, program| {
        world.run(&format!("SHELL=$HOME/bin/{program} kcx shell prod -n web"))
    }),
    ("`kcx shell --single-file`", "prod shop", |world, program| {
        world.run(&format!("SHELL=$HOME/bin/{program} kcx shell prod -n shop --single-file"))
    }),
    ("job of a shell that has ended", "prod web", job),
    ("overlay removed", "prod web", |world, program| {
        world.run(&format!("{HOOK} rm $KCX_SESSION/kcx-overlay.yaml; {program}"))
    }),
    ("overlay emptied", "prod web", |world, program| {
        world.run(&format!("{HOOK} : >$KCX_SESSION/kcx-overlay.yaml; {program}"))
    }),
    ("session removed", "prod web", |world, program| {
        world.run(&format!("{HOOK} rm -r $KCX_SESSION; {program}"))
    }),
    ("the same, after a prompt", "prod web", |world, program| {
        world.run(&format!("{HOOK} rm -r $KCX_SESSION; kcx __sync bash >/dev/null; {program}"))
    }),
];

/// A job that runs the program when its shell has ended, and later shells have looked for what nobody uses.
fn job(world: &World, program: &str) -> Ran {
    let names = ["go", "printed", "complained", "code"].map(|name| format!("{name}-{program}"));
    let [go, printed, complained, code] = &names;
    let script = format!(
        "{HOOK} mkfifo {go}; nohup sh -c 'read x <{go}; {program} >{printed} 2>{complained}; echo $? >{code}' >/dev/null 2>&1 &"
    );
    fine(&world.bash(&script).output().unwrap());
    two_days_pass(world.home.dir.path());
    fine(&world.bash(HOOK).output().unwrap());
    // It waits for its job to open the other end.
    fs::write(world.home.path(go), "\n").unwrap();
    assert!(wait_until(|| fs::read_to_string(world.home.path(code)).is_ok_and(|code| code.ends_with('\n'))));
    let read = |name: &str| fs::read_to_string(world.home.path(name)).unwrap();
    let ran = Ran { success: read(code) == "0\n", printed: read(printed), complained: read(complained) };
    for name in names {
        fs::remove_file(world.home.path(&name)).unwrap();
    }
    ran
}

/// Where a client is elsewhere, and nothing can prevent it: the Java client reads `~/.kube/config` if the first file of
/// `KUBECONFIG` is missing.
const ELSEWHERE: [(&str, &str); 2] = [("ask-java", "overlay removed"), ("ask-java", "session removed")];

/// `follows` or `fails`; an error if the client is elsewhere.
fn cell(world: &World, client: &Client, (_, wanted, run): &Column) -> Result<&'static str, String> {
    let marks = world.marks();
    let ran = run(world, client.program);
    let asked = world.asked(&marks);
    let said = answer(ran.success, &ran.printed);
    let context = wanted.split(' ').next().unwrap();
    if let Some((other, _)) = asked.iter().find(|(name, _)| *name != context) {
        return Err(format!("asked the server of `{other}`, and said {said:?}, {}", ran.complained));
    }
    let said = if client.is_seen {
        said.map(|_| {
            asked.iter().map(|(name, namespaces)| format!("{name} {}", namespaces.join(","))).collect()
        })
    } else {
        said
    };
    match said {
        None if ran.complained.trim().is_empty() => Err("failed without a word".to_owned()),
        None => Ok("fails"),
        Some(said) if said == *wanted => Ok("follows"),
        Some(said) => Err(format!("`{said}` instead of `{wanted}`")),
    }
}

/// The rows of a table as Markdown.
pub(crate) fn table(first: &str, rows: &[String]) -> String {
    let titles: String = COLUMNS.iter().map(|(title, ..)| format!(" {title} |")).collect();
    format!("| {first} |{titles}\n|---|{}\n{}", "---|".repeat(COLUMNS.len()), rows.concat())
}

const END: &str = "<!-- end -->";

/// The text of the page before, in and after the table that this file writes.
fn recorded(file: &str) -> (String, String, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sessions.md");
    let begin = format!("<!-- written by tests/real/{file}.rs -->\n");
    let page = fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once(&begin).unwrap();
    let (recorded, after) = rest.split_once(END).unwrap();
    (before.to_owned() + &begin, recorded.to_owned(), END.to_owned() + after)
}

fn blesses() -> bool {
    std::env::var_os("KCX_BLESS").is_some()
}

/// The table is that of docs/sessions.md, or is written there.
#[track_caller]
pub(crate) fn same_in_page(file: &str, table: &str) {
    let (before, recorded, after) = recorded(file);
    if blesses() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sessions.md");
        fs::write(path, format!("{before}{table}{after}")).unwrap();
    } else {
        assert_eq!(recorded, table, "`KCX_BLESS=1` writes it");
    }
}

/// The row that was recorded for a client, without its name.
fn recorded_row(client: &Client) -> Option<String> {
    let (_, recorded, _) = recorded("follows");
    let begin = format!("| {} ", client.name);
    recorded.lines().find(|line| line.starts_with(&begin)).map(|line| format!("{line}\n"))
}

/// The name of a client that is installed in the long form alone, with its version and the day when it was run.
fn long_name(client: &Client, version: fn() -> String) -> String {
    let name = format!("{} {}", client.name, version());
    let day = recorded_row(client)
        .filter(|_| !blesses())
        .and_then(|row| Some(row.strip_prefix(&format!("| {name}, "))?.split_once(' ')?.0.to_owned()));
    let today = || fine(&Command::new("date").args(["-u", "+%F"]).output().unwrap()).trim().to_owned();
    format!("{name}, {}", day.unwrap_or_else(today))
}

#[test]
fn a_client_is_where_the_shell_is_or_fails() {
    let runs_long = std::env::var_os("KCX_LONG").is_some();
    let world = World::new();
    let (mut rows, mut wrong) = (Vec::new(), String::new());
    for client in &CLIENTS {
        let name = match client.long {
            Some(_) if !runs_long => {
                rows.push(recorded_row(client).expect(client.name));
                continue;
            }
            Some(version) => long_name(client, version),
            None => client.name.to_owned(),
        };
        world.program(client.program, &client.text());
        let mut row = format!("| {name} |");
        for column in &COLUMNS {
            let cell = cell(&world, client, column).unwrap_or_else(|error| {
                if !ELSEWHERE.contains(&(client.program, column.0)) {
                    writeln!(wrong, "{name}, {}: {error}", column.0).unwrap();
                }
                "**elsewhere**"
            });
            write!(row, " {cell} |").unwrap();
        }
        rows.push(row + "\n");
    }
    let table = table("client", &rows);
    assert!(wrong.is_empty(), "{wrong}{table}");
    same_in_page("follows", &table);
}

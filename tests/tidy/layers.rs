//! The layers of `src/`: which of the others each may name, and what of the world outside the program it may touch.
//!
//! `use` trees and the paths in the code are read as Rust reads them; unit tests may do more.

use super::{none, rust};
use crate::source::{self, Modules, NamedPath, Names, circles, paths};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a layer may touch outside of the program's memory.
#[derive(Clone, Copy, Debug, PartialEq)]
enum World {
    Clock,
    Environment,
    Files,
    Keychain,
    Network,
    Processes,
    /// The terminal, and the three streams.
    Terminal,
}

use World::{Clock, Environment, Files, Keychain, Network, Processes, Terminal};

/// A layer: the modules that it may name besides itself, and what it may touch. Calls go down only; only `lib` and the programs
/// use `cli`.
struct Layer {
    name: &'static str,
    below: &'static [&'static str],
    touches: &'static [World],
}

const LAYERS: [Layer; 21] = [
    Layer {
        name: "cli",
        below: &[
            "cluster",
            "codec",
            "credential",
            "env",
            "file",
            "glob",
            "kubeconfig",
            "kuberc",
            "path",
            "picker",
            "plugin",
            "printer",
            "prompt",
            "secret",
            "session",
            "settings",
            "source",
            "store",
            "verdict",
        ],
        touches: &[Clock, Files, Processes, Terminal],
    },
    // The programs and folders that kubeconfigs come from.
    Layer {
        name: "source",
        below: &["env", "file", "glob", "settings", "store"],
        touches: &[Clock, Files, Processes],
    },
    // The network, and how long it takes. The files that entries name are read by `file`.
    Layer {
        name: "cluster",
        below: &["codec", "env", "file", "kubeconfig", "kuberc", "path"],
        touches: &[Clock, Network],
    },
    // Decides which plugins kubectl may start; asked before one is started.
    Layer { name: "kuberc", below: &["env", "file", "kubeconfig", "path", "printer"], touches: &[] },
    Layer {
        name: "credential",
        below: &["codec", "file", "kubeconfig", "printer", "secret"],
        touches: &[Files, Keychain],
    },
    // The smaller program: a foreign kubeconfig can run nothing beyond this.
    Layer {
        name: "plugin",
        below: &["credential", "env", "file", "picker", "printer", "secret", "settings"],
        touches: &[Clock, Processes],
    },
    Layer { name: "secret", below: &[], touches: &[] },
    Layer {
        name: "session",
        below: &["codec", "env", "file", "kubeconfig", "path", "printer", "store"],
        touches: &[Clock, Files],
    },
    // A new file is written as kubectl would print it.
    Layer {
        name: "store",
        below: &["env", "file", "glob", "kubeconfig", "printer"],
        touches: &[Clock, Files],
    },
    // The model borrows the forms in which Go prints a value.
    Layer { name: "kubeconfig", below: &["codec", "printer", "yaml11"], touches: &[] },
    Layer { name: "prompt", below: &["printer", "settings"], touches: &[] },
    Layer {
        name: "settings",
        below: &["codec", "credential", "glob", "kubeconfig", "printer", "verdict"],
        touches: &[],
    },
    // Only the form of kubectl's preferences; what they say is passed in.
    Layer { name: "verdict", below: &["kuberc"], touches: &[] },
    Layer { name: "glob", below: &[], touches: &[] },
    Layer { name: "file", below: &[], touches: &[Clock, Files] },
    Layer { name: "env", below: &["path"], touches: &[Environment, Terminal] },
    Layer { name: "path", below: &[], touches: &[] },
    Layer { name: "picker", below: &["file", "printer", "secret"], touches: &[Terminal] },
    // To quote what a plain scalar would lose.
    Layer { name: "printer", below: &["codec", "yaml11"], touches: &[] },
    Layer { name: "codec", below: &[], touches: &[] },
    Layer { name: "yaml11", below: &[], touches: &[] },
];

/// What a file touches although its layer does not, and why. One that is not needed any more is reported, too.
const EXCEPTIONS: [(&str, World, &str); 7] = [
    (
        "src/cluster/plugin.rs",
        Processes,
        "a credential plugin is a program, and ends with the request that needs it",
    ),
    (
        "src/cluster/tls/roots.rs",
        Files,
        "the authorities of the system, from the files and folders where Go looks",
    ),
    ("src/env.rs", Files, "a program is looked for in the folders of PATH, and the settings in theirs"),
    (
        "src/env/home.rs",
        Files,
        "on Windows the home folder is one that exists, and has a kubeconfig if any has one",
    ),
    ("src/file/interrupt.rs", Processes, "a signal removes what is half written before it ends the program"),
    ("src/file/process.rs", Processes, "a lock names the process that holds it"),
    ("src/file/process.rs", Environment, "a lock names the machine; on Windows a variable does"),
];

/// Paths and methods of the libraries that touch the world. The longest that fits counts; none is what only looks like it.
const TOUCHING: [(&str, Option<World>); 56] = [
    ("std::fs", Some(Files)),
    (".canonicalize", Some(Files)),
    (".exists", Some(Files)),
    (".is_dir", Some(Files)),
    (".is_file", Some(Files)),
    (".is_symlink", Some(Files)),
    (".metadata", Some(Files)),
    (".read_dir", Some(Files)),
    (".read_link", Some(Files)),
    (".symlink_metadata", Some(Files)),
    (".try_exists", Some(Files)),
    ("tokio::fs", Some(Files)),
    ("tempfile", Some(Files)),
    ("rustix::fs", Some(Files)),
    ("std::env", Some(Environment)),
    ("std::env::join_paths", None),
    ("std::env::split_paths", None),
    ("std::env::consts", None),
    ("dirs", Some(Environment)),
    ("nix::unistd", Some(Environment)),
    ("std::process", Some(Processes)),
    ("std::process::ExitCode", None),
    ("std::process::ExitStatus", None),
    ("std::process::Stdio", None),
    ("tokio::process", Some(Processes)),
    ("signal_hook", Some(Processes)),
    ("std::net", Some(Network)),
    ("std::net::IpAddr", None),
    ("std::net::Ipv4Addr", None),
    ("std::net::Ipv6Addr", None),
    ("std::net::SocketAddr", None),
    ("tokio::net", Some(Network)),
    ("hyper", Some(Network)),
    ("hyper_rustls", Some(Network)),
    ("hyper_util", Some(Network)),
    ("kube", Some(Network)),
    ("rustls", Some(Network)),
    ("rustls::pki_types", None),
    ("tokio_rustls", Some(Network)),
    ("tokio::time", Some(Clock)),
    (".elapsed", Some(Clock)),
    ("std::time::Instant::now", Some(Clock)),
    ("std::time::SystemTime::now", Some(Clock)),
    ("Instant::now", Some(Clock)),
    ("SystemTime::now", Some(Clock)),
    ("Timestamp::now", Some(Clock)),
    ("jiff::Timestamp::now", Some(Clock)),
    ("Zoned::now", Some(Clock)),
    ("keyring", Some(Keychain)),
    ("keyring_core", Some(Keychain)),
    ("linux_keyutils", Some(Keychain)),
    ("crossterm", Some(Terminal)),
    ("dialoguer", Some(Terminal)),
    ("std::io::stdin", Some(Terminal)),
    ("std::io::stdout", Some(Terminal)),
    ("std::io::stderr", Some(Terminal)),
];

/// What of the world a path touches.
fn touched(path: &NamedPath) -> Option<World> {
    let fits = |known: &str| {
        let mut names = path.names.iter();
        known.split("::").all(|name| names.next().is_some_and(|it| it == name))
    };
    let found = TOUCHING.iter().filter(|(known, _)| fits(known));
    found.max_by_key(|(known, _)| known.len()).and_then(|(_, world)| *world)
}

/// The first part of a path below `src/`, without `.rs`.
fn layer(path: &Path) -> String {
    let part = path.components().nth(1).unwrap().as_os_str().to_str().unwrap();
    part.trim_end_matches(".rs").to_owned()
}

/// The files that are only compiled for tests.
fn is_test(path: &Path) -> bool {
    path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")))
}

/// What is wrong with one file.
fn faults(path: &Path, named: &[NamedPath]) -> Vec<String> {
    let here = layer(path);
    let Some(own) = LAYERS.iter().find(|it| it.name == here) else {
        return vec![format!("{}: `{here}` is not in the table of layers", path.display())];
    };
    let mut wrong = Vec::new();
    for named in named {
        let place = format!("{}:{}", path.display(), named.line);
        if let Some(other) = source::absolute(path, named).and_then(|names| names.first().cloned()) {
            let known = other == "*" || LAYERS.iter().any(|it| it.name == other);
            if known && other != here && !own.below.contains(&other.as_str()) {
                wrong.push(format!("{place}: `{here}` must not use `{other}`"));
            }
        }
        let Some(world) = touched(named).filter(|world| !own.touches.contains(world)) else { continue };
        if !EXCEPTIONS.iter().any(|(file, what, _)| Path::new(file) == path && *what == world) {
            let names = named.names.join("::");
            wrong.push(format!("{place}: `{here}` must not touch the world's {world:?}: `{names}`"));
        }
    }
    wrong
}

/// The files of the layers, and the paths that each names.
fn sources() -> Vec<(PathBuf, Vec<NamedPath>)> {
    let is_part =
        |path: &Path| !is_test(path) && !matches!(layer(path).as_str(), "bin" | "build" | "lib" | "main");
    let files = rust("src").into_iter().filter(|(path, _)| is_part(path));
    files.map(|(path, text)| (path, paths(&text))).collect()
}

#[test]
fn calls_go_down_the_layers_only_and_each_touches_its_own_part_of_the_world() {
    none(&sources().iter().flat_map(|(path, named)| faults(path, named)).collect::<Vec<_>>());
}

#[test]
fn every_exception_is_needed_and_every_layer_uses_what_it_may() {
    let mut wrong = Vec::new();
    let sources = sources();
    let touches = |named: &[NamedPath], world: World| named.iter().any(|it| touched(it) == Some(world));
    for (file, world, why) in EXCEPTIONS {
        let found = sources.iter().find(|(path, _)| path == Path::new(file));
        if !found.is_some_and(|(_, named)| touches(named, world)) {
            wrong.push(format!("{file} does not touch {world:?}: no exception is needed ({why})"));
        }
    }
    for own in &LAYERS {
        let of_layer = || sources.iter().filter(|(path, _)| layer(path) == own.name);
        for world in own.touches {
            if !of_layer().any(|(_, named)| touches(named, *world)) {
                wrong.push(format!("`{}` does not touch {world:?}", own.name));
            }
        }
        let used = |(path, named): &(PathBuf, Vec<NamedPath>)| -> Vec<String> {
            named.iter().filter_map(|it| source::absolute(path, it)?.first().cloned()).collect()
        };
        let used: BTreeSet<String> = of_layer().flat_map(used).collect();
        let unused = own.below.iter().filter(|below| !used.contains(**below));
        wrong.extend(unused.map(|below| format!("`{}` does not use `{below}`", own.name)));
    }
    none(&wrong);
}

#[test]
fn a_use_is_seen_however_it_is_written() {
    for (file, text) in [
        ("src/kubeconfig/view.rs", "use crate::{\n    cli::World,\n};"),
        ("src/kubeconfig/view.rs", "use crate::{printer, {kubeconfig, store::{self}}};"),
        ("src/kubeconfig/patch/mod.rs", "use super::super::store::Store;"),
        ("src/kubeconfig/patch/op.rs", "fn f() { super::super::super::store::f() }"),
        ("src/kubeconfig/view.rs", "use crate::*;"),
        ("src/kubeconfig/view.rs", "use std::{borrow, fs::{File}};"),
        ("src/kubeconfig/view.rs", "use std::time::{Duration, Instant};\nfn f() { Instant::now(); }"),
        ("src/kubeconfig/view.rs", "fn f(path: &Path) -> bool { path.exists() }"),
        ("src/kubeconfig/view.rs", "fn f() { std::env::var(\"HOME\"); }"),
        ("src/cluster/target.rs", "use std::fs;"),
        ("src/cluster/target.rs", "use tokio::{io, process::Command};"),
        ("src/elsewhere.rs", ""),
    ] {
        assert_eq!(
            faults(Path::new(file), &paths(text)).len(),
            1,
            "{text}: {:?}",
            faults(Path::new(file), &paths(text))
        );
    }
    for (file, text) in [
        ("src/kubeconfig/view.rs", "//! use crate::cli;\nuse std::{time::Duration, env::split_paths};"),
        ("src/kubeconfig/patch/mod.rs", "use super::{super::schema, View}; use crate::printer;"),
        ("src/kubeconfig/view.rs", "#[cfg(test)]\nmod tests {\n    use crate::cli; use std::fs;\n}"),
        ("src/cluster/target.rs", "use tokio::{net::TcpStream, time::sleep};"),
    ] {
        assert_eq!(faults(Path::new(file), &paths(text)), Vec::<String>::new(), "{text}");
    }
}

/// The part of `src/cli` that a file belongs to: `lint.rs` and `lint/fix.rs` are one.
fn part(file: &Path) -> PathBuf {
    let part = file.components().nth(2).unwrap();
    Path::new(part.as_os_str()).with_extension("")
}

/// True if the file is in the folder of the other one, or in a folder below it.
fn is_below(file: &Path, other: &Path) -> bool {
    let folder =
        if other.ends_with("mod.rs") { other.parent().unwrap().to_owned() } else { other.with_extension("") };
    file != other && file.starts_with(folder)
}

#[test]
fn no_two_files_of_cli_lead_to_each_other() {
    let files: Vec<(PathBuf, String)> =
        rust("src/cli").into_iter().filter(|(path, _)| !is_test(path)).collect();
    let names = Modules::of(files.iter().map(|(path, text)| (path.as_path(), text.as_str()))).names();
    let mut parts = Names::new();
    for (file, named) in &names {
        let others = named.iter().map(|other| part(other)).filter(|other| *other != part(file));
        parts.entry(part(file)).or_default().extend(others);
    }
    let circles_of_parts = circles(&parts);
    assert!(circles_of_parts.is_empty(), "commands lead to each other: {circles_of_parts:#?}");
    // A file may use what the file of its folder has for all files in it.
    let apart = names.iter().map(|(file, named)| {
        let others = named.iter().filter(|other| !is_below(file, other)).cloned();
        (file.clone(), others.collect())
    });
    let circles = circles(&apart.collect());
    assert!(circles.is_empty(), "files lead to each other: {circles:#?}");
}

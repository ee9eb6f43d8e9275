//! The checks of the shell: its hook, prompt and completion, and names that stand before kcx.

use super::startup_file::StartupFile;
use super::{Note, Subject, installed};
use crate::cli::error::path;
use crate::env::own_program;
use crate::session::State;
use crate::session::hook::Shell;
use std::path::Path;

/// This shell has a context of its own, and the hook is where it must be.
pub(super) fn hook(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let startup = StartupFile::of(subject.world);
    let restart = match &startup {
        Some(it) => format!("exec {}", it.shell.name()),
        None => "exec $SHELL".to_owned(),
    };
    vec![match subject.world.session() {
        State::Active(_) => Note::ok("this shell has its own context"),
        State::Displaced(_) => {
            Note::warning("KUBECONFIG was set after the hook, so this shell is not on its own context")
                .fix(restart)
        }
        State::Gone(overlay) => {
            let message = format!("the context of this shell is lost: {} is missing", path(overlay.path()));
            Note::error(message).fix("kcx use NAME").fix(restart)
        }
        State::Off => match &startup {
            Some(it) if it.runs_what_does_not_exist() => {
                let message = format!("the hook in {} runs a kcx that does not exist", path(&it.path));
                Note::warning(message).fix(format!("kcx init {} --install", it.shell.name()))
            }
            Some(it) if it.hook.is_some() => {
                let message =
                    format!("the hook is in {}, but this shell was started without it", path(&it.path));
                Note::warning(message).fix(restart)
            }
            Some(it) => Note::warning("there is no shell hook: `kcx use` switches all shells at once")
                .fix(format!("kcx init {} --install", it.shell.name())),
            None => Note::warning("there is no shell hook: `kcx use` switches all shells at once")
                .fix("kcx init --help"),
        },
    }]
}

/// The context is shown once.
pub(super) fn prompt(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let marks = subject.world.env.marks();
    let tools = [
        ("starship", &["STARSHIP_SHELL"][..], "starship"),
        ("powerlevel10k", &["P9K_TTY", "_P9K_TTY"][..], "powerlevel10k"),
        ("oh-my-posh", &["POSH_SESSION_ID", "POSH_THEME"][..], "oh-my-posh"),
    ];
    let used = tools.iter().find(|(_, names, _)| names.iter().any(|name| marks.contains(name)));
    let Some((tool, _, preset)) = used else {
        return vec![Note::ok("no other prompt tool shows the context")];
    };
    let startup = StartupFile::of(subject.world);
    let Some(it) = startup.as_ref().filter(|it| it.hook.is_some()) else {
        return vec![Note::ok(format!("{tool} draws the prompt"))];
    };
    if it.hook_line().is_some_and(|line| line.contains("--no-prompt")) {
        return vec![Note::ok(format!("{tool} draws the prompt, the hook does not"))];
    }
    // The hook sees most of them, and leaves the prompt to them. Then it is not known whether the context is in it.
    let message = format!(
        "{tool} draws the prompt: `kcx prompt --preset {preset}` puts the context into it, in one place"
    );
    let line = it.hook_line().unwrap_or_default();
    let own = format!("init {}", it.shell.name());
    let new = line.replacen(&own, &format!("{own} --no-prompt"), 1);
    let at = it.hook.unwrap_or_default();
    vec![
        Note::info(message)
            .fix(format!("kcx prompt --preset {preset}"))
            .fix(format!("# line {at} of {}: {new}", path(&it.path))),
    ]
}

/// TAB completes contexts.
pub(super) fn completion(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let Some(it) = StartupFile::of(subject.world) else {
        return vec![Note::ok("not checked: unknown shell")];
    };
    let file = path(&it.path);
    let (hook, loads) = (it.hook, |line: &str| line.contains("completions"));
    let by_hook = it.hook_line().is_some_and(|line| !line.contains("--no-completions"));
    let loaded = it.find(|line| loads(line) && line.contains("kcx") && !line.contains("--no-completions"));
    if !by_hook && loaded.is_none() {
        let note = match it.hook {
            Some(_) => Note::info(format!("the hook in {file} leaves completion out (--no-completions)")),
            None => Note::info("completion is not set up (the hook includes it)"),
        };
        return vec![match installed::completion(it.shell, subject.world) {
            Some(file) => Note::ok(format!("completion is in {}", path(&file))),
            None => note.fix("kcx completions --help"),
        }];
    }
    if it.shell == Shell::Zsh {
        let compinit = |line: &str| line.contains("compinit") && !line.contains("kcx");
        let first = hook.filter(|_| by_hook).or(loaded).unwrap_or_default();
        if let Some(later) = it.find(compinit).filter(|at| *at > first) {
            let message = format!(
                "line {first} of {file} comes before compinit in line {later}: zsh may have no completion of kcx"
            );
            return vec![
                Note::warning(message).fix(format!("# move line {first} of {file} below line {later}")),
            ];
        }
    }
    vec![Note::ok("completion is loaded by the start-up file")]
}

/// kubectl and helm ask before they write in a protected context, where one is protected.
pub(super) fn guard(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let startup = StartupFile::of(subject.world);
    let Some((it, line)) = startup.as_ref().and_then(|it| Some((it, it.hook_line()?))) else {
        return vec![Note::ok("not checked: there is no shell hook")];
    };
    if line.contains("--guard") {
        return vec![Note::ok(
            "kubectl and helm, as typed in a shell, ask before they write in a protected context",
        )];
    }
    if !subject.world.settings_or_default().protects() || !it.shell.has_guard() {
        return vec![Note::ok("nothing is guarded")];
    }
    let message =
        "kubectl and helm do not ask before they write in a protected context: the hook has no `--guard`";
    let own = format!("init {}", it.shell.name());
    let new = line.replacen(&own, &format!("{own} --guard"), 1);
    let at = it.hook.unwrap_or_default();
    vec![Note::info(message).fix(format!("# line {at} of {}: {new}", path(&it.path)))]
}

/// `kcx` and `kubectl` are the programs themselves, as far as a process sees it.
pub(super) fn names(subject: &mut Subject<'_, '_>) -> Vec<Note> {
    let world = &subject.world;
    let mut notes = Vec::new();
    for (mark, name) in [("BASH_FUNC_kcx%%", "kcx"), ("BASH_FUNC_kubectl%%", "kubectl")] {
        if world.env.marks().contains(&mark) {
            let message = format!("an exported bash function `{name}` takes precedence over the program");
            notes.push(Note::warning(message).fix(format!("unset -f {name}")));
        }
    }
    if let Some(it) = StartupFile::of(world) {
        for name in ["kcx", "kubectl"] {
            let aliases = |line: &str| {
                let rest = line.strip_prefix("alias ").map(str::trim_start);
                let is_alias = rest
                    .and_then(|rest| rest.strip_prefix(name))
                    .is_some_and(|rest| rest.starts_with(['=', ' ']));
                is_alias
                    || line.starts_with(&format!("{name}()"))
                    || line.starts_with(&format!("function {name}"))
            };
            if let Some(at) = it.find(aliases) {
                let what = if name == "kcx" { "the program" } else { "the hook's function" };
                let message = format!(
                    "line {at} of {} defines `{name}`, which takes precedence over {what}",
                    path(&it.path)
                );
                notes.push(Note::info(message).fix(format!("command -V {name}")));
            }
        }
    }
    if let Some(found) = world.env.look_up("kcx") {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let other = own_program()
            .filter(|own| own.file_stem().is_some_and(|stem| stem == "kcx") && real(own) != real(&found));
        if let Some(own) = other {
            let message = format!("`kcx` on PATH is {}, not this program ({})", path(&found), path(&own));
            notes.push(Note::warning(message).fix("type -a kcx"));
        }
    }
    if notes.is_empty() {
        notes.push(Note::ok("kcx and kubectl are not hidden by an alias or a function"));
    }
    notes
}

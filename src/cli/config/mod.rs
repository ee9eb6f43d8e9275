//! `kcx config`: the same commands and output as `kubectl config`, but edits preserve the text.
//!
//! The command line is parsed by kubectl's rules (`flags`, `command_table`, `kuberc`); each verb is a file of `verb/`. Exit
//! codes and messages are kubectl's. Where kubectl loses data, panics or prints secrets, kcx does not.

mod call;
pub mod command_table;
pub mod complete;
pub mod csv;
pub mod failure;
pub mod flags;
pub mod help;
pub mod kuberc;
pub mod value;
mod verb;

use super::candidates::{Candidate, Candidates, Group};
use super::{World, locked, messages, overlay_migration};
use crate::kubeconfig::{Kind, Merged};
use crate::session::State;
use crate::store::{Origin, Store};
use call::Call;
use command_table::Verb;
use failure::ConfigError;
use flags::Invocation;

/// Runs `kcx config …`; `words` are those after the program's name.
pub fn run(words: &[String], world: &mut World<'_>) -> i32 {
    match answer(words, world) {
        Ok(()) => 0,
        Err(failure) => {
            world.tell_lines(&failure.text);
            failure.code
        }
    }
}

fn answer(words: &[String], world: &mut World<'_>) -> Result<(), ConfigError> {
    let words = prefer(words, world)?;
    // kubectl has this flag only if preferences are enabled.
    let absent: &[&str] = if world.env.kuberc_disabled { &["kuberc"] } else { &[] };
    let typed = flags::parse_without(&words, absent)?;
    if typed.help {
        return Ok(world.print(help::help(typed.verb))?);
    }
    let Some(verb) = typed.verb else {
        return Err(ConfigError { text: help::help(None).to_owned(), code: 1 });
    };
    let precedence = world.precedence(typed.flags.string("kubeconfig"));
    let store = Store::new(precedence, world.lock_options(), world.env);
    say_nothing_found(&typed, &store, world);
    let reads = [Verb::CurrentContext, Verb::GetClusters, Verb::GetContexts, Verb::GetUsers, Verb::View];
    let store = store.minding_all_locks();
    let writes = !reads.contains(&verb);
    if writes && !is_namespace(&typed) {
        locked::refuse("nothing was changed", world)?;
    }
    let store = if writes { world.with_journal(store) } else { store };
    let mut call = Call { typed, store, world: &mut *world };
    let answered = match verb {
        Verb::CurrentContext => verb::current_context::run(&mut call),
        Verb::DeleteCluster => verb::delete::cluster(&mut call),
        Verb::DeleteContext => verb::delete::context(&mut call),
        Verb::DeleteUser => verb::delete::user(&mut call),
        Verb::GetClusters => verb::get::clusters(&mut call),
        Verb::GetContexts => verb::get::contexts(&mut call),
        Verb::GetUsers => verb::get::users(&mut call),
        Verb::RenameContext => verb::rename_context::run(&mut call),
        Verb::Set => verb::set::set(&mut call),
        Verb::SetCluster => verb::set_cluster::run(&mut call),
        Verb::SetContext => verb::set_context::run(&mut call),
        Verb::SetCredentials => verb::set_credentials::run(&mut call),
        Verb::Unset => verb::set::unset(&mut call),
        Verb::UseContext => verb::use_context::run(&mut call),
        Verb::View => verb::view::run(&mut call),
    };
    if writes && let State::Active(session) = world.session() {
        // The verb may have written into the overlay, in kubectl's form.
        world.forget_overlay(&session);
        overlay_migration::migrate(&session, world);
    }
    answered
}

/// True for `set-context --current --namespace=NS`, which stays on the cluster; and for `use-context`, which has its own check.
fn is_namespace(typed: &Invocation) -> bool {
    let given = |flag: &str| typed.flags.string(flag).is_some();
    match typed.verb {
        Some(Verb::SetContext) => {
            typed.args.is_empty() && !given("cluster") && !given("user") && !given("kubeconfig")
        }
        verb => verb == Some(Verb::UseContext),
    }
}

/// With `-v=1`, kubectl reports that no file of `KUBECONFIG` exists.
fn say_nothing_found(typed: &Invocation, store: &Store, world: &mut World<'_>) {
    let level = typed.flags.string("v").and_then(|level| level.parse::<i32>().ok()).unwrap_or(0);
    let precedence = store.precedence();
    if level < 1 || precedence.origin != Origin::Variable || precedence.paths.iter().any(|path| path.exists())
    {
        return;
    }
    let paths: Vec<String> = precedence.paths.iter().map(|path| messages::path(path)).collect();
    world.tell(&format!("Config not found: {}\n", paths.join(", ")));
}

/// Applies kubectl's preferences (kuberc) to the words.
fn prefer(words: &[String], world: &mut World<'_>) -> Result<Vec<String>, ConfigError> {
    let failed = |why: String| ConfigError {
        text: format!("error occurred while applying preferences {why}\n"),
        code: 1,
    };
    let loaded = crate::kuberc::load(words, world.env).map_err(failed)?;
    world.tell(&loaded.warning);
    let Some(preferences) = loaded.kuberc else { return Ok(words.to_vec()) };
    let applied = kuberc::apply(&preferences, words).map_err(failed)?;
    world.tell(&applied.warning);
    Ok(applied.words)
}

/// Answers `kcx __complete config …` like cobra's hidden command; without `describe`, `__completeNoDesc`. `kubeconfig` is
/// the value of `--kubeconfig`.
pub fn complete(words: &[String], kubeconfig: Option<&str>, describe: bool, world: &mut World<'_>) -> i32 {
    let mut completion = complete::candidates_for(words);
    if !describe {
        completion.candidates.iter_mut().for_each(|(_, description)| description.clear());
    }
    let merged = merged(kubeconfig, world);
    let names = completion.names.map(|names| merged.names(kind(names))).unwrap_or_default();
    let _ = world.print(&completion.stdout(names));
    world.tell(&completion.stderr());
    0
}

/// The same candidates with their groups, and the typed part of a name.
pub(super) fn candidates(
    words: &[String],
    kubeconfig: Option<&str>,
    world: &World<'_>,
) -> (Candidates, String) {
    let completion = complete::candidates_for(words);
    let group = |word: &str| if word.starts_with('-') { Group::Flag } else { Group::Command };
    let word = |(word, what): &(String, String)| Candidate::new(group(word), word, what);
    let mut candidates: Vec<Candidate> = completion.candidates.iter().map(word).collect();
    if let Some(kind) = completion.names.map(kind) {
        let merged = merged(kubeconfig, world);
        candidates.extend(merged.names(kind).iter().map(|name| Candidate::new(kind.into(), *name, "")));
    }
    let files = completion.directive == complete::Directive::Default;
    (Candidates { candidates, files }, completion.prefix)
}

fn kind(names: complete::Names) -> Kind {
    match names {
        complete::Names::Contexts => Kind::Context,
        complete::Names::Clusters => Kind::Cluster,
        complete::Names::Users => Kind::User,
    }
}

fn merged(kubeconfig: Option<&str>, world: &World<'_>) -> Merged {
    let store = Store::new(world.precedence(kubeconfig), world.lock_options(), world.env);
    store.load().map(|loaded| loaded.merged).unwrap_or_default()
}

//! Decides about a command line: its verdicts, the contexts by name, and what the rules and this shell say about them.

use super::suspension;
use crate::cli::World;
use crate::cli::error::{Error, name};
use crate::cli::select::{SelectFlags, Selector};
use crate::kubeconfig::Kind;
use crate::kuberc::{self, Kuberc};
use crate::settings::Settings;
use crate::store::{Precedence, Store};
use crate::verdict::{self, Finding, Place, Surroundings, Verdict};
use std::path::{Path, PathBuf};

/// What may be done with a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Decision {
    /// It can be run.
    Allowed,
    /// A user has to confirm it.
    Confirm,
    /// It must not be run.
    Refused,
}

impl Decision {
    /// The word for scripts.
    pub(in crate::cli) fn word(self) -> &'static str {
        match self {
            Decision::Allowed => "allowed",
            Decision::Confirm => "confirm",
            Decision::Refused => "refused",
        }
    }

    /// The exit code of `kcx protect check`.
    pub(in crate::cli) fn code(self) -> i32 {
        match self {
            Decision::Allowed => 0,
            Decision::Confirm => 1,
            Decision::Refused => 2,
        }
    }
}

/// The decision about a command line.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Judgement {
    /// The worst verdict of its commands.
    pub(in crate::cli) verdict: Verdict,
    /// The strictest decision about its commands.
    pub(in crate::cli) decision: Decision,
    /// The protected contexts that must be confirmed.
    pub(in crate::cli) to_confirm: Vec<String>,
    /// They are all protected contexts, because it is not known which one a command acts on.
    pub(in crate::cli) any_context: bool,
    /// The reason for the verdict.
    pub(in crate::cli) why: String,
    /// The reason for a refusal.
    pub(in crate::cli) refused: Option<String>,
    /// Its commands, in order.
    pub(in crate::cli) commands: Vec<JudgedCommand>,
}

/// The decision about one command.
#[derive(Clone, Debug)]
pub(in crate::cli) struct JudgedCommand {
    /// The command, as it was typed.
    pub(in crate::cli) command: String,
    /// What it does.
    pub(in crate::cli) verdict: Verdict,
    /// What may be done with it.
    pub(in crate::cli) decision: Decision,
    /// The contexts that it would act on.
    pub(in crate::cli) contexts: Vec<String>,
    /// False if it may act on others, too.
    pub(in crate::cli) context_known: bool,
    /// One of them is protected, or may be.
    pub(in crate::cli) protected: bool,
    /// The reason for the verdict.
    pub(in crate::cli) why: String,
}

/// Judges a command with these words, which a shell has expanded.
///
/// # Errors
/// The settings or kubeconfigs cannot be read.
pub(in crate::cli) fn judge(words: &[String], world: &World<'_>) -> Result<Judgement, Error> {
    judgement(verdict::words(words, &Process(world)), world)
}

/// Judges a line of shell text.
///
/// # Errors
/// The settings or kubeconfigs cannot be read.
pub(in crate::cli) fn judge_line(line: &str, world: &World<'_>) -> Result<Judgement, Error> {
    judgement(verdict::line(line, &Process(world)), world)
}

/// What this process knows.
struct Process<'p, 'w>(&'p World<'w>);

impl Surroundings for Process<'_, '_> {
    fn kuberc(&self, file: Option<&str>) -> Option<Kuberc> {
        let mut words = vec!["get".to_owned()];
        words.extend(file.map(|file| format!("--kuberc={file}")));
        kuberc::load(&words, self.0.env).ok().map(|loaded| loaded.kuberc.unwrap_or_default())
    }

    fn variable(&self, name: &str) -> Option<String> {
        if name == "KUBECONFIG" {
            return self.0.env.kubeconfig.as_ref().map(|files| files.to_string_lossy().into_owned());
        }
        self.0.env.leading.iter().find(|it| it.name == name).map(|it| it.value.clone())
    }

    fn protected(&self) -> Option<Vec<String>> {
        let settings = self.0.settings().ok()?;
        if !settings.protects() && !settings.refuses() {
            return Some(Vec::new());
        }
        let resolver = Resolver { world: self.0, settings: &settings, current: None };
        let counts = |context: &str| {
            let rule = settings.rule(context);
            rule.is_protected() || !rule.refuse.is_empty()
        };
        resolver.all(counts).ok()
    }
}

/// The contexts of a command by name.
#[derive(Default)]
struct Contexts {
    names: Vec<String>,
    /// It may act on others, too.
    others: bool,
}

fn judgement(findings: Vec<Finding>, world: &World<'_>) -> Result<Judgement, Error> {
    let mut judgement = Judgement {
        verdict: findings.iter().map(|it| it.verdict).max().unwrap_or(Verdict::Read),
        decision: Decision::Allowed,
        to_confirm: Vec::new(),
        any_context: false,
        why: String::new(),
        refused: None,
        commands: Vec::new(),
    };
    let worst = findings.iter().find(|it| it.verdict == judgement.verdict);
    judgement.why = worst.map(|it| it.why.clone()).unwrap_or_default();
    if findings.iter().all(|it| it.places.is_empty()) && world.env.locked.is_none() && !world.env.read_only {
        // No context matters, so nothing is read.
        let commands =
            findings.into_iter().map(|it| judged(it, Contexts::default(), false, Decision::Allowed));
        judgement.commands = commands.collect();
        return Ok(judgement);
    }
    let settings = world.settings()?;
    let mut resolver = Resolver { world, settings: &settings, current: None };
    for (at, finding) in findings.into_iter().enumerate() {
        let contexts = match resolver.contexts(&finding.places, at == 0) {
            Ok(contexts) => contexts,
            // A read is allowed wherever it goes.
            Err(_) if finding.verdict == Verdict::Read => Contexts { others: true, ..Contexts::default() },
            Err(error) => return Err(error),
        };
        let (decision, protected) = resolver.decide(&finding, &contexts, &mut judgement)?;
        judgement.decision = judgement.decision.max(decision);
        judgement.commands.push(judged(finding, contexts, protected, decision));
    }
    Ok(judgement)
}

fn judged(finding: Finding, contexts: Contexts, protected: bool, decision: Decision) -> JudgedCommand {
    JudgedCommand {
        command: finding.command,
        verdict: finding.verdict,
        decision,
        contexts: contexts.names,
        context_known: !contexts.others,
        protected,
        why: finding.why,
    }
}

/// Finds contexts, and what is said about them.
struct Resolver<'r, 'w> {
    world: &'r World<'w>,
    settings: &'r Settings,
    /// The current context of this shell, once it was read.
    current: Option<String>,
}

impl Resolver<'_, '_> {
    /// The contexts at these places; a command before that is not the `first` may have made a file that is missing now.
    fn contexts(&mut self, places: &[Place], first: bool) -> Result<Contexts, Error> {
        let mut contexts = Contexts::default();
        for place in places {
            let names = match place {
                Place::Current => vec![self.current()?],
                Place::Named(name) => vec![name.clone()],
                Place::Matching(words) => {
                    let merged = self.world.load()?.merged;
                    match Selector::of(words, SelectFlags::NONE, self.settings).contexts(&merged) {
                        Ok(names) => names,
                        Err(_) => {
                            contexts.others = true;
                            continue;
                        }
                    }
                }
                Place::Elsewhere(files) => match self.current_of(files, first) {
                    Some(name) => vec![name],
                    None => {
                        contexts.others = true;
                        continue;
                    }
                },
                Place::Unknown => {
                    contexts.others = true;
                    continue;
                }
            };
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                if !contexts.names.contains(&name) {
                    contexts.names.push(name);
                }
            }
        }
        Ok(contexts)
    }

    fn current(&mut self) -> Result<String, Error> {
        if let Some(current) = &self.current {
            return Ok(current.clone());
        }
        let current = self.world.lookup()?.current_context().to_owned();
        self.current = Some(current.clone());
        Ok(current)
    }

    /// The current context of other kubeconfigs; `None` if they cannot be read.
    fn current_of(&self, files: &str, first: bool) -> Option<String> {
        let env = self.world.env;
        let home = env.home.as_ref().map(PathBuf::from);
        let expanded = |file: PathBuf| match (file.strip_prefix("~"), &home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => env.cwd.join(file),
        };
        let files = std::env::split_paths(files).filter(|file| !file.as_os_str().is_empty()).map(expanded);
        for file in files {
            if !Path::new(&file).exists() {
                if !first {
                    return None;
                }
                continue;
            }
            let store = Store::new(Precedence::of_file(file), self.world.lock_options(), env);
            let name = store.lookup().ok()?.current_context().to_owned();
            if !name.is_empty() {
                return Some(name);
            }
        }
        Some(String::new())
    }

    /// All contexts for which `is_meant` is true.
    fn all(&self, is_meant: impl Fn(&str) -> bool) -> Result<Vec<String>, Error> {
        let mut lookup = self.world.lookup_own()?;
        let merged = lookup.contexts().map_err(|errors| self.world.unreadable(&errors))?;
        let names = merged.names(Kind::Context).into_iter();
        Ok(names.filter(|name| is_meant(name)).map(str::to_owned).collect())
    }

    /// True if kcx asks about this context now.
    fn asks(&self, context: &str) -> bool {
        let meant = &self.world.globals.yes_i_mean;
        self.settings.rule(context).is_protected()
            && !meant.iter().any(|meant| meant == context)
            && suspension::left(context, self.world.env).is_none()
    }

    /// The decision about a command, and whether a context is protected.
    fn decide(
        &self,
        finding: &Finding,
        contexts: &Contexts,
        judgement: &mut Judgement,
    ) -> Result<(Decision, bool), Error> {
        let env = self.world.env;
        let verdict = finding.verdict;
        let mut refuse = |why: String| {
            judgement.refused.get_or_insert(why);
        };
        let mut decision = Decision::Allowed;
        if let Some(locked) = env.locked.as_ref().map(|locked| locked.to_string_lossy()) {
            if let Some(other) = contexts.names.iter().find(|context| **context != *locked) {
                refuse(format!("this shell is locked to context {}, not {}", name(&locked), name(other)));
                decision = Decision::Refused;
            } else if contexts.others && verdict > Verdict::Read {
                decision = Decision::Confirm;
            }
        }
        if env.read_only && verdict > Verdict::Read {
            if verdict == Verdict::Unknown {
                decision = decision.max(Decision::Confirm);
            } else {
                refuse(format!("this shell can only read, and {}", finding.why));
                decision = Decision::Refused;
            }
        }
        let is_protected = |context: &str| self.settings.rule(context).is_protected();
        if verdict == Verdict::Read {
            let may_be = contexts.others && self.settings.protects();
            return Ok((decision, may_be || contexts.names.iter().any(|context| is_protected(context))));
        }
        let refuses = |context: &str| self.settings.rule(context).refuse.contains(&verdict);
        let (mut asked, mut refusing) = (Vec::new(), Vec::new());
        for context in &contexts.names {
            if refuses(context) {
                refusing.push(context.clone());
            }
            if self.asks(context) {
                asked.push(context.clone());
            }
        }
        let mut protected = contexts.names.iter().any(|context| is_protected(context));
        if contexts.others && (self.settings.protects() || self.settings.refuses()) {
            let all = self.all(|context| is_protected(context) || refuses(context))?;
            protected |= all.iter().any(|context| is_protected(context));
            refusing.extend(all.iter().filter(|context| refuses(context)).cloned());
            let others: Vec<String> = all.into_iter().filter(|context| self.asks(context)).collect();
            judgement.any_context |= !others.is_empty();
            asked.extend(others);
        }
        if let Some(context) = refusing.first() {
            let may = if contexts.names.contains(context) { "is" } else { "may be" };
            judgement.refused.get_or_insert(format!(
                "the rule of context {} refuses commands that are {}, and this one {may} on it",
                name(context),
                verdict.word()
            ));
            decision = Decision::Refused;
        }
        if !asked.is_empty() {
            decision = decision.max(Decision::Confirm);
        }
        for context in asked {
            if !judgement.to_confirm.contains(&context) {
                judgement.to_confirm.push(context);
            }
        }
        Ok((decision, protected))
    }
}

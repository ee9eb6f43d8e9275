//! The result of a sync, for people and for programs.

use super::Target;
use super::fetch::Collected;
use crate::cli::error::{Error, name};
use crate::cli::globals::Output;
use crate::cli::{World, allow, messages};
use crate::kubeconfig::sync::{ContextPlan, Outcome, Plan};
use crate::printer::{json, quote};
use serde_json::{Value, json};

/// The number of contexts of a source that are reported individually.
const SHOWN: usize = 20;

pub(super) struct Report<'r> {
    pub(super) targets: &'r [Target],
    pub(super) sources: &'r [Collected],
    pub(super) plans: &'r [Option<Plan>],
    pub(super) changed: bool,
    pub(super) dry_run: bool,
    /// True if the JSON is one line, because others follow.
    pub(super) is_line: bool,
}

impl Report<'_> {
    /// Prints the report.
    ///
    /// # Errors
    /// Exit code 1 if a source or a cluster failed; it has been reported.
    pub(super) fn tell(&self, world: &mut World<'_>) -> Result<(), Error> {
        match world.globals.output {
            Some(Output::Json) if self.is_line => {
                world.print(&(json::escaped(&self.value().to_string()) + "\n"))?;
            }
            Some(output @ (Output::Json | Output::Yaml)) => world.print_value(output, &self.value())?,
            Some(_) => {
                let contexts = self.plans.iter().flatten().flat_map(|plan| &plan.contexts);
                let kept = contexts.filter(|context| context.outcome != Outcome::Removed);
                world.print_names(kept.map(|context| context.name.as_str()))?;
            }
            None => {}
        }
        let mut failed = false;
        for ((target, source), plan) in self.targets.iter().zip(self.sources).zip(self.plans) {
            let called = &target.settings.name;
            if let Some(error) = source.error() {
                let line = format!(
                    "source {}: {}; its contexts were not changed",
                    name(called),
                    quote::visible(error)
                );
                world.fail(&Error::new(super::Cause::Failed, line));
            }
            if let Some(plan) = plan {
                self.sum_up(target, plan, world);
            }
            for (id, error) in &source.failed {
                let line =
                    format!("cluster {} of source {}: {}", name(id), name(called), quote::visible(error));
                world.warn(&format!("{line}; its contexts were not changed"));
            }
            if let Some(error) = &source.refused {
                let message = format!("source {}: {}", name(called), error.message);
                world.fail(&Error { message, ..error.clone() });
            }
            for error in &source.warnings {
                world.warn(&error.message);
                error.hints.iter().for_each(|hint| world.hint(hint));
            }
            failed |= source.error().is_some()
                || source.refused.is_some()
                || !source.failed.is_empty()
                || !source.warnings.is_empty();
        }
        if failed { Err(Error::silent(1)) } else { Ok(()) }
    }

    fn sum_up(&self, target: &Target, plan: &Plan, world: &mut World<'_>) {
        let count =
            |is: &dyn Fn(&ContextPlan) -> bool| plan.contexts.iter().filter(|context| is(context)).count();
        let mut parts = Vec::new();
        for (outcome, done) in [
            (Outcome::Added, "added"),
            (Outcome::Updated, "updated"),
            (Outcome::Back, "back"),
            (Outcome::Removed, "removed"),
            (Outcome::Gone, "gone"),
        ] {
            match count(&|context| context.outcome == outcome) {
                0 => {}
                count => parts.push(format!("{count} {done}")),
            }
        }
        let same = count(&|context| context.outcome == Outcome::Unchanged);
        let gone = count(&|context| context.outcome == Outcome::StillGone);
        let called = name(&target.settings.name);
        let gone = if gone == 0 { String::new() } else { format!(", {gone} still gone") };
        let contexts = if same == 1 { "1 context".to_owned() } else { format!("{same} contexts") };
        if parts.is_empty() {
            world.done(&format!("source {called}: {contexts}{gone}, nothing to do"));
            return;
        }
        let would = if self.dry_run { "dry run, nothing was written: " } else { "" };
        let unchanged = if same == 0 { String::new() } else { format!(", {same} unchanged") };
        let file = messages::path(&target.file);
        world.done(&format!("source {called}: {would}{}{unchanged}{gone} in `{file}`", parts.join(", ")));
        let shown = plan.contexts.iter().filter_map(line).collect::<Vec<_>>();
        for line in shown.iter().take(SHOWN) {
            world.done(&format!("  {line}"));
        }
        if shown.len() > SHOWN {
            world.done(&format!("  and {} more", shown.len() - SHOWN));
        }
        if plan.contexts.iter().any(|context| context.outcome == Outcome::Gone) {
            let source = &target.settings.name;
            world.hint(&format!("`kcx sync {source} --prune` removes contexts that are gone"));
        }
    }

    fn value(&self) -> Value {
        let mut sources = Vec::new();
        for ((target, source), plan) in self.targets.iter().zip(self.sources).zip(self.plans) {
            let contexts = plan.iter().flat_map(|plan| &plan.contexts).map(context).collect::<Vec<_>>();
            let failed = source.failed.iter().map(|(id, error)| json!({"id": id, "error": error}));
            let refused = source.refused.as_ref().map(|error| error.message.clone());
            sources.push(json!({
                "name": target.settings.name,
                "file": target.file.to_string_lossy(),
                "error": source.error().map(str::to_owned).or(refused),
                "contexts": contexts,
                "failed": failed.collect::<Vec<_>>(),
                "risks": source.risks.iter().map(|(risk, allowed)| allow::value(risk, *allowed)).collect::<Vec<_>>(),
            }));
        }
        json!({"changed": self.changed, "dryRun": self.dry_run, "sources": sources})
    }
}

/// The line for a context that changes.
fn line(it: &ContextPlan) -> Option<String> {
    let called = name(&it.name);
    let mut text = match it.outcome {
        Outcome::Added => format!("+ {called}"),
        Outcome::Updated | Outcome::Back if !it.replaced.is_empty() => {
            format!("~ {called}: {}", it.replaced.join(", "))
        }
        Outcome::Updated => format!("~ {called}"),
        Outcome::Back => format!("~ {called} is back"),
        Outcome::Removed => format!("- {called}"),
        Outcome::Gone => format!("- {called} is gone from its source"),
        Outcome::Unchanged | Outcome::StillGone => return None,
    };
    if let Some(from) = &it.renamed_from {
        text += &format!(" (was {})", name(from));
    }
    if let Some(taken) = &it.taken {
        text += &format!(" (the name {} is taken)", name(taken));
    }
    if let Some(wanted) = &it.unprotected {
        text += &format!(" keeps its name: rules protect it, and not {}", name(wanted));
    }
    if !it.kept.is_empty() && it.outcome == Outcome::Updated {
        text += &format!("; kept your {}", it.kept.join(", "));
    }
    Some(text)
}

fn context(it: &ContextPlan) -> Value {
    let outcome = match it.outcome {
        Outcome::Added => "added",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        Outcome::Gone | Outcome::StillGone => "gone",
        Outcome::Removed => "removed",
        Outcome::Back => "back",
    };
    let mut value = json!({"name": it.name, "id": it.id, "outcome": outcome});
    if let Some(from) = &it.renamed_from {
        value["renamedFrom"] = Value::from(from.as_str());
    }
    if let Some(taken) = &it.taken {
        value["taken"] = Value::from(taken.as_str());
    }
    if let Some(unprotected) = &it.unprotected {
        value["unprotected"] = Value::from(unprotected.as_str());
    }
    if !it.replaced.is_empty() {
        value["replaced"] = json!(it.replaced);
    }
    if !it.kept.is_empty() {
        value["kept"] = json!(it.kept);
    }
    value
}

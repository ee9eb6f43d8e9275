//! What `-o json` reports about a token and the objects of its account.

use super::super::super::World;
use super::super::super::error::Error;
use super::super::super::globals::Output;
use super::Job;
use crate::cluster::{IssuedToken, ServiceAccount, ViewerObject};
use serde_json::{Value, json};
use std::path::Path;

/// What was done, or would be.
pub(super) struct Report<'r> {
    context: String,
    account: &'r ServiceAccount,
    dry_run: bool,
    file: Option<&'r Path>,
    objects: Vec<Value>,
    token: Value,
    changed: bool,
    /// The lines that say what would be done.
    plan: String,
}

/// What became of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Created,
    Deleted,
    /// kcx had created it before.
    Existing,
    /// kcx has not created it, and does not touch it.
    Foreign,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Outcome::Created => "created",
            Outcome::Deleted => "deleted",
            Outcome::Existing => "existing",
            Outcome::Foreign => "foreign",
        }
    }
}

impl<'r> Report<'r> {
    pub(super) fn new(job: &Job<'r>, file: Option<&'r Path>) -> Report<'r> {
        Report {
            context: job.context.clone(),
            account: job.account,
            dry_run: job.flags.dry_run,
            file,
            objects: Vec::new(),
            token: Value::Null,
            changed: false,
            plan: String::new(),
        }
    }

    /// Notes what became of an object.
    pub(super) fn object(&mut self, object: ViewerObject, outcome: Outcome) {
        self.changed |= !self.dry_run && matches!(outcome, Outcome::Created | Outcome::Deleted);
        self.objects.push(json!({
            "kind": object.kind(),
            "namespace": object.namespace(self.account),
            "name": object.name(self.account),
            "outcome": outcome.word(),
        }));
    }

    /// Notes a token that was written.
    pub(super) fn issued(&mut self, requested: u64, issued: &IssuedToken) {
        self.changed = true;
        self.token = json!({"requestedSeconds": requested, "expires": issued.expires.to_string()});
    }

    /// Notes lines that say what would be done.
    pub(super) fn plan(&mut self, lines: &str) {
        self.plan += lines;
    }

    /// True if anything was changed so far.
    pub(super) fn has_changes(&self) -> bool {
        self.changed
    }

    /// Prints what would be done, unless it is reported as data.
    ///
    /// # Errors
    /// stdout is closed.
    pub(super) fn print_plan(&mut self, more: &str, world: &mut World<'_>) -> Result<(), Error> {
        self.plan(more);
        match world.globals.output {
            Some(Output::Json | Output::Yaml) => Ok(()),
            _ => Ok(world.print(&self.plan)?),
        }
    }

    /// Prints the report, if it is asked for.
    ///
    /// # Errors
    /// stdout is closed.
    pub(super) fn print(&self, world: &mut World<'_>) -> Result<(), Error> {
        let warnings = world.take_warnings();
        let Some(output @ (Output::Json | Output::Yaml)) = world.globals.output else { return Ok(()) };
        let value = json!({
            "context": self.context,
            "serviceAccount": {"namespace": self.account.namespace, "name": self.account.name},
            "dryRun": self.dry_run,
            "changed": self.changed,
            "file": self.file.map(|file| file.to_string_lossy()),
            "objects": self.objects,
            "token": self.token,
            "warnings": warnings,
        });
        Ok(world.print_value(output, &value)?)
    }
}

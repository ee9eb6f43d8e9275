//! The outcome of a run, for people and for programs.

use super::super::World;
use super::super::error::{Cause, Error, name};
use crate::cluster::RequestLog;
use crate::codec::duration;
use crate::printer::quote;
use serde_json::{Value, json};
use std::time::Duration;

/// How a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With this exit code; after a signal, 128 plus its number.
    Exited(i32),
    /// It took too long.
    TimedOut,
    /// Never started, because its context could not be prepared; the exit code of that failure.
    NotPrepared(i32),
    /// It was never started.
    Skipped,
}

/// A run and its outcome.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) context: String,
    pub(super) namespace: String,
    pub(super) end: End,
    pub(super) elapsed: Duration,
    /// stdout and stderr, if they were captured.
    pub(super) output: [Vec<u8>; 2],
    /// Why the context could not be prepared.
    pub(super) error: Option<String>,
    /// What the read-only proxy refused.
    pub(super) log: Option<RequestLog>,
}

impl Outcome {
    pub(super) fn skipped(context: &str) -> Outcome {
        Outcome::never(context, End::Skipped)
    }

    pub(super) fn not_prepared(context: &str, error: &Error) -> Outcome {
        let outcome = Outcome::never(context, End::NotPrepared(error.cause.code()));
        Outcome { error: Some(error.message.clone()), ..outcome }
    }

    /// The outcome of a run that was never started.
    fn never(context: &str, end: End) -> Outcome {
        let (context, namespace, elapsed) = (context.to_owned(), String::new(), Duration::ZERO);
        Outcome { context, namespace, end, elapsed, output: Default::default(), error: None, log: None }
    }

    /// The exit code; 124 after a timeout, as with timeout(1).
    pub(super) fn code(&self) -> i32 {
        match self.end {
            End::Exited(code) | End::NotPrepared(code) => code,
            End::TimedOut => 124,
            End::Skipped => 1,
        }
    }

    pub(super) fn value(&self) -> Value {
        let status = match self.end {
            End::Exited(0) => "succeeded",
            End::Exited(_) | End::NotPrepared(_) => "failed",
            End::TimedOut => "timed out",
            End::Skipped => "skipped",
        };
        let mut value = json!({"context": self.context, "status": status});
        if self.end != End::Skipped {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            value["namespace"] = match (self.end, self.namespace.as_str()) {
                (End::NotPrepared(_), _) => Value::Null,
                (_, "") => "default".into(),
                (_, namespace) => namespace.into(),
            };
            value["exitCode"] = self.code().into();
            value["seconds"] = ((self.elapsed.as_secs_f64() * 1000.0).round() / 1000.0).into();
            value["stdout"] = text(&self.output[0]).into();
            value["stderr"] = text(&self.output[1]).into();
        }
        if let Some(error) = &self.error {
            value["error"] = error.as_str().into();
        }
        if let Some(log) = self.log.as_ref().filter(|log| !log.refused().is_empty()) {
            let refused = log.refused().iter().map(|(line, why)| json!({"request": line, "reason": why}));
            value["refused"] = refused.collect();
        }
        value
    }
}

/// Reports what a read-only proxy refused: many clients do not show the reason.
pub(in super::super) fn tell(context: &str, log: &RequestLog, world: &mut World<'_>) {
    let context = name(context);
    for (line, why) in log.refused() {
        world.warn(&format!(
            "refused for context {context}: {}: {}",
            quote::visible(line),
            quote::visible(why)
        ));
    }
    for why in log.no_response() {
        world.warn(&format!("no response from the cluster of context {context}: {why}"));
    }
    if log.more() > 0 {
        world.warn(&format!("{} more requests for context {context} failed", log.more()));
    }
}

/// Fails if one of several runs has.
///
/// # Errors
/// Exit code 1, and which.
pub(super) fn sum_up(outcomes: &[Outcome]) -> Result<(), Error> {
    let skipped: Vec<&str> =
        outcomes.iter().filter(|it| it.end == End::Skipped).map(|it| it.context.as_str()).collect();
    let failed: Vec<String> = outcomes
        .iter()
        .filter_map(|it| match it.end {
            End::Exited(0) | End::Skipped => None,
            End::Exited(code) => Some(format!("{} (exit code {code})", name(&it.context))),
            End::TimedOut => Some(format!("{} (timed out)", name(&it.context))),
            End::NotPrepared(_) => Some(format!("{} (not started)", name(&it.context))),
        })
        .collect();
    let all = outcomes.len();
    let message = match (failed.is_empty(), skipped.is_empty()) {
        (true, true) => return Ok(()),
        (true, false) => format!("{} of {all} did not run: {}", skipped.len(), some(&skipped)),
        (false, true) => format!("failed in {} of {all}: {}", failed.len(), failed.join(", ")),
        (false, false) => format!(
            "failed in {} of {all}: {}; {} did not run: {}",
            failed.len(),
            failed.join(", "),
            skipped.len(),
            some(&skipped)
        ),
    };
    Err(Error::new(Cause::Failed, message))
}

/// The number of contexts that did not run which are named.
const NAMED: usize = 5;

/// The first of these contexts, and how many more there are.
fn some(contexts: &[&str]) -> String {
    let named: Vec<String> = contexts.iter().take(NAMED).map(|context| name(context)).collect();
    match contexts.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// The error for a command that could not be started: it stops all runs, so these contexts did not run.
pub(super) fn stopped(error: Error, not_run: &[&str]) -> Error {
    Error { message: format!("{}; did not run: {}", error.message, some(not_run)), ..error }
}

/// The error for the only run, if kcx ended it.
pub(super) fn timed_out(outcome: &Outcome, command: &[String], limit: Duration) -> Option<Error> {
    let program = name(command.first().map_or("", String::as_str));
    let (limit, context) = (duration::short(limit), name(&outcome.context));
    let message = format!("{program} was stopped after {limit} in context {context}");
    (outcome.end == End::TimedOut).then(|| Error::new(Cause::Failed, message))
}

//! Prepares contexts for their runs. With `--read-only` that may run a credential plugin, which may take long: several
//! contexts are prepared in parallel and ahead of their runs, so that a slow one does not delay the others.

use super::super::cluster_query::{self, DEFAULT_TIMEOUT};
use super::super::error::Error;
use super::run_env::{Ready, SharedRunEnv};
use crate::cluster::{Failure, Preparing, ReadOnly};
use crate::session::Selection;

/// The minimum number of contexts that are prepared ahead of their runs.
const AHEAD: usize = 8;

/// All contexts and their stages.
pub(super) struct Queue<'f> {
    runs: &'f SharedRunEnv<'f>,
    contexts: &'f [String],
    stages: Vec<Stage>,
    /// The largest number of contexts that are being prepared or ready.
    ahead: usize,
    /// True if contexts are handed out in order: their runs are sequential, or a failure of an earlier one stops the rest.
    in_order: bool,
}

enum Stage {
    Waiting,
    /// The context with its namespace, unless it was cancelled, and the proxy that is being started.
    Preparing(Option<Selection>, Preparing),
    Ready(Box<Ready>),
    Failed(Box<Error>),
    /// The context was handed out, or will not run.
    Gone,
}

/// The result of a preparation, with the index of the context.
pub(super) type Prepared = (usize, Result<ReadOnly, Failure>);

impl<'f> Queue<'f> {
    pub(super) fn new(runs: &'f SharedRunEnv<'f>, contexts: &'f [String], width: usize) -> Queue<'f> {
        let stages = contexts.iter().map(|_| Stage::Waiting).collect();
        let in_order = width == 1 || runs.args.fail_fast;
        Queue { runs, contexts, stages, ahead: width.max(AHEAD), in_order }
    }

    /// Starts as many preparations as allowed; `done` gets each proxy on its own thread.
    pub(super) fn begin<D>(&mut self, done: impl Fn() -> D)
    where
        D: FnOnce(Prepared) + Send + 'static,
    {
        let busy = |stage: &&Stage| matches!(stage, Stage::Preparing(..) | Stage::Ready(_));
        let mut busy = self.stages.iter().filter(busy).count();
        for (at, stage) in self.stages.iter_mut().enumerate() {
            if busy >= self.ahead {
                return;
            }
            if matches!(stage, Stage::Waiting) {
                *stage = prepare(self.runs, &self.contexts[at], at, done());
                busy += 1;
            }
        }
    }

    /// Records that a proxy was started or failed to start.
    pub(super) fn prepared(&mut self, (at, proxy): Prepared) {
        let stage = std::mem::replace(&mut self.stages[at], Stage::Gone);
        if let Stage::Preparing(Some(selection), _) = stage {
            self.stages[at] = match proxy {
                Ok(proxy) => Stage::Ready(Box::new(Ready { selection, proxy: Some(proxy) })),
                Err(failure) => Stage::Failed(Box::new(cluster_query::failed(
                    &self.contexts[at],
                    &failure,
                    DEFAULT_TIMEOUT,
                ))),
            };
        }
    }

    /// The next context that may run.
    pub(super) fn ready(&mut self) -> Option<(usize, Ready)> {
        let mut left = self.stages.iter().enumerate().filter(|(_, stage)| !matches!(stage, Stage::Gone));
        let ready = |(_, stage): &(usize, &Stage)| matches!(stage, Stage::Ready(_));
        let (at, _) = if self.in_order { left.next().filter(ready) } else { left.find(ready) }?;
        match std::mem::replace(&mut self.stages[at], Stage::Gone) {
            Stage::Ready(ready) => Some((at, *ready)),
            _ => None,
        }
    }

    /// The next context that could not be prepared. Failures come in the order of the contexts, each after all contexts
    /// before it have run or failed.
    pub(super) fn failed(&mut self) -> Option<(usize, Error)> {
        let at = self.stages.iter().position(|stage| !matches!(stage, Stage::Gone))?;
        match std::mem::replace(&mut self.stages[at], Stage::Gone) {
            Stage::Failed(error) => Some((at, *error)),
            other => {
                self.stages[at] = other;
                None
            }
        }
    }

    /// Cancels the remaining contexts; known failures are still reported. Running plugins are ended.
    pub(super) fn cancel(&mut self) {
        for stage in &mut self.stages {
            *stage = match std::mem::replace(stage, Stage::Gone) {
                Stage::Preparing(_, mut preparing) => {
                    preparing.cancel();
                    Stage::Preparing(None, preparing)
                }
                kept @ Stage::Failed(_) => kept,
                Stage::Waiting | Stage::Ready(_) | Stage::Gone => Stage::Gone,
            };
        }
    }

    /// True until every context was handed out or will not run.
    pub(super) fn is_busy(&self) -> bool {
        self.stages.iter().any(|stage| !matches!(stage, Stage::Gone))
    }
}

fn prepare(
    runs: &SharedRunEnv<'_>,
    context: &str,
    at: usize,
    done: impl FnOnce(Prepared) + Send + 'static,
) -> Stage {
    let selection = match runs.selection(context) {
        Ok(selection) => selection,
        Err(error) => return Stage::Failed(Box::new(error)),
    };
    if !runs.args.fence.is_read_only() {
        return Stage::Ready(Box::new(Ready { selection, proxy: None }));
    }
    match cluster_query::read_only(context, &runs.access, runs.bounds.clone(), move |proxy| done((at, proxy)))
    {
        Ok(preparing) => Stage::Preparing(Some(selection), preparing),
        Err(failure) => Stage::Failed(Box::new(cluster_query::failed(context, &failure, DEFAULT_TIMEOUT))),
    }
}

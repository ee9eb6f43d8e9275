//! Runs a command in many contexts, several at the same time: starts the runs, reads their output, ends and cleans up.
//!
//! One thread decides and prints. Other threads only read: two for each run whose output is captured, and one that waits
//! for signals, including the end of a child process.

use super::super::error::{Error, name};
use super::super::{World, child};
use super::outcome::{self, End, Outcome};
use super::output::{Event, Streams, listen, prefixes};
use super::prepare::Queue;
use super::run_env::{Ready, RunEnv, SharedRunEnv};
use crate::file::interrupt::{self, SignalWatch};
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// The runs and their options.
pub(super) struct Fleet<'f> {
    pub(super) runs: &'f SharedRunEnv<'f>,
    pub(super) contexts: &'f [String],
    /// The number of runs at the same time.
    pub(super) width: usize,
    pub(super) streams: Streams,
    /// A run may read stdin.
    pub(super) input: bool,
}

/// The results of all runs, in the order of the contexts.
pub(super) struct Ended {
    pub(super) outcomes: Vec<Outcome>,
    /// The signal that ended them.
    pub(super) signal: Option<i32>,
}

/// The time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(5);
/// The capacity of the queue of lines to print.
const QUEUE: usize = 256;

struct Running {
    at: usize,
    namespace: String,
    child: Child,
    run_env: RunEnv,
    began: Instant,
    code: Option<i32>,
    /// Streams that are still open.
    open: usize,
    output: [Vec<u8>; 2],
    deadline: Option<Instant>,
    late: bool,
}

impl Fleet<'_> {
    /// Runs them all.
    ///
    /// A context that cannot be prepared counts as failed; the others still run.
    ///
    /// # Errors
    /// Fails if a command cannot be started or stdout is closed. No run is left then.
    pub(super) fn run(&self, world: &mut World<'_>) -> Result<Ended, Error> {
        child::adopt();
        let guard = interrupt::Guard::new();
        let mut fleet_run = FleetRun::new(self);
        let ended = fleet_run.wait_for_all(world);
        if ended.is_err() {
            fleet_run.abandon(world);
        }
        // The command has received the signal; its effect on kcx is decided above.
        interrupt::clear_pending();
        drop(guard);
        if let Err(error) = ended {
            // Those that a failure interrupts have begun.
            let never = fleet_run.outcomes.iter().zip(self.contexts).zip(&fleet_run.begun);
            let never: Vec<&str> = never
                .filter(|((outcome, _), begun)| outcome.is_none() && !**begun)
                .map(|((_, context), _)| context.as_str())
                .collect();
            return Err(match never.as_slice() {
                [] => error,
                never if self.contexts.len() > 1 => outcome::stopped(error, never),
                _ => error,
            });
        }
        let outcomes = fleet_run.outcomes.into_iter().zip(self.contexts);
        let outcomes = outcomes.map(|(it, context)| it.unwrap_or_else(|| Outcome::skipped(context)));
        Ok(Ended { outcomes: outcomes.collect(), signal: fleet_run.signal })
    }
}

/// The state while runs are executing.
struct FleetRun<'f> {
    fleet: &'f Fleet<'f>,
    queue: Queue<'f>,
    running: Vec<Running>,
    outcomes: Vec<Option<Outcome>>,
    /// Whose command was started.
    begun: Vec<bool>,
    prefixes: [Vec<String>; 2],
    signal: Option<i32>,
    sender: SyncSender<Event>,
    inbox: Receiver<Event>,
}

impl<'f> FleetRun<'f> {
    fn new(fleet: &'f Fleet<'f>) -> FleetRun<'f> {
        let (sender, inbox) = sync_channel(QUEUE);
        FleetRun {
            fleet,
            queue: Queue::new(fleet.runs, fleet.contexts, fleet.width),
            running: Vec::new(),
            outcomes: fleet.contexts.iter().map(|_| None).collect(),
            begun: vec![false; fleet.contexts.len()],
            prefixes: [Vec::new(), Vec::new()],
            signal: None,
            sender,
            inbox,
        }
    }

    fn wait_for_all(&mut self, world: &mut World<'_>) -> Result<(), Error> {
        if self.fleet.streams == Streams::Prefixed {
            self.prefixes =
                [world.colors_stdout(), world.colors_stderr()].map(|on| prefixes(self.fleet.contexts, on));
        }
        let (watch, mut listener) = SignalWatch::new()?;
        let sender = self.sender.clone();
        thread::spawn(move || while listener.wait() && sender.send(Event::Wake).is_ok() {});
        while self.start_more(world)? {
            match self.next(world)? {
                Some(Event::Line(at, stream, line)) => self.take(at, stream, line, world)?,
                Some(Event::Closed(at)) => {
                    for run in self.running.iter_mut().filter(|run| run.at == at) {
                        run.open -= 1;
                    }
                    self.look(world)?;
                }
                Some(Event::Prepared(prepared)) => self.queue.prepared(*prepared),
                Some(Event::Wake) | None => self.look(world)?,
            }
        }
        drop(watch);
        Ok(())
    }

    /// Starts the runs that may start now; false if there is nothing left to wait for.
    fn start_more(&mut self, world: &mut World<'_>) -> Result<bool, Error> {
        // If runs are sequential, messages about the next one come after the output of this one.
        while self.fleet.width > 1 || self.running.is_empty() {
            let sender = &self.sender;
            let done = || {
                let sender = sender.clone();
                move |prepared| drop(sender.send(Event::Prepared(Box::new(prepared))))
            };
            self.queue.begin(done);
            if let Some((at, error)) = self.queue.failed() {
                self.announce(at, world);
                self.not_prepared(at, error, world);
            } else if self.running.len() < self.fleet.width
                && let Some((at, ready)) = self.queue.ready()
            {
                self.announce(at, world);
                self.start(at, ready, world)?;
            } else {
                break;
            }
            // First handle events of the other runs, and Ctrl-C.
            self.look(world)?;
        }
        Ok(!self.running.is_empty() || self.queue.is_busy())
    }

    fn announce(&self, at: usize, world: &mut World<'_>) {
        if self.fleet.streams == Streams::Passed && self.fleet.contexts.len() > 1 {
            world.done(&format!("{}:", name(&self.fleet.contexts[at])));
        }
    }

    /// Records a context that could not be prepared. The others are not affected.
    fn not_prepared(&mut self, at: usize, mut error: Error, world: &mut World<'_>) {
        let context = &self.fleet.contexts[at];
        if !error.message.contains(&name(context)) {
            error.message = format!("context {}: {}", name(context), error.message);
        }
        world.fail(&error);
        if self.fleet.runs.args.fail_fast {
            self.queue.cancel();
        }
        self.outcomes[at] = Some(Outcome::not_prepared(context, &error));
    }

    fn start(&mut self, at: usize, ready: Ready, world: &mut World<'_>) -> Result<(), Error> {
        let (selection, run_env, mut command) = match self.fleet.runs.begin(ready, world) {
            Ok(begun) => begun,
            Err(error) => {
                self.not_prepared(at, error, world);
                return Ok(());
            }
        };
        let fleet = self.fleet;
        if !fleet.input {
            command.stdin(Stdio::null());
            // A process group is ended with all its processes. A program that reads the terminal must stay in kcx's group.
            child::lead(&mut command);
        }
        if fleet.streams != Streams::Passed {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        let began = Instant::now();
        let mut child = match spawn(&mut command, world) {
            Ok(child) => child,
            Err(error) => {
                run_env.end(&self.processes(), world);
                return Err(child::not_started(&fleet.runs.args.command, &error));
            }
        };
        self.begun[at] = true;
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|it| Box::new(it) as Box<dyn Read + Send>),
            child.stderr.take().map(|it| Box::new(it) as Box<dyn Read + Send>),
        ];
        let open = streams.iter().flatten().count();
        for (stream, source) in streams.into_iter().enumerate() {
            let Some(source) = source else { continue };
            let sender = self.sender.clone();
            thread::spawn(move || listen(source, at, stream, &sender));
        }
        let deadline = fleet.runs.args.timeout.and_then(|timeout| began.checked_add(timeout));
        self.running.push(Running {
            at,
            namespace: selection.namespace().to_owned(),
            child,
            run_env,
            began,
            code: None,
            open,
            output: Default::default(),
            deadline,
            late: false,
        });
        Ok(())
    }

    /// Waits for the next event; `None` when the deadline of a run has passed.
    fn next(&mut self, world: &mut World<'_>) -> Result<Option<Event>, Error> {
        match self.inbox.try_recv() {
            Ok(event) => return Ok(Some(event)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => world.out.flush()?,
        }
        let first = self.running.iter().filter_map(|run| run.deadline).min();
        let wait = first.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
        match self.inbox.recv_timeout(wait) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(None),
        }
    }

    fn take(
        &mut self,
        at: usize,
        stream: usize,
        mut line: Vec<u8>,
        world: &mut World<'_>,
    ) -> Result<(), Error> {
        if self.fleet.streams == Streams::Kept {
            if let Some(run) = self.running.iter_mut().find(|run| run.at == at) {
                run.output[stream].append(&mut line);
            }
            return Ok(());
        }
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        let text = [self.prefixes[stream][at].as_bytes(), &line].concat();
        match stream {
            0 => world.out.write_all(&text)?,
            // A closed stderr is not an error.
            _ => drop(world.err.write_all(&text)),
        }
        Ok(())
    }

    /// Forwards signals, ends runs that take too long, and cleans up after runs that have ended.
    fn look(&mut self, world: &mut World<'_>) -> Result<(), Error> {
        if let Some(signal) = interrupt::pending() {
            interrupt::clear_pending();
            self.signal = Some(signal);
            self.queue.cancel();
            // The terminal has already sent it to processes in kcx's own group.
            let has_had_it = self.fleet.input && signal == interrupt::INT && at_terminal(world);
            for run in self.running.iter_mut().filter(|_| !has_had_it) {
                child::signal(&mut run.child, !self.fleet.input, signal);
            }
        }
        let now = Instant::now();
        for run in self.running.iter_mut().filter(|run| run.deadline.is_some_and(|at| at <= now)) {
            let signal = if run.late { interrupt::KILL } else { interrupt::TERM };
            child::signal(&mut run.child, !self.fleet.input, signal);
            run.deadline = (!run.late).then(|| now + GRACE);
            run.late = true;
        }
        let mut at = 0;
        while at < self.running.len() {
            let run = &mut self.running[at];
            if run.code.is_none() {
                run.code = run.child.try_wait()?.map(child::exit_code);
            }
            match run.code {
                Some(code) if run.open == 0 => {
                    let run = self.running.remove(at);
                    self.leave(run, code, world);
                }
                _ => at += 1,
            }
        }
        Ok(())
    }

    fn leave(&mut self, run: Running, code: i32, world: &mut World<'_>) {
        let log = run.run_env.log();
        run.run_env.end(&self.processes(), world);
        if let Some(log) = &log {
            outcome::tell(&self.fleet.contexts[run.at], log, world);
        }
        let end = if run.late { End::TimedOut } else { End::Exited(code) };
        if self.fleet.runs.args.fail_fast && end != End::Exited(0) {
            self.queue.cancel();
        }
        self.outcomes[run.at] = Some(Outcome {
            context: self.fleet.contexts[run.at].clone(),
            namespace: run.namespace,
            end,
            elapsed: run.began.elapsed(),
            output: run.output,
            error: None,
            log,
        });
    }

    /// The processes of the runs that go on.
    fn processes(&self) -> Vec<u32> {
        self.running.iter().map(|run| run.child.id()).collect()
    }

    /// Ends all runs after an error.
    fn abandon(&mut self, world: &mut World<'_>) {
        for run in &mut self.running {
            child::signal(&mut run.child, !self.fleet.input, interrupt::TERM);
        }
        // The reading threads must not block on a full queue.
        let (_, nobody) = sync_channel(0);
        drop(std::mem::replace(&mut self.inbox, nobody));
        let others = self.processes();
        for mut run in self.running.drain(..) {
            let _ = run.child.wait();
            run.run_env.end(&others, world);
        }
    }
}

/// Starts a child after flushing kcx's own output.
fn spawn(command: &mut Command, world: &mut World<'_>) -> io::Result<Child> {
    let _ = world.out.flush();
    command.spawn()
}

fn at_terminal(world: &World<'_>) -> bool {
    world.env.stdin_is_terminal || world.env.stdout_is_terminal || world.env.stderr_is_terminal
}

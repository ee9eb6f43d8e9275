//! The verdict on a command line: what it would do to a cluster, and in which context.
//!
//! ```text
//! a line of shell text ─► shell: brush-parser's grammar ─► simple commands, with the context that those before them chose
//! words of one command ─────────────────────────────────►    │
//!                              wrapper: env, sudo, xargs, `sh -c` …
//!                                                            │
//!                    tools: kubectl, helm, flux, argocd, kustomize, k9s, kubectx, kubens, kcx; all others
//!                              flags: a table of each tool's commands and flags, read as the tool reads them
//!                                                            ▼
//!                                        Finding: verdict, contexts, reason
//! ```
//!
//! Nothing is read, run or printed here: [`Surroundings`] gives what the process knows. What cannot be known is
//! [`Verdict::Unknown`], never a guess.

mod argocd;
mod assigned;
mod expand;
mod flags;
mod flux;
mod helm;
mod k9s;
mod kcx;
mod kubectl;
mod kubectl_effect;
mod kustomize;
mod mention;
mod place;
mod program;
mod program_text;
mod request;
mod scope;
mod shell;
mod shell_program;
mod switch;
mod word;
mod wrapper;
mod written;

pub use argocd::ARGOCD;
pub use flags::{Arity, Table};
pub use flux::FLUX;
pub use helm::HELM;
pub use k9s::K9S;
pub use kcx::KCX;
pub use kubectl::KUBECTL;
pub use place::Place;
pub use word::Word;

use crate::kuberc::Kuberc;
use scope::Scope;
use shell::Input;

/// What a command does to a cluster, from harmless to harmful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It changes nothing.
    Read,
    /// It changes objects.
    Write,
    /// This cannot be known; it counts as a write.
    Unknown,
    /// It deletes much, or what cannot be restored.
    Dangerous,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Verdict; 4] = [Verdict::Read, Verdict::Write, Verdict::Unknown, Verdict::Dangerous];

    /// The word for people and scripts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Read => "read",
            Verdict::Write => "write",
            Verdict::Unknown => "unknown",
            Verdict::Dangerous => "dangerous",
        }
    }
}

/// The verdict on one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The command, as it was typed.
    pub command: String,
    /// What it does.
    pub verdict: Verdict,
    /// The contexts it would act on; none if it touches no cluster.
    pub places: Vec<Place>,
    /// The reason, without a full stop.
    pub why: String,
}

/// What the process knows.
pub trait Surroundings {
    /// kubectl's preferences; `--kuberc` of the command line names another file. `None` if they cannot be read.
    fn kuberc(&self, file: Option<&str>) -> Option<Kuberc>;
    /// The value of an environment variable that leads a tool to another context, such as `HELM_KUBECONTEXT`.
    fn variable(&self, name: &str) -> Option<String>;
    /// The contexts that a rule protects, or for which it refuses commands. `None` if they cannot be read.
    fn protected(&self) -> Option<Vec<String>>;
}

/// The longest line that is read, in bytes.
pub const LONGEST: usize = 64 << 10;

/// The verdicts on all commands of a line of shell text, in order.
#[must_use]
pub fn line(line: &str, surroundings: &dyn Surroundings) -> Vec<Finding> {
    let mut judge = Judge::new(surroundings);
    judge.text(line, &mut Scope::default());
    judge.findings
}

/// The verdicts on the command with these words, to which a shell has nothing to add.
#[must_use]
pub fn words(words: &[String], surroundings: &dyn Surroundings) -> Vec<Finding> {
    let mut judge = Judge::new(surroundings);
    let words: Vec<Word> = words.iter().map(|word| Word::literal(word)).collect();
    judge.command(&words, &mut Scope::default());
    judge.findings
}

/// The number of commands that are judged in one line.
const MOST: usize = 2000;

/// How deep commands are judged that are the text of another one, as in `sh -c "sh -c …"`.
const DEEPEST: usize = 16;

/// Collects the verdicts.
struct Judge<'s> {
    surroundings: &'s dyn Surroundings,
    findings: Vec<Finding>,
    depth: usize,
    /// The number of loops that the command is inside of.
    loops: usize,
    /// What the last commands may have changed that kcx does not see.
    unseen: Unseen,
    /// The commands that the one that is judged is inside of, as they were typed.
    outer: Vec<String>,
    /// The values that the line has given to variables so far.
    values: String,
    /// A redirection of the command writes a file.
    writes: bool,
    /// The input of a group of commands, which each of them can read.
    input: Input,
    /// The protected contexts, once they were asked for.
    protected: Option<Option<Vec<String>>>,
}

/// What a command may have changed that kcx does not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unseen {
    /// Nothing.
    Nothing,
    /// Files, and so the current context.
    Files,
    /// The shell as well: its variables, and so the kubeconfig.
    Shell,
}

impl<'s> Judge<'s> {
    fn new(surroundings: &'s dyn Surroundings) -> Judge<'s> {
        Judge {
            surroundings,
            findings: Vec::new(),
            depth: 0,
            loops: 0,
            unseen: Unseen::Nothing,
            outer: Vec::new(),
            values: String::new(),
            writes: false,
            input: Input::None,
            protected: None,
        }
    }

    /// Adds a verdict. The same one is not listed twice.
    fn found(&mut self, words: &[Word], verdict: Verdict, mut places: Vec<Place>, why: impl Into<String>) {
        if verdict == Verdict::Unknown {
            self.unseen = self.unseen.max(Unseen::Files);
            self.mentioned(words, &mut places);
        }
        self.add(words, verdict, places, why.into());
    }

    fn add(&mut self, words: &[Word], verdict: Verdict, places: Vec<Place>, why: String) {
        let finding = Finding { command: word::join(words), verdict, places, why };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Adds the verdict on a command of a tool that chooses no context: a word that is not known may be a flag, and so may
    /// change the verdict.
    fn found_call(
        &mut self,
        words: &[Word],
        call: &flags::Call,
        verdict: Verdict,
        places: Vec<Place>,
        why: impl Into<String>,
    ) {
        match verdict {
            Verdict::Write if call.open => {
                let why = format!("{}; a word that is not known may be a flag", why.into());
                self.add(words, Verdict::Unknown, places, why);
            }
            _ => self.add(words, verdict, places, why.into()),
        }
    }

    /// Judges something one level deeper, or says that it is too deep.
    fn deeper(&mut self, words: &[Word], scope: &Scope, judge: impl FnOnce(&mut Judge<'s>)) {
        if self.depth >= DEEPEST || self.findings.len() >= MOST {
            let why = "commands are nested too deeply to be read, or are too many";
            return self.found(words, Verdict::Unknown, scope.places(), why);
        }
        self.depth += 1;
        judge(self);
        self.depth -= 1;
    }
}

//! kcx itself.

use super::flags::{Call, Table};
use super::place::{Choice, Files, Place};
use super::scope::{Scope, named};
use super::shell::Input;
use super::word::Word;
use super::{Finding, Judge, Verdict};

/// The commands of kcx and the flags that take a value. A test compares them with clap's.
pub const KCX: Table = Table {
    text: include_str!("tables/kcx.txt"),
    aliases: &[("use", "ctx"), ("get", "list"), ("lint", "validate")],
    underscores: false,
};

impl Judge<'_> {
    /// `args` are the words after `kcx`, `words` the whole command.
    pub(super) fn kcx(&mut self, args: &[Word], words: &[Word], input: &Input, scope: &mut Scope) {
        let end = args.iter().position(|word| word.known() == Some("--")).unwrap_or(args.len());
        let (own, rest) = (&args[..end], args.get(end + 1..).unwrap_or_default());
        if own.first().and_then(Word::known) == Some("config") {
            let mut line = vec![Word::literal("kubectl")];
            line.extend_from_slice(args);
            return self.kubectl(&line, input, scope);
        }
        let call = KCX.read(own);
        if call.lost {
            return self.found(
                words,
                Verdict::Unknown,
                vec![Place::Unknown],
                "which command of kcx it is is not known",
            );
        }
        if call.is_on("help") || call.is_on("version") {
            return self.found(words, Verdict::Read, Vec::new(), "it only prints about itself");
        }
        if call.path.is_empty() {
            return self.kcx_name(&call, words, scope);
        }
        let places: Vec<Place> = match call.open {
            true => vec![Place::Unknown],
            false => call
                .operands
                .iter()
                .flat_map(|word| scope.places_of(&scope.files(), Some(named(word))))
                .collect(),
        };
        match call.class {
            "read" => self.found(words, Verdict::Read, Vec::new(), format!("`kcx {}` only reads", call.path)),
            "use" => {
                let choice = call.operands.first().map_or(Choice::Unknown, chosen);
                self.switch_to(words, choice, call.has("kubeconfig"), scope);
            }
            "lint"
                if call.is_on("dry-run") || !["fix", "unsafe-fixes"].iter().any(|it| call.may_be_on(it)) =>
            {
                self.found(words, Verdict::Read, Vec::new(), "`kcx lint` only reads");
            }
            "files" | "export" if writes_files(&call) => {
                scope.wrote(args.iter().map(|word| word.start().to_owned()).filter(|word| !word.is_empty()));
                scope.choose(Choice::Unknown);
                let why = format!("`kcx {}` writes over a kubeconfig without a question", call.path);
                self.found(words, Verdict::Write, vec![Place::Unknown], why);
            }
            "files" => {
                scope.wrote(args.iter().map(|word| word.start().to_owned()).filter(|word| !word.is_empty()));
                let why = format!("`kcx {}` writes no file over another one", call.path);
                self.found(words, Verdict::Read, Vec::new(), why);
            }
            "export" if !call.has("as-service-account") || call.is_on("dry-run") => {
                scope.wrote(args.iter().map(|word| word.start().to_owned()).filter(|word| !word.is_empty()));
                self.found(words, Verdict::Read, Vec::new(), "`kcx export` only reads");
            }
            "export" => {
                let places = if places.is_empty() { scope.places() } else { places };
                let why = "it creates or deletes objects of a service account, or a token";
                self.found(words, Verdict::Write, places, why);
            }
            "exec" => self.kcx_exec(&call, rest, (words, input), scope),
            "shell" => self.kcx_shell(&call, rest, (words, input), scope),
            "lift" => {
                let names = call.operands.get(1..).unwrap_or_default();
                let places = match names.iter().map(Word::known).collect::<Option<Vec<_>>>() {
                    Some(names) => vec![Place::Matching(names.into_iter().map(str::to_owned).collect())],
                    None => vec![Place::Unknown],
                };
                self.found(
                    words,
                    Verdict::Dangerous,
                    places,
                    "it ends the protection of a context for a while",
                );
            }
            "settings" => {
                let why = "it changes what is protected, or how";
                self.found(words, Verdict::Write, vec![Place::Unknown], why);
            }
            "edits-context" if !places.is_empty() => {
                scope.choose(Choice::Unknown);
                self.found(
                    words,
                    Verdict::Write,
                    places,
                    format!("`kcx {}` changes a kubeconfig", call.path),
                );
            }
            _ => {
                scope.choose(Choice::Unknown);
                let why = format!("`kcx {}` changes kubeconfigs", call.path);
                self.found(words, Verdict::Write, vec![Place::Unknown], why);
            }
        }
    }

    /// `kcx NAME`.
    fn kcx_name(&mut self, call: &Call, words: &[Word], scope: &mut Scope) {
        match call.operands.first() {
            None => {
                scope.choose(Choice::Unknown);
                self.found(words, Verdict::Read, Vec::new(), "it lists contexts, or lets you choose one");
            }
            Some(name) if call.open => {
                let _ = name;
                scope.choose(Choice::Unknown);
                self.found(
                    words,
                    Verdict::Unknown,
                    vec![Place::Unknown],
                    "which command of kcx it is is not known",
                );
            }
            Some(_) if call.operands.len() > 1 => {
                scope.choose(Choice::Unknown);
                let why = "kcx has no such command";
                self.found(words, Verdict::Unknown, vec![Place::Unknown], why);
            }
            Some(name) => self.switch_to(words, chosen(name), call.has("kubeconfig"), scope),
        }
    }

    /// `kcx exec WORDS -- COMMAND`.
    fn kcx_exec(&mut self, call: &Call, rest: &[Word], (words, input): (&[Word], &Input), scope: &Scope) {
        let selects = ["label", "regex", "kubeconfig"].iter().any(|flag| call.has(flag));
        let names: Option<Vec<String>> =
            call.operands.iter().map(|word| word.known().map(str::to_owned)).collect();
        let choice = match names {
            Some(names) if !call.open && !selects && !names.is_empty() => Choice::Matching(names),
            _ => Choice::Unknown,
        };
        let mut inner = scope.child();
        inner.set_files(Files::Shell);
        inner.helm_context = Some(Choice::Current);
        inner.fix(choice);
        if rest.is_empty() {
            return self.found(words, Verdict::Read, inner.places(), "it runs nothing");
        }
        let (found, fenced) = (self.findings.len(), inner.places());
        self.command_with(rest, input, &mut inner);
        if call.is_on("dry-run") {
            for finding in &mut self.findings[found..] {
                finding.why = "kcx does not run it".to_owned();
                finding.verdict = Verdict::Read;
            }
        } else if only_reads(call) {
            self.fence(found, &fenced);
        }
    }

    /// What was found from this index on gets the read-only proxy, unless it leads past it: to another context or kubeconfig.
    fn fence(&mut self, from: usize, fenced: &[Place]) {
        let within = |finding: &&mut Finding| {
            finding.places.iter().all(|place| *place != Place::Unknown && fenced.contains(place))
        };
        for finding in self.findings[from..].iter_mut().filter(within) {
            finding.why = "kcx runs it so that it can only read".to_owned();
            finding.verdict = Verdict::Read;
        }
    }

    /// `kcx shell NAME -- COMMAND`.
    fn kcx_shell(&mut self, call: &Call, rest: &[Word], (words, input): (&[Word], &Input), scope: &Scope) {
        let choice = match call.operands.first() {
            _ if call.open => Choice::Unknown,
            Some(name) => chosen(name),
            None => Choice::Unknown,
        };
        let mut inner = scope.child();
        inner.set_files(Files::Shell);
        inner.helm_context = Some(Choice::Current);
        inner.fix(choice);
        let (found, fenced) = (self.findings.len(), inner.places());
        match rest {
            [] => self.typed(words, input, fenced.clone(), &mut inner),
            _ => self.command_with(rest, input, &mut inner),
        }
        if only_reads(call) {
            self.fence(found, &fenced);
        }
    }
}

/// True if kcx writes over files without a question.
fn writes_files(call: &Call) -> bool {
    let names = call.path == "split" || ["out", "dir"].iter().any(|flag| call.has(flag));
    names && call.may_be_on("yes") && !call.has("as-service-account") && !call.is_on("dry-run")
}

/// True if the command gets the read-only proxy: each of these flags includes it.
fn only_reads(call: &Call) -> bool {
    ["read-only", "no-secrets"].into_iter().any(|flag| call.is_on(flag))
        || ["hide", "namespaces", "verbs", "audit"].into_iter().any(|flag| call.has(flag))
}

/// The context that a word of `kcx use` names. `-` and `-2` mean one before.
fn chosen(word: &Word) -> Choice {
    match word.known() {
        Some(name) if !name.starts_with('-') => Choice::Matching(vec![name.to_owned()]),
        _ => Choice::Unknown,
    }
}

//! A line of shell text: its commands, in the order in which they run, with what those before them have set.

use super::scope::Scope;
use super::word::{Open, Word};
use super::{Judge, LONGEST, Unseen, Verdict, assigned};
use brush_parser::ast::{
    self, AndOr, Assignment, AssignmentName, AssignmentValue, Command, CommandPrefixOrSuffixItem as Item,
    CompoundCommand, CompoundList, IoFileRedirectTarget, IoRedirect, Pipeline, SimpleCommand,
    SubshellCommand,
};
use brush_parser::{Parser, ParserOptions, SourceInfo};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The number of brackets and words that can begin a nested command, in one line. The parser calls itself for each.
const NESTED: usize = 150;

/// The number of loops inside each other up to which each is judged twice.
const LOOPS: usize = 4;

impl Judge<'_> {
    /// Judges a text of shell commands.
    pub(super) fn text(&mut self, text: &str, scope: &mut Scope) {
        let whole = [Word::literal(text.trim())];
        let unread = |judge: &mut Self, scope: &Scope, why: &str| {
            judge.found(&whole, Verdict::Unknown, scope.places(), why);
        };
        if text.len() > LONGEST {
            unread(self, scope, "the line is longer than 64 KiB and was not read");
            return scope.forget_shell();
        }
        if openings(text) > NESTED {
            unread(self, scope, "the line nests too many commands to be read");
            return scope.forget_shell();
        }
        if text.contains('\0') {
            unread(self, scope, "the line has a NUL character, which shells treat in different ways");
            return scope.forget_shell();
        }
        let options = ParserOptions::default();
        let program = Parser::new(text.as_bytes(), &options, &SourceInfo::default()).parse_program();
        let Ok(program) = program else {
            unread(self, scope, "the line cannot be read as shell text");
            return scope.forget_shell();
        };
        let unsure: BTreeSet<String> =
            scope.unsure.iter().cloned().chain(assigned::unsure(&program)).collect();
        scope.unsure = Rc::new(unsure);
        self.deeper(&whole, &scope.clone(), |judge| {
            program.complete_commands.iter().for_each(|list| judge.list(list, scope));
        });
    }

    fn list(&mut self, list: &CompoundList, scope: &mut Scope) {
        for ast::CompoundListItem(and_or, _) in &list.0 {
            self.pipeline(&and_or.first, scope);
            let first = (!and_or.additional.is_empty()).then(|| scope.clone());
            for next in &and_or.additional {
                match next {
                    AndOr::And(pipeline) => {
                        scope.succeeded();
                        self.pipeline(pipeline, scope);
                    }
                    AndOr::Or(pipeline) => {
                        scope.settle();
                        let mut other = scope.clone();
                        self.pipeline(pipeline, &mut other);
                        scope.join(&other, true);
                    }
                }
            }
            scope.settle();
            // What follows `&&` may not have run.
            if let Some(first) = first {
                scope.doubt_changed(&first);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, scope: &mut Scope) {
        if let [command] = pipeline.seq.as_slice() {
            self.shell_command(command, scope, false);
            if pipeline.bang {
                scope.settle();
            }
            return;
        }
        // They begin at the same time, so what one may have changed unseen counts for the commands after the pipeline.
        let (mut unseen, around) = (Vec::new(), self.outer.len());
        for (at, command) in pipeline.seq.iter().enumerate() {
            let mut inner = scope.clone();
            let before = std::mem::replace(&mut self.unseen, Unseen::Nothing);
            self.shell_command(command, &mut inner, at > 0);
            match self.unseen {
                Unseen::Nothing => scope.join(&inner, false),
                _ => unseen.push(inner),
            }
            self.unseen = self.unseen.max(before);
            self.outer.push(command.to_string());
        }
        self.outer.truncate(around);
        unseen.iter().for_each(|inner| scope.join(inner, false));
    }

    /// What is set inside does not count outside, but a context that was chosen does: it is in a file.
    pub(super) fn subshell(&mut self, scope: &mut Scope, judge: impl FnOnce(&mut Self, &mut Scope)) {
        let mut inner = scope.clone();
        judge(self, &mut inner);
        scope.join(&inner, false);
    }

    /// Commands that may not run, or not all of them.
    fn branch(&mut self, list: &CompoundList, scope: &mut Scope) {
        let mut inner = scope.clone();
        self.list(list, &mut inner);
        scope.join(&inner, true);
    }

    /// Commands that may run more than once.
    pub(super) fn repeated(&mut self, scope: &mut Scope, judge: impl Fn(&mut Self, &mut Scope)) {
        let (before, found) = (scope.clone(), self.findings.len());
        let mut inner = scope.clone();
        self.loops += 1;
        let is_deep = self.loops > LOOPS;
        if is_deep {
            inner.forget_shell();
        }
        judge(self, &mut inner);
        let switched = !inner.acts_as(&before);
        let mut again = before;
        // What it has set counts for the next time.
        let changed = again.doubt_changed(&inner) | again.take_written(&inner);
        if (switched || changed) && !is_deep {
            self.findings.truncate(found);
            inner = again;
            if switched {
                inner.forget_contexts();
            }
            judge(self, &mut inner);
            if switched {
                inner.forget_contexts();
            }
        }
        self.loops -= 1;
        scope.join(&inner, true);
    }

    fn shell_command(&mut self, command: &Command, scope: &mut Scope, has_input: bool) {
        match command {
            Command::Simple(command) => self.simple(command, scope, has_input),
            Command::Compound(command, redirects) => {
                let redirects = redirects.as_ref().map_or(&[][..], |list| &list.0);
                let inputs = redirects.iter().filter_map(|redirect| self.redirect(redirect, scope)).last();
                let inherited = if has_input { Input::Unknown } else { self.input.clone() };
                self.with_input(inputs.unwrap_or(inherited), |judge| judge.compound(command, scope));
            }
            Command::Function(function) => {
                scope.functions.insert(function.fname.clone());
                // It runs later, if at all, and perhaps more than once, with any input.
                self.with_input(Input::Unknown, |judge| {
                    judge.repeated(scope, |judge, scope| judge.compound(&function.body.0, scope));
                });
            }
            Command::ExtendedTest(test) => {
                let text = test.to_string();
                self.inside(&text, scope);
            }
        }
    }

    /// Judges commands that can read this input.
    pub(super) fn with_input(&mut self, input: Input, judge: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.input, input);
        judge(self);
        self.input = outer;
    }

    fn compound(&mut self, command: &CompoundCommand, scope: &mut Scope) {
        match command {
            CompoundCommand::Arithmetic(arithmetic) => {
                self.arithmetic(&arithmetic.expr.value, scope);
                // A shell without `((` runs the commands in a subshell of a subshell.
                if arithmetic.expr.value.contains(char::is_alphabetic) {
                    self.subshell(scope, |judge, scope| judge.text(&arithmetic.expr.value, scope));
                }
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                for expression in
                    [&clause.initializer, &clause.condition, &clause.updater].into_iter().flatten()
                {
                    self.arithmetic(&expression.value, scope);
                }
                self.repeated(scope, |judge, scope| judge.list(&clause.body.0, scope));
            }
            CompoundCommand::BraceGroup(group) => self.list(&group.0, scope),
            CompoundCommand::Subshell(shell) => {
                self.subshell(scope, |judge, scope| judge.list(&shell.0, scope));
            }
            CompoundCommand::ForClause(clause) => {
                for value in clause.values.iter().flatten() {
                    self.word(&value.value, scope);
                }
                self.repeated(scope, |judge, scope| judge.list(&clause.body.0, scope));
            }
            CompoundCommand::CaseClause(clause) => {
                self.word(&clause.value.value, scope);
                for case in &clause.cases {
                    case.patterns.iter().for_each(|pattern| drop(self.word(&pattern.value, scope)));
                    if let Some(list) = &case.cmd {
                        self.branch(list, scope);
                    }
                }
            }
            CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition, scope);
                self.branch(&clause.then, scope);
                for other in clause.elses.iter().flatten() {
                    if let Some(condition) = &other.condition {
                        self.branch(condition, scope);
                    }
                    self.branch(&other.body, scope);
                }
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.repeated(scope, |judge, scope| {
                    judge.list(&clause.0, scope);
                    judge.list(&clause.1.0, scope);
                });
            }
        }
    }

    fn simple(&mut self, command: &SimpleCommand, scope: &mut Scope, piped: bool) {
        let prefix = command.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0);
        let (mut words, mut assignments): (Vec<Word>, Vec<(String, Word)>) = (Vec::new(), Vec::new());
        let mut input = if piped { Input::Unknown } else { self.input.clone() };
        for item in prefix {
            match item {
                Item::AssignmentWord(assignment, _) => assignments.push(self.assignment(assignment, scope)),
                other => self.item(other, &mut words, &mut input, scope),
            }
        }
        if let Some(word) = &command.word_or_name {
            self.words_of(&word.value, &mut words, scope);
        }
        for item in suffix {
            self.item(item, &mut words, &mut input, scope);
        }
        if let [word] = words.as_slice()
            && word.known() == Some("exec")
            && input != self.input
        {
            // The shell itself reads it from here on.
            self.input = Input::Unknown;
        }
        if words.is_empty() {
            for (name, value) in &assignments {
                self.command_in(name, value, scope);
                scope.assign(name, value);
            }
            return;
        }
        let sets: Vec<Word> = assignments
            .iter()
            .map(|(name, value)| {
                let text = format!("{name}={}", value.start());
                Word::new(&format!("{name}={}", value.raw()), text, value.open())
            })
            .collect();
        // A text that it reads may name a context, and one that it writes may be run later.
        let text = match &input {
            Input::Text(text) => text.clone(),
            _ => String::new(),
        };
        if std::mem::take(&mut self.writes) {
            words.iter().for_each(|word| self.heard(word));
            self.heard(&Word::literal(&text));
        }
        self.outer.push(text);
        self.with_assignments(&sets, &words, &input, scope);
        self.outer.pop();
    }

    fn assignment(&mut self, assignment: &Assignment, scope: &mut Scope) -> (String, Word) {
        let name = match &assignment.name {
            AssignmentName::VariableName(name) => name.clone(),
            AssignmentName::ArrayElementName(name, index) => {
                self.inside(index, scope);
                name.clone()
            }
        };
        let value = match &assignment.value {
            AssignmentValue::Scalar(word) => self.word(&word.value, scope),
            AssignmentValue::Array(values) => {
                for (index, value) in values {
                    index.iter().for_each(|index| drop(self.word(&index.value, scope)));
                    self.word(&value.value, scope);
                }
                Word::anything("(…)")
            }
        };
        let is_plain = matches!(assignment.name, AssignmentName::VariableName(_)) && !assignment.append;
        self.heard(&value);
        if name == "BASH_ALIASES" || name == "aliases" || name == "functions" {
            scope.other_programs = true;
        }
        (name, if is_plain { value } else { Word::anything(value.raw()) })
    }

    fn item(&mut self, item: &Item, words: &mut Vec<Word>, input: &mut Input, scope: &mut Scope) {
        match item {
            Item::IoRedirect(redirect) => {
                if let Some(new) = self.redirect(redirect, scope) {
                    *input = new;
                }
            }
            Item::Word(word) => self.words_of(&word.value, words, scope),
            // An argument such as `a=b`.
            Item::AssignmentWord(_, word) => self.words_of(&word.value, words, scope),
            Item::ProcessSubstitution(_, commands) => {
                self.substitution(commands, scope);
                words.push(Word::new("<(…)", "/dev/fd/".to_owned(), Some(Open { many: false, free: false })));
            }
        }
    }

    fn substitution(&mut self, commands: &SubshellCommand, scope: &mut Scope) {
        self.subshell(scope, |judge, scope| judge.list(&commands.0, scope));
    }

    /// Judges the commands in a redirection, and gives the input of the command if that is what it sets.
    fn redirect(&mut self, redirect: &IoRedirect, scope: &mut Scope) -> Option<Input> {
        match redirect {
            IoRedirect::File(_, kind, target) => {
                match target {
                    IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => {
                        let word = self.word(&word.value, scope);
                        use ast::IoFileRedirectKind::{
                            Append, Clobber, DuplicateOutput, ReadAndWrite, Write,
                        };
                        if matches!(kind, Write | Append | Clobber | DuplicateOutput | ReadAndWrite) {
                            self.redirected(&word, scope);
                        }
                    }
                    IoFileRedirectTarget::ProcessSubstitution(_, commands) => {
                        self.substitution(commands, scope);
                    }
                    IoFileRedirectTarget::Fd(_) => {}
                }
                use ast::IoFileRedirectKind::{DuplicateInput, Read, ReadAndWrite};
                matches!(kind, Read | ReadAndWrite | DuplicateInput).then_some(Input::Unknown)
            }
            IoRedirect::HereDocument(_, document) => {
                if document.requires_expansion {
                    let text = self.quoted(&document.doc.value, scope);
                    return Some(text.known().map_or(Input::Unknown, |text| Input::Text(text.to_owned())));
                }
                Some(Input::Text(document.doc.value.clone()))
            }
            IoRedirect::HereString(_, word) => {
                let word = self.word(&word.value, scope);
                Some(word.known().map_or(Input::Unknown, |text| Input::Text(text.to_owned())))
            }
            IoRedirect::OutputAndError(word, _) => {
                let word = self.word(&word.value, scope);
                self.redirected(&word, scope);
                None
            }
        }
    }
}

/// The input of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// That of the shell.
    None,
    /// This text.
    Text(String),
    /// Something else.
    Unknown,
}

/// The number of openings in a text: more than the parser may have to nest.
fn openings(text: &str) -> usize {
    let bytes = text.as_bytes();
    let brackets = bytes.iter().filter(|byte| matches!(byte, b'(' | b'`')).count();
    let braces =
        bytes.windows(2).filter(|pair| matches!(pair, [b'$', b'{'] | [b'{', b' ' | b'\t' | b'\n'])).count();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    brackets
        + braces
        + words.filter(|word| matches!(*word, "if" | "while" | "until" | "for" | "case" | "elif")).count()
}

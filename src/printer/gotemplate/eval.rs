//! Executes parsed templates on data.
//!
//! Has the same order of steps as Go's `text/template/exec.go` where it is visible in errors.

use std::fmt::Display;

use serde_json::Value;

use super::functions::Parameter;
use super::node::{Branch, Command, List, Node, Operand, Pipe, Term};
use super::parse::Trees;
use super::value::{Data, Text, Val};
use super::{MAX_OUTPUT, NAME, format};
use crate::printer::golang;

/// The maximum nesting of templates, actions and parentheses during execution.
const MAX_DEPTH: usize = 400;

/// The maximum work of an execution: the number of steps, plus the size of large texts.
const MAX_WORK: usize = 20_000_000;

/// Executes the main template of a text; the error is Go's message.
pub(super) fn execute(trees: &Trees, text: &str, data: &Value, strict: bool) -> Result<Vec<u8>, String> {
    let mut state = State {
        trees,
        text,
        strict,
        template: NAME,
        variables: Vec::new(),
        at: (0, &NAME),
        depth: 0,
        work: MAX_WORK,
        out: Vec::new(),
    };
    let dot = Data::of(data).map_or(Val::Missing, Val::Plain);
    state.variables.push(("$", dot.clone()));
    if let Some(root) = trees.get(NAME) {
        state.list(&dot, root)?;
    }
    Ok(state.out)
}

/// How execution continues after a node.
#[derive(PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// The state of an execution.
pub(super) struct State<'t> {
    trees: &'t Trees,
    text: &'t str,
    strict: bool,
    /// The name of the current template.
    template: &'t str,
    variables: Vec<(&'t str, Val<'t>)>,
    /// The node being evaluated, for errors: its offset and its source text.
    pub(super) at: (usize, &'t dyn Display),
    depth: usize,
    work: usize,
    out: Vec<u8>,
}

impl<'t> State<'t> {
    fn list(&mut self, dot: &Val<'t>, list: &'t List) -> Result<Flow, String> {
        for node in list {
            let flow = self.nested(|state| state.node(dot, node))?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, dot: &Val<'t>, node: &'t Node) -> Result<Flow, String> {
        match node {
            Node::Text(text) => self.write(text.as_bytes())?,
            Node::Action(pipe) => {
                let value = self.pipeline(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.at = (pipe.pos, node);
                    let text = format::print_value(&value);
                    self.write(&text)?;
                }
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::If(branch) | Node::With(branch) => {
                return self.scoped(|state| {
                    let value = state.pipeline(dot, &branch.pipe)?;
                    let inner = if matches!(node, Node::With(_)) { &value } else { dot };
                    match &branch.otherwise {
                        _ if value.is_true() => state.list(inner, &branch.body),
                        Some(otherwise) => state.list(dot, otherwise),
                        None => Ok(Flow::Next),
                    }
                });
            }
            Node::Range(branch) => {
                self.at = (branch.pipe.pos, node);
                return self.scoped(|state| state.range(dot, branch));
            }
            Node::Template { pos, name, pipe } => {
                self.at = (*pos, node);
                self.template(dot, name, pipe.as_ref())?;
            }
        }
        Ok(Flow::Next)
    }

    fn range(&mut self, dot: &Val<'t>, branch: &'t Branch) -> Result<Flow, String> {
        let value = self.pipeline(dot, &branch.pipe)?;
        let mut empty = true;
        match value.data() {
            None => {}
            Some(Data::List(list)) => {
                for (index, element) in list.iter().enumerate() {
                    empty = false;
                    let index = Data::Int(i64::try_from(index).unwrap_or(i64::MAX));
                    if self.iteration(branch, index, &Val::element(element))? == Flow::Break {
                        break;
                    }
                }
            }
            Some(Data::Map(map)) => {
                for (key, element) in golang::sorted(map) {
                    empty = false;
                    let key = Data::Text(Text::Borrowed(key.as_bytes()));
                    if self.iteration(branch, key, &Val::element(element))? == Flow::Break {
                        break;
                    }
                }
            }
            Some(data @ (Data::Int(_) | Data::Int64(_) | Data::Byte(_))) => {
                let count = data.integer().unwrap_or(0);
                if branch.pipe.variables.len() > 1 {
                    return self.fail(&format!("can't use {count} to iterate over more than one variable"));
                }
                for int in 0..count {
                    empty = false;
                    let element = match data {
                        Data::Int64(_) => Data::Int64(int),
                        Data::Byte(_) => Data::Byte(u8::try_from(int).unwrap_or(u8::MAX)),
                        _ => Data::Int(int),
                    };
                    if self.iteration(branch, Data::Int(int), &Val::Plain(element))? == Flow::Break {
                        break;
                    }
                }
            }
            // Go's message contains the value.
            Some(data) => return self.fail(&format!("range can't iterate over {}", data.type_name())),
        }
        match &branch.otherwise {
            Some(otherwise) if empty => self.list(dot, otherwise),
            _ => Ok(Flow::Next),
        }
    }

    fn iteration(&mut self, branch: &'t Branch, index: Data<'t>, element: &Val<'t>) -> Result<Flow, String> {
        self.spend(1)?;
        let names = &branch.pipe.variables;
        // A single variable is the element; of two, the first is the index.
        let values = match names.len() {
            0 => vec![],
            1 => vec![element.clone()],
            _ => vec![Val::Plain(index), element.clone()],
        };
        let top = self.variables.len().saturating_sub(names.len());
        for (offset, (name, value)) in names.iter().zip(values).enumerate() {
            if branch.pipe.assigns {
                self.assign(name, value)?;
            } else if let Some(variable) = self.variables.get_mut(top + offset) {
                variable.1 = value;
            }
        }
        self.scoped(|state| state.list(element, &branch.body))
    }

    fn template(&mut self, dot: &Val<'t>, name: &'t str, pipe: Option<&'t Pipe>) -> Result<(), String> {
        let trees = self.trees;
        let Some(body) = trees.get(name) else {
            let name = golang::quote(name.as_bytes(), false);
            return self.fail(&format!("template {name} not defined"));
        };
        let dot = match pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Val::Missing,
        };
        // A template cannot access the variables of its caller.
        let variables = std::mem::replace(&mut self.variables, vec![("$", dot.clone())]);
        let caller = std::mem::replace(&mut self.template, name);
        self.list(&dot, body)?;
        self.template = caller;
        self.variables = variables;
        Ok(())
    }

    pub(super) fn pipeline(&mut self, dot: &Val<'t>, pipe: &'t Pipe) -> Result<Val<'t>, String> {
        self.at = (pipe.pos, pipe);
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?.unboxed());
        }
        let value = value.unwrap_or(Val::Missing);
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, value.clone())?;
            } else {
                self.variables.push((name, value.clone()));
            }
        }
        Ok(value)
    }

    /// Evaluates a command; `last` is the result of the previous command of the pipeline.
    fn command(
        &mut self,
        dot: &Val<'t>,
        command: &'t Command,
        last: Option<Val<'t>>,
    ) -> Result<Val<'t>, String> {
        self.spend(1)?;
        let first = &command.first;
        let has_arguments = !command.arguments.is_empty() || last.is_some();
        let not_a_function = |state: &Self| match has_arguments {
            true => state.fail(&format!("can't give argument to non-function {first}")),
            false => Ok(()),
        };
        match &first.term {
            Term::Field(_) | Term::Chain(..) => self.path(dot, first, has_arguments),
            Term::Variable(_, names) => {
                self.at = (first.pos, first);
                if names.is_empty() {
                    not_a_function(self)?;
                }
                self.path(dot, first, has_arguments)
            }
            Term::Function(name) => {
                self.at = (first.pos, first);
                self.call(dot, name, &command.arguments, last, (command.pos, command))
            }
            Term::Pipe(pipe) => {
                not_a_function(self)?;
                self.nested(|state| state.pipeline(dot, pipe))
            }
            term => {
                self.at = (first.pos, first);
                not_a_function(self)?;
                match term {
                    Term::Dot => Ok(dot.clone()),
                    Term::Nil => self.fail("nil is not a command"),
                    _ => self.literal(first),
                }
            }
        }
    }

    /// Evaluates a field, a variable or a parenthesized pipeline, and the fields after it.
    pub(super) fn path(
        &mut self,
        dot: &Val<'t>,
        operand: &'t Operand,
        has_arguments: bool,
    ) -> Result<Val<'t>, String> {
        self.at = (operand.pos, operand);
        let (mut value, names) = match &operand.term {
            Term::Field(names) => (dot.clone(), names),
            Term::Variable(variable, names) => {
                let found = self.variables.iter().rev().find(|(name, _)| name == variable);
                match found {
                    Some((_, value)) => (value.clone(), names),
                    None => return self.fail(&format!("undefined variable: {variable}")),
                }
            }
            Term::Chain(inner, names) => match &inner.term {
                Term::Nil => {
                    return self.fail(&format!("indirection through explicit nil in {operand}"));
                }
                _ => (self.nested(|state| state.argument(dot, Parameter::Value, inner))?, names),
            },
            _ => return self.literal(operand),
        };
        for (index, name) in names.iter().enumerate() {
            let with_arguments = has_arguments && index + 1 == names.len();
            value = self.field(&value, name, with_arguments)?;
        }
        Ok(value)
    }

    fn field(&self, receiver: &Val<'t>, name: &str, has_arguments: bool) -> Result<Val<'t>, String> {
        let quoted = || golang::quote(name.as_bytes(), false);
        match (receiver, receiver.data()) {
            (Val::Missing, _) if self.strict => {
                self.fail(&format!("nil data; no entry for key {}", quoted()))
            }
            (Val::Missing, _) => Ok(Val::Missing),
            (Val::Nil, _) => self.fail(&format!("nil pointer evaluating interface {{}}.{name}")),
            (_, Some(Data::Map(_))) if has_arguments => {
                self.fail(&format!("{name} is not a method but has arguments"))
            }
            (_, Some(Data::Map(map))) => match map.get(name) {
                Some(value) => Ok(Val::element(value)),
                None if self.strict => self.fail(&format!("map has no entry for key {}", quoted())),
                None => Ok(Val::Missing),
            },
            _ => self.fail(&format!("can't evaluate field {name} in type {}", receiver.type_name())),
        }
    }

    fn assign(&mut self, name: &str, value: Val<'t>) -> Result<(), String> {
        match self.variables.iter_mut().rev().find(|(variable, _)| *variable == name) {
            Some(variable) => {
                variable.1 = value;
                Ok(())
            }
            None => self.fail(&format!("undefined variable: {name}")),
        }
    }

    /// Executes `run` and removes the variables declared in it.
    fn scoped<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        let mark = self.variables.len();
        let result = run(self);
        self.variables.truncate(mark);
        result
    }

    pub(super) fn nested<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth == MAX_DEPTH {
            return self.fail(&format!("exceeded maximum template depth ({MAX_DEPTH})"));
        }
        self.spend(1)?;
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    pub(super) fn spend(&mut self, work: usize) -> Result<(), String> {
        match self.work.checked_sub(work) {
            Some(left) => self.work = left,
            None => return self.fail("the template takes too long"),
        }
        Ok(())
    }

    fn write(&mut self, text: &[u8]) -> Result<(), String> {
        if self.out.len() + text.len() > MAX_OUTPUT {
            return self.fail("the template prints too much");
        }
        self.out.extend_from_slice(text);
        Ok(())
    }

    pub(super) fn fail<T>(&self, cause: &str) -> Result<T, String> {
        let (pos, source) = self.at;
        let before = &self.text[..pos];
        let line = 1 + before.matches('\n').count();
        let column = pos - before.rfind('\n').map_or(0, |newline| newline + 1);
        let template = golang::quote(self.template.as_bytes(), false);
        Err(format!("template: {NAME}:{line}:{column}: executing {template} at <{source}>: {cause}"))
    }
}

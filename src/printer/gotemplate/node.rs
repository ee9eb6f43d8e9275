//! The nodes of a parsed template, and their source text for errors.

use std::fmt::{self, Display, Formatter, Write};

use super::number::Number;
use crate::printer::golang;

/// A sequence of text and actions.
pub(super) type List = Vec<Node>;

/// A text or an action.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    /// A pipeline whose value is printed, unless it declares a variable.
    Action(Pipe),
    Break,
    Continue,
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        pos: usize,
        name: String,
        pipe: Option<Pipe>,
    },
}

/// `if`, `with` or `range`.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) body: List,
    pub(super) otherwise: Option<List>,
}

/// Commands; each gets the result of the previous one as its last argument.
#[derive(Clone, Debug)]
pub(super) struct Pipe {
    pub(super) pos: usize,
    /// The variables that are set to the result.
    pub(super) variables: Vec<String>,
    /// True for an assignment with `=`, false for a declaration with `:=`.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
}

/// An operand, or a function and its arguments.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) pos: usize,
    pub(super) first: Operand,
    pub(super) arguments: Vec<Operand>,
}

/// A part of a command, with its offset.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) pos: usize,
    pub(super) term: Term,
}

/// The content of an operand.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    /// A string, and its literal.
    Text {
        quoted: String,
        bytes: Vec<u8>,
    },
    Function(String),
    /// `.a.b`.
    Field(Vec<String>),
    /// `$x.a.b`: the first is the variable.
    Variable(String, Vec<String>),
    /// `(…).a.b`.
    Chain(Box<Operand>, Vec<String>),
    Pipe(Pipe),
}

impl Node {
    /// True for blank text.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            Self::Break => f.write_str("{{break}}"),
            Self::Continue => f.write_str("{{continue}}"),
            Self::If(branch) => branch.write(f, "if"),
            Self::With(branch) => branch.write(f, "with"),
            Self::Range(branch) => branch.write(f, "range"),
            Self::Template { name, pipe, .. } => {
                write!(f, "{{{{template {}", golang::quote(name.as_bytes(), false))?;
                if let Some(pipe) = pipe {
                    write!(f, " {pipe}")?;
                }
                f.write_str("}}")
            }
        }
    }
}

impl Branch {
    fn write(&self, f: &mut Formatter<'_>, word: &str) -> fmt::Result {
        write!(f, "{{{{{word} {}}}}}", self.pipe)?;
        self.body.iter().try_for_each(|node| write!(f, "{node}"))?;
        if let Some(otherwise) = &self.otherwise {
            f.write_str("{{else}}")?;
            otherwise.iter().try_for_each(|node| write!(f, "{node}"))?;
        }
        f.write_str("{{end}}")
    }
}

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            f.write_str(&self.variables.join(", "))?;
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            if index > 0 {
                f.write_str(" | ")?;
            }
            write!(f, "{command}")?;
        }
        Ok(())
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.first.write_inside(f)?;
        self.arguments.iter().try_for_each(|argument| {
            f.write_char(' ')?;
            argument.write_inside(f)
        })
    }
}

impl Operand {
    /// Writes the operand as a part of another node: a pipeline in parentheses.
    fn write_inside(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if matches!(self.term, Term::Pipe(_)) { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fields =
            |f: &mut Formatter<'_>, names: &[String]| names.iter().try_for_each(|name| write!(f, ".{name}"));
        match &self.term {
            Term::Dot => f.write_char('.'),
            Term::Nil => f.write_str("nil"),
            Term::Bool(flag) => write!(f, "{flag}"),
            Term::Number(number) => f.write_str(&number.text),
            Term::Text { quoted, .. } => f.write_str(quoted),
            Term::Function(name) => f.write_str(name),
            Term::Field(names) => fields(f, names),
            Term::Variable(variable, names) => {
                f.write_str(variable)?;
                fields(f, names)
            }
            Term::Chain(operand, names) => {
                operand.write_inside(f)?;
                fields(f, names)
            }
            Term::Pipe(pipe) => write!(f, "{pipe}"),
        }
    }
}

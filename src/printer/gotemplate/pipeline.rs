//! Parses the content of actions: pipelines, commands and operands.

use super::functions;
use super::lex::{Kind, Token};
use super::node::{Command, Operand, Pipe, Term};
use super::number::Number;
use super::parse::Parser;
use crate::printer::golang;

impl Parser<'_, '_> {
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe, String> {
        let pos = self.peek_non_space().pos;
        let (variables, assigns) = self.declarations(context)?;
        let mut commands = Vec::new();
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.ahead.push(token);
                    commands.push(self.command()?);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        if commands.is_empty() {
            return self.fail(&format!("missing value for {context}"));
        }
        let is_constant = |command: &Command| {
            matches!(
                command.first.term,
                Term::Bool(_) | Term::Dot | Term::Nil | Term::Number(_) | Term::Text { .. }
            )
        };
        if let Some(stage) = commands.iter().skip(1).position(is_constant) {
            return self.fail(&format!("non executable command in pipeline stage {}", stage + 2));
        }
        Ok(Pipe { pos, variables, assigns, commands })
    }

    /// Parses `$x :=`, `$x =` or `$i, $x :=` at the start of a pipeline.
    fn declarations(&mut self, context: &str) -> Result<(Vec<String>, bool), String> {
        let mut variables = Vec::new();
        while self.peek_non_space().kind == Kind::Variable {
            let variable = self.next_non_space();
            let after = self.next();
            let (space, next) =
                if after.kind == Kind::Space { (Some(after), self.next_non_space()) } else { (None, after) };
            if matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.declare(&mut variables, variable.text);
                return Ok((variables, next.kind == Kind::Assign));
            }
            if next.kind != Kind::Char || next.text != "," {
                // Not a declaration but an argument. The blank after it separates it from the next one.
                self.ahead.push(next);
                self.ahead.extend(space);
                self.ahead.push(variable);
                break;
            }
            self.declare(&mut variables, variable.text);
            if context != "range" || variables.len() > 1 {
                return self.fail(&format!("too many declarations in {context}"));
            }
            if !matches!(self.peek_non_space().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                return self.fail("range can only initialize variables");
            }
        }
        Ok((variables, false))
    }

    fn declare(&mut self, variables: &mut Vec<String>, name: String) {
        self.variables.push(name.clone());
        variables.push(name);
    }

    fn command(&mut self) -> Result<Command, String> {
        let pos = self.peek_non_space().pos;
        let mut operands = Vec::new();
        loop {
            self.peek_non_space();
            operands.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.ahead.push(token),
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        let mut operands = operands.into_iter();
        match operands.next() {
            Some(first) => Ok(Command { pos, first, arguments: operands.collect() }),
            None => self.fail("empty command"),
        }
    }

    /// Parses a term and the fields after it.
    fn operand(&mut self) -> Result<Option<Operand>, String> {
        let Some(operand) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(operand));
        }
        let pos = self.peek().pos;
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            fields.push(self.next().text[1..].to_owned());
        }
        let shown = operand.to_string();
        let term = match operand.term {
            Term::Field(mut names) => {
                names.append(&mut fields);
                Term::Field(names)
            }
            Term::Variable(variable, _) => Term::Variable(variable, fields),
            Term::Bool(_) | Term::Text { .. } | Term::Number(_) | Term::Nil | Term::Dot => {
                let shown = golang::quote(shown.as_bytes(), false);
                return self.fail(&format!("unexpected . after term {shown}"));
            }
            term => Term::Chain(Box::new(Operand { pos: operand.pos, term }), fields),
        };
        Ok(Some(Operand { pos, term }))
    }

    fn term(&mut self) -> Result<Option<Operand>, String> {
        let token = self.next_non_space();
        let term = match token.kind {
            Kind::Identifier if functions::exists(&token.text) => Term::Function(token.text),
            Kind::Identifier => {
                let name = golang::quote(token.text.as_bytes(), false);
                return self.fail(&format!("function {name} not defined"));
            }
            Kind::Dot => Term::Dot,
            Kind::Nil => Term::Nil,
            Kind::Variable if self.variables.contains(&token.text) => Term::Variable(token.text, Vec::new()),
            Kind::Variable => {
                let name = golang::quote(token.text.as_bytes(), false);
                return self.fail(&format!("undefined variable {name}"));
            }
            Kind::Field => Term::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => Term::Bool(token.text == "true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let number = Number::parse(&token.text, token.kind);
                Term::Number(number.or_else(|error| self.fail(&error))?)
            }
            Kind::LeftParen => {
                let pipe =
                    self.nested(|parser| parser.pipeline("parenthesized pipeline", Kind::RightParen))?;
                return Ok(Some(Operand { pos: pipe.pos, term: Term::Pipe(pipe) }));
            }
            Kind::String | Kind::RawString => Term::Text { bytes: self.string(&token)?, quoted: token.text },
            _ => {
                self.ahead.push(token);
                return Ok(None);
            }
        };
        Ok(Some(Operand { pos: token.pos, term }))
    }

    /// Unquotes a string literal.
    pub(super) fn string(&self, token: &Token) -> Result<Vec<u8>, String> {
        let inside = &token.text[1..token.text.len() - 1];
        if token.kind == Kind::RawString {
            return Ok(inside.replace('\r', "").into_bytes());
        }
        golang::unquote(inside, '"').map_or_else(|| self.fail("invalid syntax"), Ok)
    }
}

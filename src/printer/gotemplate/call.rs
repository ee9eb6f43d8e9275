//! Function calls: evaluates the arguments and checks them against the parameters.

use std::fmt::Display;

use super::eval::State;
use super::functions::{self, Parameter};
use super::node::{Operand, Term};
use super::number::Constant;
use super::value::{Data, Text, Val};
use crate::printer::golang;

impl<'t> State<'t> {
    pub(super) fn call(
        &mut self,
        dot: &Val<'t>,
        name: &str,
        arguments: &'t [Operand],
        last: Option<Val<'t>>,
        whole: (usize, &'t dyn Display),
    ) -> Result<Val<'t>, String> {
        let Some((fixed, rest)) = functions::parameters(name) else {
            return self
                .fail(&format!("{} is not a defined function", golang::quote(name.as_bytes(), false)));
        };
        let given = arguments.len() + usize::from(last.is_some());
        if rest.is_some() && given < fixed.len() {
            let (want, got) = (fixed.len(), arguments.len());
            return self.fail(&format!("wrong number of args for {name}: want at least {want} got {got}"));
        }
        if rest.is_none() && given != fixed.len() {
            let want = fixed.len();
            return self.fail(&format!("wrong number of args for {name}: want {want} got {given}"));
        }
        let parameter = |index: usize| fixed.get(index).copied().or(rest).unwrap_or(Parameter::Value);
        let mut values = Vec::with_capacity(given);
        for (index, argument) in arguments.iter().enumerate() {
            let value = self.nested(|state| state.argument(dot, parameter(index), argument))?;
            // `and` and `or` do not evaluate the arguments after the one that decides.
            if matches!(name, "and" | "or") && value.is_true() == (name == "or") {
                return Ok(value);
            }
            values.push(value);
        }
        if let Some(last) = last {
            values.push(self.validate(last, parameter(arguments.len()))?);
        }
        let size: usize = values.iter().map(size).sum();
        self.spend(size / 64)?;
        let callee = arguments.first().map(ToString::to_string);
        match functions::call(name, &values, callee.as_deref()) {
            Ok(value) => {
                self.spend(size_of_result(&value) / 64)?;
                Ok(value)
            }
            Err(cause) => {
                self.at = whole;
                self.fail(&format!("error calling {name}: {cause}"))
            }
        }
    }

    pub(super) fn argument(
        &mut self,
        dot: &Val<'t>,
        parameter: Parameter,
        operand: &'t Operand,
    ) -> Result<Val<'t>, String> {
        self.at = (operand.pos, operand);
        let value = match &operand.term {
            Term::Dot => dot.clone(),
            Term::Nil => {
                return match parameter {
                    Parameter::Text => self.fail("cannot assign nil to string"),
                    Parameter::Any => Ok(Val::Nil),
                    Parameter::Value => Ok(Val::Missing),
                };
            }
            Term::Field(_) | Term::Variable(..) | Term::Chain(..) => self.path(dot, operand, false)?,
            Term::Pipe(pipe) => self.pipeline(dot, pipe)?,
            Term::Function(name) => self.call(dot, name, &[], None, (operand.pos, operand))?,
            Term::Text { .. } => return self.literal(operand),
            _ if parameter == Parameter::Text => {
                return self.fail(&format!("expected string; found {operand}"));
            }
            _ => return self.literal(operand),
        };
        self.validate(value, parameter)
    }

    fn validate(&self, value: Val<'t>, parameter: Parameter) -> Result<Val<'t>, String> {
        match (parameter, value) {
            (Parameter::Any, Val::Missing) => Ok(Val::Nil),
            (Parameter::Text, Val::Missing) => self.fail("invalid value; expected string"),
            (Parameter::Text, value) => match value.data() {
                Some(Data::Text(_)) => Ok(value.unboxed()),
                data => {
                    let got = data.map_or("interface {}", Data::type_name);
                    self.fail(&format!("wrong type for value; expected string; got {got}"))
                }
            },
            (_, value) => Ok(value),
        }
    }

    pub(super) fn literal(&self, operand: &'t Operand) -> Result<Val<'t>, String> {
        let data = match &operand.term {
            Term::Bool(flag) => Data::Bool(*flag),
            Term::Text { bytes, .. } => Data::Text(Text::Borrowed(bytes)),
            Term::Number(number) => match number.value {
                Constant::Int(int) => Data::Int(int),
                Constant::Float(float) => Data::Float(float),
                Constant::Complex(real, imaginary) => Data::Complex(real, imaginary),
                Constant::TooLarge => return self.fail(&format!("{operand} overflows int")),
            },
            _ => {
                let shown = golang::quote(operand.to_string().as_bytes(), false);
                return self.fail(&format!("can't evaluate command {shown}"));
            }
        };
        Ok(Val::Plain(data))
    }
}

/// The size of an argument, as a measure of the work.
fn size(value: &Val<'_>) -> usize {
    match value.data() {
        Some(Data::Text(text)) => text.len(),
        Some(Data::Map(map)) => map.len(),
        Some(Data::List(list)) => list.len(),
        _ => 0,
    }
}

/// The size of the string that a function has created.
fn size_of_result(value: &Val<'_>) -> usize {
    if let Some(Data::Text(Text::Shared(text))) = value.data() { text.len() } else { 0 }
}

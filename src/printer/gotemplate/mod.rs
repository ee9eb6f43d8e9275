//! Go's `text/template` as in kubectl: `-o go-template=…`.
//!
//! Implements the whole language with its built-in functions and kubectl's functions `exists` and `base64decode`. Two
//! differences are intended: errors contain types instead of values, because a value may be a secret, and execution
//! time and output are limited.
//!
//! `gotmpl` 0.6.1, the best-kept crate, is not used. Of the 491 templates in `tests`, without those that call kubectl's
//! own functions: it prints 225 of 260 as kubectl does (no `%T`, `%#v` or `%x` of lists, large numbers in full), accepts
//! 19 of 112 that kubectl refuses, and words no error as Go does. It prints the data where `{{template "a"}}` has none.

mod call;
mod eval;
mod format;
mod functions;
mod lex;
mod node;
mod number;
mod parse;
mod pipeline;
#[cfg(test)]
mod tests;
mod value;
mod verb;

use serde_json::Value;

use super::golang;

/// The name that kubectl gives the template; it is part of every error.
const NAME: &str = "output";

/// The maximum size of the output and of a single string.
const MAX_OUTPUT: usize = 64 << 20;

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    trees: parse::Trees,
}

/// A template that is not valid, with kubectl's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing template {template}, {cause}")]
pub struct ParseError {
    /// The template.
    pub template: String,
    /// What is wrong with it, with the line.
    pub cause: String,
}

/// A template that cannot be executed on the data, with the first line of kubectl's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error executing template {}: {cause}", golang::quote(.template.as_bytes(), false))]
pub struct ExecError {
    /// The template.
    pub template: String,
    /// What is wrong and where; of the data it contains only types, indexes and lengths.
    pub cause: String,
}

impl Template {
    /// Parses a template.
    ///
    /// ```
    /// use kcx::printer::gotemplate::Template;
    /// let error = Template::parse("{{.kind").unwrap_err();
    /// assert_eq!(error.to_string(), "error parsing template {{.kind, template: output:1: unclosed action");
    /// ```
    ///
    /// # Errors
    /// If the text is not a Go template, or calls a function that kubectl does not have.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match parse::parse(text) {
            Ok(trees) => Ok(Self { text: text.to_owned(), trees }),
            Err(cause) => Err(ParseError { template: text.to_owned(), cause }),
        }
    }

    /// Executes the template on `data`. The output is bytes, because decoded base64 and escapes may not be UTF-8.
    ///
    /// With `strict`, a missing key is an error; otherwise it prints `<no value>`.
    ///
    /// ```
    /// # use kcx::printer::gotemplate::Template;
    /// let data = serde_json::json!({"contexts": [{"name": "a"}, {"name": "b"}]});
    /// let template = Template::parse("{{range .contexts}}{{.name}};{{end}}")?;
    /// assert_eq!(template.print(&data, false)?, b"a;b;");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If an argument or a value has the wrong type, or a limit is exceeded.
    pub fn print(&self, data: &Value, strict: bool) -> Result<Vec<u8>, ExecError> {
        eval::execute(&self.trees, &self.text, data, strict)
            .map_err(|cause| ExecError { template: self.text.clone(), cause })
    }
}

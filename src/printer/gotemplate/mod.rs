//! Go's `text/template`, as kubectl runs it: `-o go-template=…`.
//!
//! The whole language with its built-in functions and kubectl's two, `exists` and `base64decode`. Two things differ on
//! purpose: an error names types where Go would show values, because a value may be a secret, and what would run or
//! grow without end is refused.

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

/// The name kubectl gives the template, which every error repeats.
const NAME: &str = "output";

/// How much text a template, or one value in it, may come to.
const MAX_OUTPUT: usize = 64 << 20;

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    trees: parse::Trees,
}

/// Reports a template that is not valid, in kubectl's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing template {template}, {cause}")]
pub struct ParseError {
    /// The template as it was given.
    pub template: String,
    /// What is wrong with it, and on which line.
    pub cause: String,
}

/// Reports a template that does not fit the data, in the first line of kubectl's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error executing template {}: {cause}", golang::quote(.template.as_bytes(), false))]
pub struct ExecError {
    /// The template as it was given.
    pub template: String,
    /// What went wrong and where; never a part of the data but its types, indexes and lengths.
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
    /// If the text is no Go template, or calls a function kubectl does not know.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match parse::parse(text) {
            Ok(trees) => Ok(Self { text: text.to_owned(), trees }),
            Err(cause) => Err(ParseError { template: text.to_owned(), cause }),
        }
    }

    /// Prints the template over `data`: bytes, because a decoded secret or an escape need not be UTF-8.
    ///
    /// With `strict`, a missing key is an error; without, it prints `<no value>`.
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
    /// If a function or a type does not fit, or the template does not come to an end.
    pub fn print(&self, data: &Value, strict: bool) -> Result<Vec<u8>, ExecError> {
        eval::execute(&self.trees, &self.text, data, strict)
            .map_err(|cause| ExecError { template: self.text.clone(), cause })
    }
}

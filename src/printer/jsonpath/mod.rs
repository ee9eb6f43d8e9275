//! kubectl's jsonpath templates: `-o jsonpath=…` and `-o jsonpath-as-json=…`.
//!
//! The language is that of client-go's `util/jsonpath` with its quirks, not RFC 9535. Two differences are intended:
//! maps are visited in sorted order (kubectl's order is random), and errors do not contain the data, which kubectl
//! prints completely, with secrets.

mod eval;
mod item;
mod parse;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{golang, json};

/// The maximum size of the output. A template can print a large list for each entry of a list.
const MAX_OUTPUT: usize = 256 << 20;

/// A parsed jsonpath template.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    nodes: Vec<parse::Node>,
}

/// A template that is not valid jsonpath, with kubectl's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing jsonpath {template}, {cause}")]
pub struct ParseError {
    /// The template.
    pub template: String,
    /// What is wrong with it.
    pub cause: String,
}

/// A template that cannot be evaluated on the data, with the first line of kubectl's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error executing jsonpath {}: Error executing template: {cause}", golang::quote(.template.as_bytes(), false))]
pub struct ExecError {
    /// The template.
    pub template: String,
    /// What is wrong; of the data it contains only types, indexes and lengths.
    pub cause: String,
}

impl Template {
    /// Parses a template.
    ///
    /// ```
    /// use kcx::printer::jsonpath::Template;
    /// let error = Template::parse("{.clusters").unwrap_err();
    /// assert_eq!(error.to_string(), "error parsing jsonpath {.clusters, unclosed action");
    /// ```
    ///
    /// # Errors
    /// If the text is not kubectl's jsonpath.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match parse::parse(text) {
            Ok(nodes) => Ok(Self { text: text.to_owned(), nodes }),
            Err(cause) => Err(ParseError { template: text.to_owned(), cause }),
        }
    }

    /// Evaluates the template on `data` and prints the results, separated by a blank, without a final newline.
    ///
    /// ```
    /// # use kcx::printer::jsonpath::Template;
    /// let data = serde_json::json!({"contexts": [{"name": "a"}, {"name": "b"}]});
    /// let template = Template::parse("names: {.contexts[*].name}")?;
    /// assert_eq!(template.print(&data, true)?, "names: a b");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If an index is out of range, a value has the wrong type, or a key is missing and `allow_missing` is false.
    pub fn print(&self, data: &Value, allow_missing: bool) -> Result<String, ExecError> {
        let mut out = String::new();
        for results in self.find(data, allow_missing)? {
            for (index, item) in results.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                item.print(&mut out);
                self.check_size(&out)?;
            }
        }
        Ok(out)
    }

    /// Like [`Template::print`], but prints an indented JSON array with a newline for each text and action.
    ///
    /// # Errors
    /// As [`Template::print`].
    pub fn print_as_json(&self, data: &Value, allow_missing: bool) -> Result<String, ExecError> {
        let mut out = String::new();
        for results in self.find(data, allow_missing)? {
            out += &json::list(&results.iter().map(|item| item.to_json()).collect::<Vec<_>>());
            out.push('\n');
            self.check_size(&out)?;
        }
        Ok(out)
    }

    fn check_size(&self, out: &str) -> Result<(), ExecError> {
        if out.len() <= MAX_OUTPUT {
            return Ok(());
        }
        Err(ExecError { template: self.text.clone(), cause: "the template prints too much".to_owned() })
    }

    fn find<'a>(
        &'a self,
        data: &'a Value,
        allow_missing: bool,
    ) -> Result<Vec<Vec<item::ResultItem<'a>>>, ExecError> {
        eval::find(&self.nodes, data, allow_missing)
            .map_err(|cause| ExecError { template: self.text.clone(), cause })
    }
}

//! kubectl's jsonpath: `-o jsonpath=…` and `-o jsonpath-as-json=…`.
//!
//! The language is the one of client-go's `util/jsonpath`, quirks included; it is not RFC 9535. Two things differ on
//! purpose: a map is walked in sorted order (kubectl's order is random), and an error never shows the data, which
//! kubectl dumps whole, secrets and all.

mod eval;
mod item;
mod parse;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{golang, json};

/// How much text a template may print: one that shows a large list for each of its entries would fill the memory.
const MAX_OUTPUT: usize = 256 << 20;

/// A parsed jsonpath template.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    nodes: Vec<parse::Node>,
}

/// Reports a template that is not valid jsonpath, in kubectl's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing jsonpath {template}, {cause}")]
pub struct ParseError {
    /// The template as it was given.
    pub template: String,
    /// What is wrong with it.
    pub cause: String,
}

/// Reports a template that does not fit the data, in the first line of kubectl's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error executing jsonpath {}: Error executing template: {cause}", golang::quote(.template.as_bytes(), false))]
pub struct ExecError {
    /// The template as it was given.
    pub template: String,
    /// What went wrong; never a part of the data but its types, indexes and lengths.
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

    /// Prints what the template finds in `data`, several results joined by one blank, without a final newline.
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
    /// If an index is out of range, a type does not fit, or a key is missing without `allow_missing`.
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

    /// Prints what the template finds as indented JSON arrays, one for each text or action, each with a newline.
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

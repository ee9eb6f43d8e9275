//! A kuberc text turned into preferences, and the fields in it that kubectl does not know.
//!
//! kubectl decodes twice, strictly and then leniently: an unknown field is a complaint, a wrong type is the end of that document.

use serde_yaml::{Mapping, Value};
use std::ops::Range;

use super::{Alias, Defaults, Kuberc, NoPreferences, OptionDefault};

/// The document that counts.
pub(super) struct Chosen {
    /// Its bytes in the text.
    pub(super) span: Range<usize>,
    /// Its version is `v1alpha1`.
    pub(super) alpha: bool,
    /// What it says.
    pub(super) kuberc: Kuberc,
    /// The fields in it that kubectl does not know.
    unknown: Vec<String>,
}

/// Reads the first `Preference` among the documents.
pub(super) fn preferences(text: &str) -> Result<(Kuberc, Option<String>), NoPreferences> {
    let Some(Chosen { kuberc, unknown, .. }) = chosen(text)? else { return Ok((Kuberc::default(), None)) };
    let unknown: Vec<String> = unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
    let complaint = (!unknown.is_empty()).then(|| format!("strict decoding error: {}", unknown.join(", ")));
    Ok((kuberc, complaint))
}

/// Finds the first `Preference` among the documents; none where there is no document at all.
pub(super) fn chosen(text: &str) -> Result<Option<Chosen>, NoPreferences> {
    let mut attempted = false;
    for span in documents(text) {
        let span = span?;
        if text[span.clone()].trim().is_empty() {
            continue;
        }
        attempted = true;
        if let Some(found) = preference(text, span) {
            return Ok(Some(found));
        }
    }
    if attempted { Err(NoPreferences::NoneValid) } else { Ok(None) }
}

/// Splits at `---` lines as apimachinery's YAML reader does: a separator before any text belongs to what follows, and text
/// on a separator ends the reading with an error.
fn documents(text: &str) -> Vec<Result<Range<usize>, NoPreferences>> {
    let (mut all, mut start, mut end) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        let begins = end;
        end += line.len();
        if let Some(after) = line.strip_prefix("---").map(str::trim) {
            if !after.is_empty() && !after.starts_with('#') {
                all.push(Err(NoPreferences::Separator(after.to_owned())));
                return all;
            }
            if start < begins {
                all.push(Ok(start..begins));
                start = end;
            }
        }
    }
    all.push(Ok(start..end));
    all
}

fn preference(text: &str, span: Range<usize>) -> Option<Chosen> {
    let Value::Mapping(root) = serde_yaml::from_str(&text[span.clone()]).ok()? else { return None };
    let field = |name: &str| root.get(name).and_then(Value::as_str);
    let alpha = match field("apiVersion")? {
        "kubectl.config.k8s.io/v1alpha1" => true,
        "kubectl.config.k8s.io/v1beta1" => false,
        _ => return None,
    };
    if field("kind")? != "Preference" {
        return None;
    }
    let mut reader = Reader { options: if alpha { "flags" } else { "options" }, unknown: Vec::new() };
    let mut kuberc = Kuberc::default();
    for (name, value) in sorted(&root)? {
        match (name, alpha) {
            ("apiVersion" | "kind", _) => {}
            ("aliases", _) => kuberc.aliases = reader.list(value, name, Reader::alias)?,
            ("overrides", true) | ("defaults", false) => {
                kuberc.defaults = reader.list(value, name, Reader::defaults)?;
            }
            ("credentialPluginPolicy", false) => kuberc.plugin_policy = text_of(value)?,
            ("credentialPluginAllowlist", false) => {
                let list = reader.list(value, name, Reader::allowed)?;
                kuberc.plugin_allowlist = (!value.is_null()).then_some(list);
            }
            _ => reader.unknown.push(name.to_owned()),
        }
    }
    Some(Chosen { span, alpha, kuberc, unknown: reader.unknown })
}

struct Reader {
    options: &'static str,
    unknown: Vec<String>,
}

impl Reader {
    fn list<T: Default>(
        &mut self,
        value: &Value,
        path: &str,
        item: fn(&mut Self, &str, &str, &Value, &mut T) -> Option<bool>,
    ) -> Option<Vec<T>> {
        let items = match value {
            Value::Null => return Some(Vec::new()),
            Value::Sequence(items) => items,
            _ => return None,
        };
        let mut out = Vec::new();
        for (at, value) in items.iter().enumerate() {
            let mut made = T::default();
            let path = format!("{path}[{at}]");
            let fields = match value {
                Value::Null => Vec::new(),
                Value::Mapping(fields) => sorted(fields)?,
                _ => return None,
            };
            for (name, value) in fields {
                if !item(self, &path, name, value, &mut made)? {
                    self.unknown.push(format!("{path}.{name}"));
                }
            }
            out.push(made);
        }
        Some(out)
    }

    fn defaults(&mut self, path: &str, name: &str, value: &Value, into: &mut Defaults) -> Option<bool> {
        match name {
            "command" => into.command = text_of(value)?,
            _ if name == self.options => {
                into.options = self.list(value, &format!("{path}.{name}"), Self::option)?;
            }
            _ => return Some(false),
        }
        Some(true)
    }

    fn alias(&mut self, path: &str, name: &str, value: &Value, into: &mut Alias) -> Option<bool> {
        match name {
            "name" => into.name = text_of(value)?,
            "command" => into.command = text_of(value)?,
            "prependArgs" => into.prepend_args = texts_of(value)?,
            "appendArgs" => into.append_args = texts_of(value)?,
            _ if name == self.options => {
                into.options = self.list(value, &format!("{path}.{name}"), Self::option)?;
            }
            _ => return Some(false),
        }
        Some(true)
    }

    fn option(&mut self, _: &str, name: &str, value: &Value, into: &mut OptionDefault) -> Option<bool> {
        match name {
            "name" => into.name = text_of(value)?,
            "default" => into.default = text_of(value)?,
            _ => return Some(false),
        }
        Some(true)
    }

    /// `name` is the old spelling of `command`; both at once must agree.
    fn allowed(&mut self, _: &str, name: &str, value: &Value, into: &mut String) -> Option<bool> {
        if !matches!(name, "command" | "name") {
            return Some(false);
        }
        let text = text_of(value)?;
        if into.is_empty() {
            *into = text;
        } else if !text.is_empty() && *into != text {
            return None;
        }
        Some(true)
    }
}

/// Fields in the order kubectl complains about them.
fn sorted(fields: &Mapping) -> Option<Vec<(&str, &Value)>> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push((name.as_str()?, value));
    }
    out.sort_by_key(|(name, _)| *name);
    Some(out)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn texts_of(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Sequence(items) => items.iter().map(text_of).collect(),
        _ => None,
    }
}

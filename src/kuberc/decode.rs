//! Decodes a kuberc text into preferences, as kubectl does.
//!
//! kubectl splits the text at `---` lines, treats a document that begins with `{` as JSON and any other as YAML, and
//! decodes it twice, strictly and then leniently: unknown fields and duplicate keys only cause a complaint, a wrong
//! type rejects the document. Source: apimachinery `pkg/util/yaml` and `pkg/runtime/serializer/json`.

use super::value::{self, Node, Unread};
use super::{Alias, Defaults, Kuberc, NoPreferences, OptionDefault};
use std::ops::Range;

/// The document that kubectl uses.
pub(super) struct Chosen {
    /// Its bytes in the text.
    pub(super) span: Range<usize>,
    /// True if its version is `v1alpha1`.
    pub(super) alpha: bool,
    /// Its preferences.
    pub(super) kuberc: Kuberc,
    /// What kubectl complains about but accepts.
    pub(super) complaints: Vec<String>,
    /// The line on which it begins, from 0.
    pub(super) line: usize,
}

/// Decodes the first `Preference` among the documents.
pub(super) fn preferences(text: &[u8]) -> Result<(Kuberc, Option<String>), NoPreferences> {
    let Some(Chosen { kuberc, complaints, .. }) = chosen(text)? else { return Ok((Kuberc::default(), None)) };
    let complaint =
        (!complaints.is_empty()).then(|| format!("strict decoding error: {}", complaints.join(", ")));
    Ok((kuberc, complaint))
}

/// Finds the first `Preference` among the documents; `None` if there are no documents.
pub(super) fn chosen(text: &[u8]) -> Result<Option<Chosen>, NoPreferences> {
    let mut attempted = false;
    for span in documents(text) {
        let span = span?;
        let document = &text[span.clone()];
        if String::from_utf8_lossy(document).trim().is_empty() {
            continue;
        }
        attempted = true;
        let line = memchr::memchr_iter(b'\n', &text[..span.start]).count();
        match preference(document, span, line) {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) | Err(Unread::Refused) => {}
            // It may be the first `Preference`.
            Err(Unread::Unsure { line: at, why }) => {
                return Err(NoPreferences::Unsure { line: line + at, why });
            }
        }
    }
    if attempted { Err(NoPreferences::NoneValid) } else { Ok(None) }
}

/// Splits at `---` lines as apimachinery's YAML reader does: a separator before any text belongs to the document after
/// it, and text on a separator line is an error that ends the reading.
pub(super) fn documents(text: &[u8]) -> Vec<Result<Range<usize>, NoPreferences>> {
    let (mut all, mut start, mut end) = (Vec::new(), 0, 0);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let begins = end;
        end += line.len();
        if let Some(after) = line.strip_prefix(b"---") {
            let after = String::from_utf8_lossy(after).trim().to_owned();
            if !after.is_empty() && !after.starts_with('#') {
                all.push(Err(NoPreferences::Separator(after)));
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

/// The preferences of one document; `None` if it is another object, or has a value of the wrong type.
fn preference(document: &[u8], span: Range<usize>, line: usize) -> Result<Option<Chosen>, Unread> {
    let (root, complaints) = value::read(document)?;
    let Node::Map(root) = root else { return Ok(None) };
    let alpha = match version(&root) {
        Some(("kubectl.config.k8s.io/v1alpha1", "Preference")) => true,
        Some(("kubectl.config.k8s.io/v1beta1", "Preference")) => false,
        _ => return Ok(None),
    };
    let mut reader = Reader { options: if alpha { "flags" } else { "options" }, complaints, unsure: false };
    let mut kuberc = Kuberc::default();
    let read = reader.fields("", &root, |reader, name, value, again| {
        match (name, alpha) {
            ("apiVersion" | "kind", _) => drop(value.text()?),
            ("aliases", _) => reader.list(value, name, again, &mut kuberc.aliases, Reader::alias)?,
            ("overrides", true) | ("defaults", false) => {
                reader.list(value, name, again, &mut kuberc.defaults, Reader::defaults)?;
            }
            ("credentialPluginPolicy", false) => value.set(&mut kuberc.plugin_policy)?,
            ("credentialPluginAllowlist", false) => {
                let mut list = Vec::new();
                reader.list(value, name, again, &mut list, Reader::allowed)?;
                let list: Vec<String> = list.into_iter().map(Allowed::only).collect::<Option<_>>()?;
                kuberc.plugin_allowlist = (!matches!(value, Node::Null)).then_some(list);
            }
            _ => return Some(false),
        }
        Some(true)
    });
    if reader.unsure {
        let why = "a list is there twice, and kubectl mixes the two".to_owned();
        return Err(Unread::Unsure { line: 1, why });
    }
    let complaints = reader.complaints;
    Ok(read.map(|()| Chosen { span, alpha, kuberc, complaints, line }))
}

/// `apiVersion` and `kind` as Go's decoder finds them: in any case, and the last one wins.
fn version(root: &[(String, Node)]) -> Option<(&str, &str)> {
    let (mut version, mut kind) = ("", "");
    for (name, value) in root {
        // Go folds these two into ASCII letters.
        let folded = name.to_lowercase().replace('\u{17f}', "s").replace('\u{212a}', "k");
        let place = match folded.as_str() {
            "apiversion" => &mut version,
            "kind" => &mut kind,
            _ => continue,
        };
        if let Some(text) = value.text()? {
            *place = text;
        }
    }
    Some((version, kind))
}

struct Reader {
    options: &'static str,
    complaints: Vec<String>,
    /// Go's decoder did something that nobody can have intended, and kcx does not imitate.
    unsure: bool,
}

impl Reader {
    /// Passes on each field and whether it is a duplicate; a field that `take` does not know causes a complaint. `None`
    /// for a wrong type.
    fn fields(
        &mut self,
        path: &str,
        fields: &[(String, Node)],
        mut take: impl FnMut(&mut Self, &str, &Node, bool) -> Option<bool>,
    ) -> Option<()> {
        for (at, (name, value)) in fields.iter().enumerate() {
            let again = fields[..at].iter().any(|(other, _)| other == name);
            let known = take(self, name, value, again)?;
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let complaint = match (known, again) {
                (true, false) => continue,
                (true, true) => format!("duplicate field {path:?}"),
                (false, _) => format!("unknown field {path:?}"),
            };
            if !self.complaints.contains(&complaint) {
                self.complaints.push(complaint);
            }
        }
        Some(())
    }

    fn list<T: Default>(
        &mut self,
        value: &Node,
        path: &str,
        again: bool,
        into: &mut Vec<T>,
        item: fn(&mut Self, &str, &str, &Node, bool, &mut T) -> Option<bool>,
    ) -> Option<()> {
        // A key can be duplicate only in JSON. Go then merges the second list into the items of the first.
        self.unsure |= again;
        into.clear();
        let items = match value {
            Node::Null => return Some(()),
            Node::List(items) => items,
            _ => return None,
        };
        for (at, value) in items.iter().enumerate() {
            let mut made = T::default();
            let path = format!("{path}[{at}]");
            let fields: &[(String, Node)] = match value {
                Node::Null => &[],
                Node::Map(fields) => fields,
                _ => return None,
            };
            self.fields(&path, fields, |reader, name, value, again| {
                item(reader, &path, name, value, again, &mut made)
            })?;
            into.push(made);
        }
        Some(())
    }

    fn defaults(
        &mut self,
        path: &str,
        name: &str,
        value: &Node,
        again: bool,
        into: &mut Defaults,
    ) -> Option<bool> {
        match name {
            "command" => value.set(&mut into.command)?,
            _ if name == self.options => {
                self.list(value, &format!("{path}.{name}"), again, &mut into.options, Self::option)?;
            }
            _ => return Some(false),
        }
        Some(true)
    }

    fn alias(&mut self, path: &str, name: &str, value: &Node, again: bool, into: &mut Alias) -> Option<bool> {
        match name {
            "name" => value.set(&mut into.name)?,
            "command" => value.set(&mut into.command)?,
            "prependArgs" => into.prepend_args = value.texts()?,
            "appendArgs" => into.append_args = value.texts()?,
            _ if name == self.options => {
                self.list(value, &format!("{path}.{name}"), again, &mut into.options, Self::option)?;
            }
            _ => return Some(false),
        }
        Some(true)
    }

    fn option(
        &mut self,
        _: &str,
        name: &str,
        value: &Node,
        _: bool,
        into: &mut OptionDefault,
    ) -> Option<bool> {
        match name {
            "name" => value.set(&mut into.name)?,
            "default" => value.set(&mut into.default)?,
            _ => return Some(false),
        }
        Some(true)
    }

    /// `name` is the old spelling of `command`; if both are set, they must be equal.
    fn allowed(&mut self, _: &str, name: &str, value: &Node, _: bool, into: &mut Allowed) -> Option<bool> {
        match name {
            "command" => value.set(&mut into.command)?,
            "name" => value.set(&mut into.name)?,
            _ => return Some(false),
        }
        Some(true)
    }
}

/// One entry of the allowlist, before its two spellings are merged.
#[derive(Default)]
struct Allowed {
    command: String,
    name: String,
}

impl Allowed {
    fn only(self) -> Option<String> {
        match (self.command.as_str(), self.name.as_str()) {
            (command, name) if !command.is_empty() && !name.is_empty() && command != name => None,
            ("", _) => Some(self.name),
            _ => Some(self.command),
        }
    }
}

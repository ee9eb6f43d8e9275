//! Adds items to the list `sources` of a settings file and removes them, without changing other lines.

use super::Settings;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::yaml::{Part, Yaml};
use crate::printer::yaml;
use serde_json::{Map, Value, json};
use std::ops::Range;

const KEY: &str = "sources";

/// The text with an item more; `None` if the list is not written with one item a line, or if the result would have another
/// meaning.
///
/// ```
/// use kcx::settings::with_source;
/// use serde_json::json;
/// let text = "picker: fzf # quick\n";
/// let new = with_source(text, &json!({"name": "lab", "dir": "~/lab"})).unwrap();
/// assert_eq!(new, "picker: fzf # quick\nsources:\n- name: lab\n  dir: ~/lab\n");
/// ```
#[must_use]
pub fn with_source(text: &str, item: &Value) -> Option<String> {
    let old = Settings::parse(text.into()).ok()?;
    let list = List::of(text)?;
    let mut new = text.to_owned();
    if !new.is_empty() && !new.ends_with('\n') && list.end == text.len() {
        new.push('\n');
    }
    let at = if list.end == text.len() { new.len() } else { list.end };
    let head = if list.exists { String::new() } else { format!("{KEY}:\n") };
    new.insert_str(at, &(head + &rendered(item, &list.indent)));
    if let Some(empty) = list.empty {
        new.replace_range(empty, "");
    }
    let found = Settings::parse(new.as_str().into()).ok()?;
    let is_meant = found.sources.len() == old.sources.len() + 1
        && found.sources.starts_with(&old.sources)
        && Settings { sources: old.sources.clone(), ..found } == old;
    is_meant.then_some(new)
}

/// The text without the source of this name; `None` as in [`with_source`], and if there is no such source.
#[must_use]
pub fn without_source(text: &str, name: &str) -> Option<String> {
    let old = Settings::parse(text.into()).ok()?;
    let at = old.sources.iter().position(|source| source.name == name)?;
    let list = List::of(text)?;
    let mut new = text.to_owned();
    new.replace_range(list.items.get(at)?.clone(), "");
    if list.items.len() == 1 {
        let end = text[list.key..].find('\n').map_or(text.len(), |end| list.key + end + 1);
        let key = text[list.key..end].trim_end();
        match key.strip_prefix(KEY).and_then(|rest| rest.trim_start().strip_prefix(':')) {
            Some("") => new.replace_range(list.key..end, ""),
            // A comment beside the key stays.
            _ => new.insert_str(list.key + key.find(':')? + 1, " []"),
        }
    }
    let found = Settings::parse(new.as_str().into()).ok()?;
    let mut rest = old.sources.clone();
    rest.remove(at);
    (found == Settings { sources: rest, ..old }).then_some(new)
}

/// The list in the text.
struct List {
    exists: bool,
    /// The start of the line of its key.
    key: usize,
    /// The lines of each item, with the comment directly above it and those that are further in than its dash.
    items: Vec<Range<usize>>,
    /// The place for a new item: the start of a line, or the end of the text.
    end: usize,
    /// What precedes the dash of an item.
    indent: String,
    /// The `[]` of an empty list.
    empty: Option<Range<usize>>,
}

impl List {
    fn of(text: &str) -> Option<List> {
        let none = List {
            exists: false,
            key: text.len(),
            items: Vec::new(),
            end: text.len(),
            indent: String::new(),
            empty: None,
        };
        let yaml = Yaml::parse(text.into()).ok()?;
        // The places are those of the text without a byte order mark.
        let Some(root) = yaml.root().filter(|_| yaml.text() == text) else {
            return (yaml.text() == text).then_some(none);
        };
        let Some(fields) = root.fields().ok()? else {
            return root.value().is_ok_and(|value| value.is_null()).then_some(none);
        };
        let Some((_, key, value)) = fields.into_iter().find(|(key, ..)| key == KEY) else {
            return Some(none);
        };
        let line = |at: usize| text[..at].rfind('\n').map_or(0, |at| at + 1);
        let next = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        let parts = value.items().unwrap_or_default();
        if parts.is_empty() {
            let span = value.span();
            let written = text[span.start..span.end].trim();
            let empty = (written == "[]").then_some(span.start..span.end);
            let is_empty = empty.is_some() || written.is_empty();
            let end = next(key.end);
            return is_empty.then_some(List { exists: true, key: line(key.start), end, empty, ..none });
        }
        let starts: Vec<usize> = parts.iter().map(|part| line(part.span().start)).collect();
        let dash = |start: &usize| text[*start..].trim_start_matches(' ').starts_with('-');
        if !starts.iter().all(dash) || text[line(key.start)..key.start].contains(['{', '[']) {
            return None;
        }
        let last = parts.last().map(|part| end_of(*part, text))?;
        let indent: String = text[starts[0]..].chars().take_while(|c| *c == ' ').collect();
        let is_comment = |line: &str| line.trim_start().starts_with('#');
        let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let is_inside = |line: &str| is_comment(line) && depth(line) > indent.len();
        let range = |(at, part): (usize, &Part<'_>)| {
            let above = if at == 0 { next(key.end) } else { next(end_of(parts[at - 1], text)) };
            let lines = text[above..starts[at]].split_inclusive('\n').rev();
            let own: usize =
                lines.take_while(|line| is_comment(line) && !is_inside(line)).map(str::len).sum();
            let end = next(end_of(*part, text));
            let inside: usize =
                text[end..].split_inclusive('\n').take_while(|line| is_inside(line)).map(str::len).sum();
            starts[at] - own..end + inside
        };
        let items = parts.iter().enumerate().map(range).collect();
        Some(List { exists: true, key: line(key.start), items, end: next(last), indent, empty: None })
    }
}

/// The end of the last character of a value that is not a blank.
fn end_of(part: Part<'_>, text: &str) -> usize {
    let span = part.span();
    span.start + text[span.start..span.end].trim_end().len()
}

fn rendered(item: &Value, indent: &str) -> String {
    // The name first; the printer sorts.
    let name = item.get(key::NAME).map_or_else(String::new, |name| yaml::print(&json!({key::NAME: name})));
    let rest = item.as_object().into_iter().flatten().filter(|(field, _)| *field != key::NAME);
    let rest: Map<String, Value> = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
    let lines = name + &yaml::print(&Value::Object(rest));
    let start = |at: usize| if at == 0 { "- " } else { "  " };
    lines.lines().enumerate().map(|(at, line)| format!("{indent}{}{line}\n", start(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_added_wherever_the_list_is() {
        for (text, wanted) in [
            ("", "sources:\n- name: x\n  dir: lab\n"),
            ("# nothing yet\n", "# nothing yet\nsources:\n- name: x\n  dir: lab\n"),
            ("picker: fzf", "picker: fzf\nsources:\n- name: x\n  dir: lab\n"),
            ("sources: [] # none\npicker: fzf\n", "sources:  # none\n- name: x\n  dir: lab\npicker: fzf\n"),
            ("sources:\npicker: fzf\n", "sources:\n- name: x\n  dir: lab\npicker: fzf\n"),
            (
                "sources:\n  - name: a\n    dir: b # why\n\npicker: fzf\n",
                "sources:\n  - name: a\n    dir: b # why\n  - name: x\n    dir: lab\n\npicker: fzf\n",
            ),
            ("sources:\n- {name: a, dir: b}", "sources:\n- {name: a, dir: b}\n- name: x\n  dir: lab\n"),
        ] {
            let new = with_source(text, &json!({"name": "x", "dir": "lab"}));
            assert_eq!(new.as_deref(), Some(wanted), "{text:?}");
            assert_eq!(Settings::parse(new.unwrap().into()).unwrap().sources.last().unwrap().name, "x");
        }
    }

    #[test]
    fn what_would_change_more_is_refused() {
        for text in
            ["sources: [{name: a, dir: b}]\n", "{sources: [{name: a, dir: b}]}", "sources: 1\n", "[", "{}"]
        {
            assert_eq!(with_source(text, &json!({"name": "x", "dir": "lab"})), None, "{text:?}");
        }
        // The name is taken.
        assert_eq!(with_source("sources:\n- {name: x, dir: b}\n", &json!({"name": "x", "dir": "lab"})), None);
    }

    #[test]
    fn an_item_is_removed_with_its_lines() {
        let text = "# mine\nsources:\n- name: a\n  dir: b # why\n- name: c\n  dir: d\n\npicker: fzf\n";
        let rest = "# mine\nsources:\n- name: c\n  dir: d\n\npicker: fzf\n";
        assert_eq!(without_source(text, "a").as_deref(), Some(rest));
        let without_last = "# mine\nsources:\n- name: a\n  dir: b # why\n\npicker: fzf\n";
        assert_eq!(without_source(text, "c").as_deref(), Some(without_last));
        assert_eq!(without_source(rest, "c").as_deref(), Some("# mine\n\npicker: fzf\n"));
        assert_eq!(without_source(rest, "x"), None);
    }

    #[test]
    fn a_comment_goes_with_its_item_only() {
        let text = "\
sources: # of all teams
# These are ours.

# the first
- name: a
  dir: b
  # not yet: namespace: web

# the second,
# since May
- name: c
  dir: d

# the end
picker: fzf
";
        let first = "# the first\n- name: a\n  dir: b\n  # not yet: namespace: web\n";
        let second = "# the second,\n# since May\n- name: c\n  dir: d\n";
        assert_eq!(without_source(text, "a").unwrap(), text.replace(first, ""));
        let only = text.replace(second, "");
        assert_eq!(without_source(text, "c").unwrap(), only);
        let none = only.replace(first, "").replace("sources: #", "sources: [] #");
        assert_eq!(without_source(&only, "a").unwrap(), none);
        // The list has a place for the next one.
        assert!(with_source(&none, &json!({"name": "x", "dir": "lab"})).is_some());
    }
}

//! Whether a text has a hidden object in it as YAML, or as JSON among other text: a manifest in a ConfigMap, in an annotation
//! or in the values of a chart.
//!
//! Such a text may be a template or a script with a manifest in it, which no parser of YAML reads. So this looks at lines:
//! `kind:` with the name of a hidden kind, and in the same map a field that objects have. In doubt there is one.

use crate::cluster::fence::Hidden;
use std::borrow::Cow;

/// What an object has and a reference to it has not.
const CONTENT: [&str; 6] = ["metadata", "data", "stringData", "items", "spec", "status"];

/// True if there may be one.
pub(super) fn has_hidden(text: &str, hidden: &Hidden) -> bool {
    let text: &str = &unescaped(text);
    memchr::memmem::find_iter(text.as_bytes(), b"kind").any(|at| {
        let is_whole =
            text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !"_-./".contains(c));
        is_whole && names_hidden(&text[at + 4..], hidden) && has_content(text, at)
    })
}

/// True if a key `kind` that ends here has the name of a hidden kind as its value.
pub(super) fn names_hidden(rest: &str, hidden: &Hidden) -> bool {
    let quotes = ['"', '\''];
    let rest = rest.strip_prefix(quotes).unwrap_or(rest);
    let Some(rest) = rest.trim_start().strip_prefix(':') else { return false };
    let mut rest = rest.trim_start();
    // A tag, an anchor, a comment, and the sign of a text in lines of its own.
    while let Some(sign) = rest.chars().next().filter(|c| "!&#|>".contains(*c)) {
        let end = if sign == '#' { rest.find(['\n', '\r']) } else { rest.find(char::is_whitespace) };
        rest = end.map_or("", |end| rest[end..].trim_start());
    }
    let rest = rest.strip_prefix(quotes).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
    hidden.kind(None, &rest[..end]).is_some()
}

/// JSON's escapes of a text in a text, as what they stand for.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].trim_start_matches('\\');
        let stands_for = match rest.as_bytes().first() {
            Some(b'n' | b'r') => "\n",
            Some(b't') => "\t",
            _ => continue,
        };
        plain.push_str(stands_for);
        rest = &rest[1..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// True if the map with the key at this place may have a field that objects have.
fn has_content(text: &str, at: usize) -> bool {
    let line_start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let line_end = text[at..].find(['\n', '\r']).map_or(text.len(), |end| at + end);
    let own = Line::of(&text[line_start..line_end]);
    // Not the first word of its line: in braces, behind a command, or in a list of changes.
    if own.key != "kind" {
        return CONTENT.iter().any(|key| text.contains(key));
    }
    let goes_on =
        |line: &&Line<'_>| line.is_blank || line.column >= own.column && !line.key.starts_with("---");
    let is_content = |line: &Line<'_>| line.column == own.column && CONTENT.contains(&line.key);
    let below = text[line_end..].split(['\n', '\r']).map(Line::of);
    let mut below = below.take_while(|line| goes_on(&line) && (!line.begins || line.column != own.column));
    if below.any(|line| is_content(&line)) {
        return true;
    }
    if own.begins {
        return false;
    }
    // The line with the dash is still in this map.
    let mut begun = false;
    let above = text[..line_start].trim_end_matches(['\n', '\r']).rsplit(['\n', '\r']).map(Line::of);
    let mut above = above.take_while(|line| {
        let goes_on = !begun && goes_on(&line);
        begun |= line.begins && line.column == own.column;
        goes_on
    });
    above.any(|line| is_content(&line))
}

/// A line of block YAML.
struct Line<'t> {
    is_blank: bool,
    /// Where its first key begins, behind the dashes of lists.
    column: usize,
    /// It begins an item of a list.
    begins: bool,
    /// Its first word.
    key: &'t str,
}

impl Line<'_> {
    fn of(line: &str) -> Line<'_> {
        let mut rest = line.trim_start();
        let is_blank = rest.is_empty() || rest.starts_with('#');
        let mut begins = false;
        while let Some(item) = rest.strip_prefix('-').filter(|item| item.starts_with([' ', '\t'])) {
            (begins, rest) = (true, item.trim_start());
        }
        let column = line.len() - rest.len();
        let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        Line { is_blank, column, begins, key: &rest[..end] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_in_a_text_is_found() {
        let hidden = Hidden::of(true, &["configmaps".to_owned()]).unwrap();
        for text in [
            "apiVersion: v1\nkind: Secret\ndata:\n  k: x",
            "data:\n  k: x\nkind: Secret\napiVersion: v1\n",
            "kind: Secret\r\nmetadata: {name: s}\r\n",
            "kind: \"Secret\"\nmetadata: {}",
            "\"kind\": 'Secret'\n\"stringData\": {}",
            "kind : Secret # a comment\nmetadata: {}",
            "kind: !!str Secret\nmetadata: {}",
            "kind: &k Secret\nmetadata: {}",
            "kind: >-\n  Secret\nmetadata: {}",
            "kind: # a comment\n  Secret\nmetadata: {}",
            "? kind\n: Secret\n? data\n: {k: x}",
            "kind: SecretList\nitems: []",
            "kind: secret\ndata: {}",
            "kind: ConfigMap\ndata: {}",
            "a: 1\n---\nkind: Pod\nmetadata: {}\n---\n# one\nkind: Secret\n\n# two\nmetadata:\n  name: s",
            "items:\n- apiVersion: v1\n  data: {k: x}\n  kind: Secret\n- a: b",
            "items:\n  -   kind: Secret\n      data: {k: x}",
            "manifests: |\n  kind: Secret\n  data:\n    k: x\n",
            "kind: Secret\ndata:\n{{ toYaml .Values.x | indent 2 }}\n",
            "cat <<EOF | kubectl apply -f -\nkind: Secret\nmetadata:\n  name: s\nEOF\n",
            "+ apiVersion: v1\n+ kind: Secret\n+ data: {k: x}\n",
            "> kind: Secret\n> data: {k: x}\n",
            "{kind: Secret, data: {k: x}}",
            "x: {apiVersion: v1, data: {k: x}, kind: Secret}",
            "echo '{\"kind\": \"Secret\", \"data\": {}}'",
            "first {\n  \"data\": {\"k\": \"x\"},\n  \"kind\": \"Secret\"\n}",
            "a: \"kind: Secret\\ndata:\\n  k: x\"",
            "a: \"{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{}}\"",
        ] {
            assert!(has_hidden(text, &hidden), "{text}");
        }
        for text in [
            "",
            "kind: Pod\nmetadata: {}",
            "kind: Secret",
            "spec:\n  ref:\n    kind: Secret\n    name: s\n",
            "metadata: {}\nspec:\n  target:\n  - kind: Secret\n    name: s\n  - kind: Pod\n    data: x\nstatus: {}\n",
            "kind: Secret\n---\nkind: Pod\nmetadata: {}",
            "kind: SecretStore\nmetadata: {}",
            "kind: SealedSecret\nmetadata: {}",
            "mankind: Secret\nmetadata: {}",
            "a.kind: Secret\nmetadata: {}",
            "the kind Secret has data",
        ] {
            assert!(!has_hidden(text, &hidden), "{text}");
        }
        assert!(!has_hidden("kind: Secret\ndata: {}", &Hidden::default()));
    }
}

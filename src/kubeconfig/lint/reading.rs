//! Checks of the text of a file: parse errors, and parts that kubectl ignores or reads differently than expected.

use super::locate::{self, FieldChecker, FieldIssue, UnknownField};
use super::{Code, Finding, Fix, TextFix, backticked, ignore, repair};
use crate::kubeconfig::change::Change;
use crate::kubeconfig::document::{Document, Shape};
use crate::kubeconfig::encoding::Encoding;
use crate::kubeconfig::error::{ParseError, Problem, stem};
use crate::kubeconfig::patch::Op;
use crate::kubeconfig::schema::{Kind, PREFERENCES};
use crate::kubeconfig::span::{Span, blank};
use serde_json::Value;

/// Adds the parse errors of a file.
pub(super) fn problems(
    source: usize,
    document: Option<&Document>,
    problems: &[ParseError],
    found: &mut Vec<Finding>,
) {
    for error in problems {
        let span = error.place.as_ref().map(|place| place.span);
        let mut finding = Finding::new(code(&error.problem), source, span, error.problem.to_string());
        finding.place = error.place.clone().map(Box::new);
        let text = span.zip(document).and_then(|(span, document)| document.text().get(span.start..span.end));
        finding.fix = span.zip(text).and_then(|(span, text)| match &error.problem {
            Problem::Duplicate { kind, name } => twice(document?, *kind, name, span),
            problem => fix(problem, span, text),
        });
        if error.problem.is_one_text() {
            finding.hint("`kcx import FILE --into NEW` decodes it, if the text is base64");
        }
        found.push(finding);
    }
}

fn code(problem: &Problem) -> Code {
    match problem {
        Problem::Ambiguous | Problem::Depth => Code::Ambiguous,
        Problem::Yaml11 { .. } => Code::Yaml11,
        Problem::Type { .. } | Problem::NotMapping { .. } => Code::WrongType,
        Problem::Base64 { .. } => Code::Base64,
        Problem::NotKubeconfig { .. } => Code::NotKubeconfig,
        Problem::Duplicate { .. } | Problem::DuplicateExtension { .. } => Code::DuplicateName,
        Problem::Encoding(_)
        | Problem::Control(_)
        | Problem::Syntax(_)
        | Problem::Version
        | Problem::Aliases
        | Problem::Cycle
        | Problem::Merge
        | Problem::Key(_)
        | Problem::NotFinite
        | Problem::Tag(_) => Code::Syntax,
    }
}

/// The replacement of a span that fixes a parse error. Only plain words are fixed.
fn fix(problem: &Problem, span: Span, text: &str) -> Option<Fix> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-:~".contains(c);
    match problem {
        Problem::Yaml11 { .. } if !text.is_empty() && text.chars().all(plain) => {
            let quoted = format!("\"{text}\"");
            Some(Fix::Text(TextFix {
                edits: vec![(span, quoted)],
                is_safe: true,
                did: "put it in quotes".to_owned(),
            }))
        }
        Problem::NotKubeconfig { want, .. } if text.chars().all(|c| plain(c) || c == '/') => {
            let edits = vec![(span, (*want).to_owned())];
            Some(Fix::Text(TextFix { edits, is_safe: false, did: format!("wrote `{want}`") }))
        }
        _ => None,
    }
}

/// The repair of this entry, whose name an earlier one has: if both are the same, it is removed; else it gets a free name.
/// References keep leading to the earlier entry.
fn twice(document: &Document, kind: Kind, name: &str, entry: Span) -> Option<Fix> {
    let text = document.text();
    let named = (0..document.len(kind)).filter(|&index| document.name(kind, index) == name);
    let (nth, index) = named.enumerate().find(|&(_, index)| {
        let span = document.span(kind, index);
        entry.start <= span.start && span.end <= entry.end
    })?;
    if let Some(fix) = repair::without_copy(document, kind, index) {
        return Some(Fix::Text(fix));
    }
    let (tree, item) = locate::opened(document, kind, index)?;
    let fields = tree.fields(text, item).ok()?;
    let at = tree.node(fields.iter().find(|field| field.key == "name")?.value).span;
    let is_name = at.of(text).trim_matches(['"', '\'']) == name && !name.is_empty();
    let free = (nth + 1..)
        .map(|number| format!("{name}-{number}"))
        .find(|free| document.find(kind, free).is_none())?;
    is_name.then(|| {
        let edits = vec![(at, at.of(text).replacen(name, &free, 1))];
        Fix::Text(TextFix { edits, is_safe: false, did: format!("renamed it to {}", backticked(&free)) })
    })
}

/// Checks the text of a document. Fixes are offered only if `whole`: the document could be read completely.
pub(super) fn text(source: usize, document: &Document, whole: bool, found: &mut Vec<Finding>) {
    let text = document.text();
    if document.encoding() != Encoding::Utf8 {
        let message = match document.encoding() {
            Encoding::Utf8Bom => "the file begins with a byte order mark",
            _ => "the file is UTF-16",
        };
        found.push(Finding::new(Code::ByteOrderMark, source, Some(Span::new(0, 0)), message.to_owned()));
    }
    if let Some(at) = memchr::memmem::find(text.as_bytes(), b"\r\n") {
        let message = "lines end with a carriage return, as on Windows";
        found.push(Finding::new(Code::LineEnds, source, Some(Span::new(at, at)), message.to_owned()));
    }
    if let Some(at) = second_document(document) {
        let message = "kubectl does not read what follows this".to_owned();
        found.push(Finding::new(Code::MoreDocuments, source, Some(Span::new(at, at + 3)), message));
        if document.others_hold_secrets() {
            let message = "a document that kubectl does not read has a secret in plain text".to_owned();
            let mut finding = Finding::new(Code::PlainSecret, source, Some(Span::new(at, at + 3)), message);
            finding.hint(
                "remove that document, or what is secret in it; `kcx credential seal` does not reach it",
            );
            found.push(finding);
        }
    }
    let keys = top(source, document, found);
    let is_empty = Kind::ALL.into_iter().all(|kind| document.len(kind) == 0);
    let missing =
        |(key, _): &(&'static str, &'static str)| !keys.iter().any(|it| it.eq_ignore_ascii_case(key));
    let missing: Vec<_> = [("apiVersion", "v1"), ("kind", "Config")].into_iter().filter(missing).collect();
    if !missing.is_empty() && !is_empty {
        let names: Vec<&str> = missing.iter().map(|(key, _)| *key).collect();
        let mut finding = Finding::new(Code::NoHeader, source, None, format!("no {}", names.join(", no ")));
        let set = |&(key, value): &(&str, &str)| {
            let op = Op::SetTop { key: key.to_owned(), value: Value::from(value) };
            Change::At { source, op }
        };
        finding.fix = whole.then(|| Fix::Changes(missing.iter().map(set).collect()));
        found.push(finding);
    }
    for comment in ignore::comments(document) {
        if let Some(span) = comment.idle {
            let message = "this comment has no effect".to_owned();
            let mut finding = Finding::new(Code::UnknownCode, source, Some(span), message);
            finding.hint("write `# kcx-lint: ignore KCX…`, or `ignore-file` for the whole file");
            found.push(finding);
        }
        for (span, code) in comment.codes.iter().filter(|(_, code)| code.parse::<Code>().is_err()) {
            let message = format!("unknown code {}", backticked(code));
            found.push(Finding::new(Code::UnknownCode, source, Some(*span), message));
        }
    }
}

/// Adds the issues with the keys of the root mapping; returns its keys.
fn top(source: usize, document: &Document, found: &mut Vec<Finding>) -> Vec<String> {
    const KNOWN: [&str; 8] = [
        "apiVersion",
        "kind",
        "preferences",
        "clusters",
        "users",
        "contexts",
        "current-context",
        "extensions",
    ];
    let text = document.text();
    let is_known = |key: &str| {
        KNOWN.contains(&key) || ["apiversion", "kind"].contains(&key.to_ascii_lowercase().as_str())
    };
    // Entries are checked separately; without them, the tree is small.
    let Ok(tree) = document.tree(&[]) else { return Vec::new() };
    let Some(root) = tree.root() else { return Vec::new() };
    let mut checker = FieldChecker::new(text, &tree);
    checker.duplicate_keys(root);
    if !checker.found.is_empty() {
        checker.join_lists();
    }
    let keys = checker.keys(root);
    for &(key, span, value) in &keys {
        match key {
            "preferences" => checker.mapping(value, &PREFERENCES, None),
            "extensions" => checker.extensions(value),
            key if is_known(key) => {}
            key => checker.unknown(key, span, value, checker.free(root, &KNOWN), None),
        }
    }
    found.extend(checker.found.into_iter().map(|it| issue(source, it, "the kubeconfig", |_, _| None)));
    keys.into_iter().map(|(key, ..)| key.to_owned()).collect()
}

/// The finding for an issue with a key. `rename` returns the edits that rename the key to the field that was probably
/// meant.
pub(super) fn issue(
    source: usize,
    issue: FieldIssue,
    title: &str,
    mut rename: impl FnMut(&UnknownField, &str) -> Option<Vec<Op>>,
) -> Finding {
    match issue {
        FieldIssue::Duplicate { span, key, fix } => {
            let message =
                format!("duplicate key {} in {title}; kubectl ignores this one", backticked(stem(&key)));
            let fix = fix.map(Fix::Text);
            Finding { fix, ..Finding::new(Code::DuplicateKey, source, Some(span), message) }
        }
        FieldIssue::Unknown(unknown) => {
            let stem = stem(&unknown.key);
            let is_glued = unknown.key[stem.len()..].starts_with(':');
            let message = format!("unknown field {} in {title}: kubectl ignores it", backticked(stem));
            let mut finding = Finding::new(Code::UnknownField, source, Some(unknown.span), message);
            if is_glued {
                finding
                    .hint(format!("did you mean {}, followed by a space?", backticked(&format!("{stem}:"))));
            } else if let Some(near) = near(&unknown) {
                finding.hint(format!("did you mean `{near}`?"));
                let changes = rename(&unknown, near);
                let changes =
                    changes.map(|ops| ops.into_iter().map(|op| Change::At { source, op }).collect());
                finding.fix = changes.map(Fix::Changes);
            }
            finding
        }
    }
}

/// The field that was probably meant: equal except for case, or at a small edit distance.
fn near(unknown: &UnknownField) -> Option<&'static str> {
    let wanted = unknown.key.to_lowercase();
    let slips = (wanted.chars().count() / 4).clamp(1, 3);
    let distance = |name: &str| strsim::osa_distance(&wanted, &name.to_lowercase());
    let near = unknown.free.iter().copied().map(|name| (distance(name), name));
    near.filter(|(distance, _)| *distance <= slips).min().map(|(_, name)| name)
}

/// The offset of the first document after the one that kubectl reads, if it has content.
fn second_document(document: &Document) -> Option<usize> {
    let Shape::Full { tree, .. } = &document.shape else { return None };
    let text = document.text();
    let (mut at, mut seen) = match tree.root() {
        Some(root) => (text[..tree.node(root).span.end].rfind('\n').map_or(0, |end| end + 1), true),
        None => (0, false),
    };
    // The search starts at the line in which the root ends.
    let first_line = at;
    for line in text[first_line..].split_inclusive('\n') {
        let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        let marks = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        let own = tree.root().is_some_and(|root| at < tree.node(root).span.end);
        if marks && !own {
            let behind = &text[at + 3..];
            // Another document may follow an empty one; after `...`, only `---` starts a document.
            if seen && !behind[blank(behind)..].is_empty() {
                return Some(at);
            }
            seen = true;
        }
        at += line.len();
    }
    None
}

//! Findings for programs: kcx's own JSON, SARIF 2.1.0, and annotations of GitHub workflows.

use super::Found;
use super::fix::{Fixed, Made};
use crate::codec::percent::NOT_UNRESERVED;
use crate::kubeconfig::Position;
use crate::kubeconfig::lint::{Finding, Fixability, Rule, Severity, rules};
use crate::printer::quote;
use percent_encoding::{AsciiSet, percent_encode};
use serde_json::{Value, json};
use std::ffi::OsStr;

/// `-o json`: see `docs/schema/lint.json`.
pub(super) fn object(found: &[Found<'_>], fixed: &Fixed, dry_run: bool) -> Value {
    let fixable =
        |wanted| found.iter().filter(|it| it.group.is_file() && it.finding.fixability() == wanted).count();
    let count = |severity| found.iter().filter(|it| it.finding.code.severity() == severity).count();
    json!({
        "version": 1,
        "findings": found.iter().map(one).collect::<Vec<_>>(),
        "summary": {
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "infos": count(Severity::Info),
        },
        "dryRun": dry_run,
        "fixed": fixed.made.iter().map(made).collect::<Vec<_>>(),
        "fixable": {"safe": fixable(Fixability::Safe), "unsafe": fixable(Fixability::Unsafe)},
    })
}

fn made(made: &Made) -> Value {
    json!({
        "code": made.code.to_string(),
        "file": made.file.to_string_lossy(),
        "line": made.line,
        "entry": made.entry.as_ref().map(|(kind, name)| json!({"kind": kind.word(), "name": name})),
        "message": made.message,
        "fix": if made.is_safe { "safe" } else { "unsafe" },
    })
}

fn one(found: &Found<'_>) -> Value {
    let Found { group, finding } = found;
    let rule = finding.code.rule();
    let (start, end) = places(found);
    let place = |position: Position| json!({"line": position.line, "column": position.column});
    json!({
        "code": finding.code.to_string(),
        "severity": rule.severity.word(),
        "title": rule.title,
        "message": finding.message,
        "hint": finding.hint,
        "file": group.path(finding).to_string_lossy(),
        "start": start.map(place),
        "end": end.map(place),
        "entry": finding.entry.as_ref().map(|(kind, name)| json!({"kind": kind.word(), "name": name})),
        "fix": finding.fix.as_ref().map(|_| fixability_word(finding.fixability())),
    })
}

fn fixability_word(fixability: Fixability) -> &'static str {
    match fixability {
        Fixability::No => "none",
        Fixability::Safe => "safe",
        Fixability::Unsafe => "unsafe",
    }
}

/// Where a finding begins and ends; a file as a whole has no place.
fn places(found: &Found<'_>) -> (Option<Position>, Option<Position>) {
    let start = found.group.position(&found.finding);
    (start, found.group.end(&found.finding).or(start))
}

/// `-o sarif`: the Static Analysis Results Interchange Format of OASIS, version 2.1.0.
pub(super) fn sarif(found: &[Found<'_>]) -> Value {
    let level = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let rule = |rule: &Rule| {
        json!({
            "id": rule.code.to_string(),
            "name": format!("{:?}", rule.code),
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.help},
            "help": {"text": rule.help},
            "defaultConfiguration": {"level": level(rule.severity)},
        })
    };
    let index = |found: &Found<'_>| rules().position(|rule| rule.code == found.finding.code);
    let result = |found: &Found<'_>| {
        let mut place =
            json!({"artifactLocation": {"uri": uri(found.group.path(&found.finding).as_os_str())}});
        if let (Some(start), Some(end)) = places(found) {
            place["region"] = json!({
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            });
        }
        json!({
            "ruleId": found.finding.code.to_string(),
            "ruleIndex": index(found),
            "level": level(found.finding.code.severity()),
            "message": {"text": message(&found.finding)},
            "locations": [{"physicalLocation": place}],
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kcx",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": found.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

/// The message and the hint of a finding.
fn message(finding: &Finding) -> String {
    match &finding.hint {
        Some(hint) => format!("{}; {hint}", finding.message),
        None => finding.message.clone(),
    }
}

/// A path as a URI reference (RFC 3986), percent-encoded where necessary.
fn uri(path: &OsStr) -> String {
    const NOT_IN_PATHS: AsciiSet = NOT_UNRESERVED.remove(b'/');
    let path = path.as_encoded_bytes();
    let scheme = if path.starts_with(b"/") { "file://" } else { "" };
    format!("{scheme}{}", percent_encode(path, &NOT_IN_PATHS))
}

/// `-o github`: one workflow command per finding.
pub(super) fn github(found: &[Found<'_>]) -> String {
    let mut text = String::new();
    for it in found {
        let level = match it.finding.code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let file = quote::visible_lines(&it.group.path(&it.finding).to_string_lossy());
        let mut said = format!("::{level} file={}", property(&file));
        if let (Some(start), Some(end)) = places(it) {
            // GitHub accepts columns only for findings within one line.
            said += &match start.line == end.line {
                true => format!(
                    ",line={},col={},endLine={},endColumn={}",
                    start.line, start.column, end.line, end.column
                ),
                false => format!(",line={},endLine={}", start.line, end.line),
            };
        }
        let code = it.finding.code;
        let message = data(&quote::visible(&message(&it.finding)));
        text += &format!("{said},title={code}::{message}\n");
    }
    text
}

/// Escapes the special characters of workflow commands (actions/toolkit, `command.ts`). The crate `percent-encoding`
/// would escape all characters that are not ASCII as well.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

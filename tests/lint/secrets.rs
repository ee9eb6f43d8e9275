//! No message of `kcx lint` has a secret: every fixture gets some where it is bad, and none comes out, in no format.

use super::{Fixture, Made, World, findings, with_fixtures};
use crate::common::Sandbox;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kcx::kubeconfig::lint::Code;

/// What is put in as a secret, wherever there is a place for one.
const MARKER: &str = "hunter2-Xq7-marker";

/// The text with an entry of secrets as its first user.
fn beside(text: &str) -> String {
    let fields = [("token", MARKER.to_owned()), ("client-key-data", STANDARD.encode(MARKER))];
    let entry = |end: &str| {
        let fields = fields.each_ref().map(|(field, value)| format!("    {field}: {value}{end}"));
        format!("- name: secretive{end}  user:{end}{}", fields.concat())
    };
    for end in ["\r\n", "\n"] {
        let users = format!("users:{end}");
        if text.contains(&users) {
            return text.replace(&users, &format!("{users}{}", entry(end)));
        }
    }
    let json = format!("{{\"users\": [{{\"name\": \"secretive\", \"user\": {{\"token\": \"{MARKER}\"}}}}], ");
    match text.strip_prefix('{') {
        Some(rest) => json + rest,
        None => format!("{text}users:\n{}", entry("\n")),
    }
}

/// The text with secrets in the very entries that it has: in each user, URL, argument and variable, and in place of those that
/// it has already.
fn within(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        lines.push(line.replace("s3cr3t", MARKER).replace("://", &format!("://jane:{MARKER}@")));
        let indent = " ".repeat(line.len() - line.trim_start().len());
        match line.trim() {
            "user:" => lines.push(format!("{indent}  password: {MARKER}")),
            "exec:" => {
                lines.push(format!("{indent}  args: [login, --token, {MARKER}]"));
                lines.push(format!("{indent}  env: [{{name: API_TOKEN, value: {MARKER}}}]"));
            }
            _ => {}
        }
    }
    // The old ones would be there twice, which is a finding of its own.
    let own = |line: &String| {
        !["args:", "env:"].iter().any(|key| line.trim().starts_with(key)) || line.contains(MARKER)
    };
    let lines: Vec<String> = lines.into_iter().filter(own).collect();
    lines.join("\n").replace(&format!("jane:{MARKER}@jane:"), "jane:") + "\n"
}

/// Every secret of a text, as it is and decoded: what no message may have, nor a piece of it.
fn secrets(text: &str) -> Vec<String> {
    let fields = ["token:", "password:", "client-key-data:", "id-token:", "refresh-token:", "client-secret:"];
    let mut found = vec![MARKER.to_owned(), STANDARD.encode(MARKER)];
    for line in text.lines() {
        let Some((_, value)) = fields.iter().find_map(|field| line.trim().split_once(field)) else {
            continue;
        };
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['\'', '"']);
        let decoded =
            STANDARD.decode(value).ok().and_then(|it| String::from_utf8(it).ok()).unwrap_or_default();
        let pieces =
            [value, &decoded].map(|it| it.as_bytes().chunks(16).map(<[u8]>::to_vec).collect::<Vec<_>>());
        let pieces = pieces.concat().into_iter().filter(|piece| piece.len() == 16);
        found.extend(pieces.map(|piece| String::from_utf8_lossy(&piece).into_owned()));
    }
    // Words that every PEM file has are no secret.
    found.retain(|piece| !piece.contains("-----") && !piece.contains("PRIVATE KEY"));
    found
}

#[track_caller]
fn has_none(said: &str, secrets: &[String], what: &str) {
    for secret in secrets {
        assert!(!said.contains(secret.as_str()), "{what} has {secret}: {said}");
    }
}

#[test]
fn no_fixture_has_a_secret_in_a_message() {
    let made = Made::new();
    let mut within_found = 0;
    for code in with_fixtures() {
        let fixture = Fixture::of(code, &made);
        for (bad, is_beside) in [(beside(&fixture.bad), true), (within(&fixture.bad), false)] {
            assert!(bad.contains(MARKER), "{code}: {bad}");
            let secrets = secrets(&bad);
            let texts = [Some(bad.as_bytes()), fixture.second.as_ref().map(String::as_bytes)];
            let texts: Vec<&[u8]> = texts.into_iter().flatten().collect();
            let found = findings(&texts, &World { made: &made, trouble: Some(code) });
            let there = found.iter().any(|it| it.code == code);
            assert!(there || !is_beside, "{code} is not found beside a secret: {found:#?}");
            within_found += usize::from(there && !is_beside);
            for finding in found {
                let said = format!("{} {}", finding.message, finding.hint.unwrap_or_default());
                has_none(&said, &secrets, &code.to_string());
            }
            in_no_format(&bad, &secrets, code);
        }
    }
    // Most codes are found where the secret is in the entry, too.
    let all = with_fixtures().count();
    assert!(within_found * 10 > all * 8, "{within_found} of {all}");
}

/// The whole answer: it shows the lines that a finding is about.
fn in_no_format(text: &str, secrets: &[String], code: Code) {
    let sandbox = Sandbox::new().file("kc", text).file("token", "abc");
    let mut lines = 0;
    for format in ["", "-o json", "-o sarif", "-o github"] {
        let said = sandbox.run(&format!("lint @DIR@/kc --severity info {format}")).0;
        has_none(&said, secrets, &format!("{code} {format}"));
        lines += said.lines().count();
    }
    assert!(lines > 20, "{code}: {lines}");
}

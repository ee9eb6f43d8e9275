//! A line of a text that could not be read, for an excerpt: its structure is not known, so only values of keys that are known
//! to be public are shown.

use super::visible;
use crate::kubeconfig::schema::key;
use crate::kubeconfig::secret::is_telling;
use crate::kubeconfig::secret::text::spans;

/// Keys with values that are no secrets, or with mappings and lists.
const PUBLIC: [&str; 27] = [
    "name",
    "cluster",
    "user",
    "context",
    "namespace",
    "server",
    "current-context",
    "kind",
    "apiVersion",
    "clusters",
    "users",
    "contexts",
    key::INSECURE_SKIP_TLS_VERIFY,
    "preferences",
    key::CERTIFICATE_AUTHORITY,
    key::CLIENT_CERTIFICATE,
    key::CLIENT_KEY,
    key::TOKEN_FILE,
    key::PROXY_URL,
    "as",
    key::EXEC,
    key::COMMAND,
    key::INTERACTIVE_MODE,
    key::AUTH_PROVIDER,
    "extensions",
    "extension",
    "colors",
];

/// The number of open brackets from which a line is hidden as a whole: it may have a hundred million.
const DEEPEST: usize = 64;

/// Masks a line: keys are shown, and values of public keys, and comments without what looks like a secret.
pub(in crate::kubeconfig) fn mask(line: &str) -> String {
    if line.starts_with("%YAML ") {
        return line.chars().map(visible).collect();
    }
    let indent = line.len() - line.trim_start_matches([' ', '\t', '-', '?']).len();
    let (before, rest) = line.split_at(indent);
    let shown = if rest.starts_with('#') {
        comment(rest)
    } else if rest.starts_with(['{', '[', '"']) {
        flow(rest).unwrap_or_else(|| hidden(rest))
    } else {
        block(rest)
    };
    before.chars().map(visible).chain(shown.chars()).collect()
}

/// `key: value # comment`. A text before a colon that does not look like a key may be a secret.
fn block(text: &str) -> String {
    let colon = text.find(": ").or_else(|| text.trim_end().strip_suffix(':').map(str::len));
    let Some(colon) = colon.filter(|colon| is_key(&text[..*colon])) else { return hidden(text) };
    let (key, value) = text.split_at(colon + 1);
    let blank = value.len() - value.trim_start().len();
    let (blank, value) = value.split_at(blank);
    let shown = match value.starts_with(['{', '[']) {
        true => flow_of(&key[..colon], value).unwrap_or_else(|| hidden(value)),
        false => {
            let (value, said) = value.split_at(comment_start(value).unwrap_or(value.len()));
            // More colons may be part of a secret that was meant as one value.
            let is_one = !value.contains(": ") && !value.contains(['{', '}', '[', ']', '#']);
            let is_shown = is_one && is_public(&key[..colon], value);
            let value = if is_shown { value.chars().map(visible).collect() } else { hidden(value) };
            value + &comment(said)
        }
    };
    key.chars().chain(blank.chars()).map(visible).chain(shown.chars()).collect()
}

fn is_key(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphabetic() || "-_".contains(c))
}

/// True if the value of this key may be shown. The address of a server may contain a password.
fn is_public(key: &str, value: &str) -> bool {
    let is_url = key == "server" || key == key::PROXY_URL;
    PUBLIC.contains(&key) && !(is_url && value.contains('@')) && spans(value).is_empty()
}

/// The start of a comment behind a value, outside of quotes; with a quote that is open, none is certain.
fn comment_start(value: &str) -> Option<usize> {
    match value.contains(['"', '\'']) {
        true => None,
        false => value.find(" #").map(|at| at + 1),
    }
}

/// Shows the words of a comment, but none that may be a credential: with a digit, long, or behind a telling word.
fn comment(text: &str) -> String {
    const LONGEST: usize = 16;
    let (mut shown, mut before) = (String::new(), "");
    for part in text.split_inclusive(|c: char| c.is_whitespace()) {
        let word = part.trim_end();
        let is_plain =
            word.len() <= LONGEST && !word.contains(|c: char| c.is_ascii_digit()) && spans(word).is_empty();
        match is_plain && !is_telling(before.trim_end_matches([':', '=', ','])) {
            true => shown.extend(part.chars().map(visible)),
            false => shown += &hidden(part),
        }
        before = if word.trim_matches(['#', '=', ':', '-']).is_empty() { before } else { word };
    }
    shown
}

fn hidden(text: &str) -> String {
    let hide = |c: char| if c.is_alphanumeric() || "+/=_-.~".contains(c) { '*' } else { visible(c) };
    text.chars().map(hide).collect()
}

/// Mappings and lists in braces; `None` if a quote is not closed, because what follows it may be any value.
fn flow(text: &str) -> Option<String> {
    flow_of("", text)
}

/// The same behind this key.
fn flow_of(key: &str, text: &str) -> Option<String> {
    let (mut shown, mut at) = (String::with_capacity(text.len()), 0);
    // The key whose value comes next, for each open bracket, and whether that is of a list.
    let mut keys = vec![(key.to_owned(), false)];
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let end = match c {
            '{' | '[' => {
                if keys.len() == DEEPEST {
                    return None;
                }
                let outer = keys.last().cloned().unwrap_or_default().0;
                keys.push(if c == '[' { (outer, true) } else { (String::new(), false) });
                at + 1
            }
            '}' | ']' => {
                keys.pop();
                at + 1
            }
            '#' if text[..at].ends_with([' ', '\t']) => {
                shown += &comment(rest);
                return Some(shown);
            }
            ',' => {
                if let Some((key, false)) = keys.last_mut() {
                    key.clear();
                }
                at + 1
            }
            ':' | ' ' | '\t' => at + 1,
            '"' | '\'' => at + 1 + closing(&rest[1..], c)?,
            _ => {
                let is_end = |(at, c): &(usize, char)| {
                    ",{}[]".contains(*c)
                        || *c == ':' && rest[at + 1..].starts_with([' ', ',', '}', ']'])
                        || *c == ':' && at + 1 == rest.len()
                };
                at + rest.char_indices().find(is_end).map_or(rest.len(), |(end, _)| end)
            }
        };
        let part = &text[at..end];
        at = end;
        if "{}[],: \t".contains(c) {
            shown.push(visible(c));
            continue;
        }
        let word = part.trim_end().trim_matches(['"', '\'']);
        let behind = text[end..].trim_start();
        let is_member = behind.starts_with(':');
        let (key, is_listed) = keys.last().cloned().unwrap_or_default();
        if is_member && is_key(word) {
            shown.extend(part.chars().map(visible));
            if let Some((last, _)) = keys.last_mut() {
                word.clone_into(last);
            }
        } else if is_member || is_listed || !is_public(&key, word) {
            shown += &hidden(part);
        } else {
            shown.extend(part.chars().map(visible));
        }
    }
    Some(shown)
}

/// The offset behind the closing quote.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '\\' if quote == '"' && !escaped => escaped = true,
            c if c == quote && !escaped => return Some(at + 1),
            _ => escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn only_values_of_public_keys_are_shown() {
        for shown in [
            "- name: prod",
            "  \"name\": \"prod\",",
            "kind: Config",
            "server: https://a:6443",
            "user:",
            "      command: aws",
            "    namespace: web # the shop",
            "# ours, made on Friday",
            "- {name: a, context: {cluster: c, user: u}}",
            "%YAML 1.2",
        ] {
            assert_eq!(mask(shown), shown);
        }
        for (line, want) in [
            ("    token: abc", "    token: ***"),
            ("{\"kind\":\"Config\",\"token\":\"abc\"}", "{\"kind\":\"Config\",\"token\":\"***\"}"),
            ("\"name\": \"a\", \"token\": \"abc\"", "\"name\": \"a\", \"token\": \"***\""),
            (
                "- {name: a, user: {token: abc, username: me}}",
                "- {name: a, user: {token: ***, username: **}}",
            ),
            ("{name: a, token:abc}", "{name: a, *****:***}"),
            ("token hunter2:", "***** *******:"),
            (&format!("{}a", "[".repeat(100)), &format!("{}*", "[".repeat(100))),
            ("user: [abc, }", "user: [***, }"),
            ("args: [--token, abc]", "args: [*******, ***]"),
            ("user: {token: 'abc, name: def}", "user: {*****: '***, ****: ***}"),
            ("server: https://me:abc@host", "server: *****:****:***@****"),
            ("name: abc: def", "name: ***: ***"),
            ("name: 'a # abc", "name: '* # ***"),
            ("a1b2c3:", "******:"),
            ("name: a # token: abc", "name: a # token: ***"),
            ("abc # def", "*** # ***"),
        ] {
            assert_eq!(mask(line), want);
        }
    }
}

//! Secrets inside free text: an argument, a script, a URL, a comment, a block of lines.
//!
//! Finds values after a telling name (`TOKEN=…`, `password: …`, `--client-secret …`, `-p …`), the login of a URL, the
//! credential of an HTTP header (`Bearer …`), and text that looks like a credential: a JSON web token, a private key,
//! the token prefixes of well-known services. If the end of a secret is unclear, more is masked, not less.

use super::super::span::Span;
use super::name::{is_secret_variable, is_telling};

/// The prefixes of well-known services' tokens; at least eight characters follow.
const MARKED: [&str; 17] = [
    "eyJ",
    "LS0tLS1CRUdJTi",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "hvs.",
    "hvb.",
    "xoxb-",
    "xoxp-",
    "ya29.",
    "dop_v1_",
    "k8s-aws-v1.",
    "sha256~",
    "kubeconfig-u-",
];

/// The longest name, in bytes: anything longer is data.
const NAME: usize = 100;

/// The spans of secrets in a text, sorted and without overlaps.
pub(in crate::kubeconfig) fn spans(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    keys(text, &mut found);
    logins(text, &mut found);
    words(text, &mut found);
    found.retain(|span| !span.is_empty());
    found.sort_unstable();
    let mut merged: Vec<Span> = Vec::new();
    for span in found {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Private keys in PEM, up to their end or the end of the text.
fn keys(text: &str, found: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(start) = text[at..].find("-----BEGIN ").map(|start| at + start) {
        let line = text[start..].lines().next().unwrap_or_default();
        let end = text[start + 5..].find("-----END ").map(|end| start + 5 + end);
        let end = end.map_or(text.len(), |end| end + text[end..].find('\n').unwrap_or(text.len() - end));
        if line.contains("KEY") {
            found.push(Span::new(start, end));
        }
        at = end.max(start + 11);
    }
}

/// The part before the `@` of a URL's authority. A password may contain an unescaped slash.
fn logins(text: &str, found: &mut Vec<Span>) {
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let rest = &text[start..];
        let rest =
            &rest[..rest.find(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).unwrap_or(rest.len())];
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let port = authority.rsplit_once(':').map(|(_, port)| port);
        let open =
            port.is_some_and(|port| !port.bytes().all(|byte| byte.is_ascii_digit()) && !port.ends_with(']'));
        let end = match authority.rfind('@') {
            None if open => rest.rfind('@'),
            end => end,
        };
        found.extend(end.map(|end| Span::new(start, start + end)));
    }
}

/// Values after telling names and header schemes, and words that look like a credential.
fn words(text: &str, found: &mut Vec<Span>) {
    let part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut at = 0;
    while let Some(start) = text[at..].find(part).map(|start| at + start) {
        let end = start + text[start..].find(|c: char| !part(c)).unwrap_or(text.len() - start);
        let word = &text[start..end];
        at = end;
        let secret = value_of(text, start, word).or_else(|| marked(text, start));
        if let Some(secret) = secret {
            at = secret.end.max(end);
            found.push(secret);
        }
    }
}

/// The value that a word in a text announces.
fn value_of(text: &str, start: usize, word: &str) -> Option<Span> {
    let end = start + word.len();
    if ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) {
        let value = text[end..].trim_start_matches([' ', '\t']);
        let from = text.len() - value.len();
        return (from > end).then(|| unquoted(text, from)).filter(|span| span.len() >= 4);
    }
    if let Some(attached) = short_password(word) {
        return Some(unquoted(text, start + attached));
    }
    if word.len() > NAME || !is_telling(word) {
        return None;
    }
    // A JSON key has quotes of its own.
    let behind = text[end..].trim_start_matches(['"', '\'', '\\']);
    let gap = behind.trim_start_matches([' ', '\t']);
    let sign = gap.starts_with(['=', ':']);
    let from = match sign {
        true => gap.trim_start_matches(['=', ':', '>']).trim_start_matches([' ', '\t']),
        // `--password WORD`, in a list too.
        false if word.starts_with('-') => {
            let value = behind.trim_start_matches([' ', '\t', ',']);
            let value =
                if value.starts_with(['\n', '\r']) { value.trim_start().strip_prefix("- ")? } else { value };
            match value.len() < behind.len() && !is_flag(value.trim_start_matches(['"', '\''])) {
                true => value,
                false => return None,
            }
        }
        // `name: TOKEN, value: WORD`
        false => {
            let value = behind
                .trim_start_matches(|c: char| c.is_whitespace() || ",\"'".contains(c))
                .strip_prefix("value")?;
            let value = value.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?;
            value.trim_start_matches([' ', '\t'])
        }
    };
    if from.is_empty() || !is_secret_variable(word) {
        return None;
    }
    let value = quoted(text, text.len() - from.len());
    match value.of(text) {
        "true" | "false" | "null" | "nil" | "none" | "" => None,
        // `Authorization: Bearer …`
        scheme
            if ["bearer", "basic", "token", "digest", "negotiate"]
                .contains(&&*scheme.to_ascii_lowercase()) =>
        {
            let rest = text[value.end..].trim_start_matches([' ', '\t']);
            Some(unquoted(text, text.len() - rest.len())).filter(|span| span.start > value.end)
        }
        // A block of lines follows.
        "|" | ">" | "|-" | ">-" | "|+" | ">+" if sign => None,
        _ => Some(value),
    }
}

/// A value from here on, without its quotes.
fn quoted(text: &str, from: usize) -> Span {
    let rest = &text[from..];
    let rest = rest.trim_start_matches('\\');
    let from = text.len() - rest.len();
    let Some(quote) = rest.chars().next().filter(|c| "\"'`".contains(*c)) else {
        return unquoted(text, from);
    };
    let (mut escaped, inside) = (false, &rest[1..]);
    for (at, c) in inside.char_indices() {
        match c {
            '\\' if quote != '\'' && !escaped => escaped = true,
            c if c == quote && !escaped => return Span::new(from + 1, from + 1 + at),
            _ => escaped = false,
        }
    }
    Span::new(from + 1, text.len())
}

/// A value up to a blank or a quote.
fn unquoted(text: &str, from: usize) -> Span {
    let rest = &text[from..];
    let end = rest.find(|c: char| c.is_whitespace() || "\"'`".contains(c)).unwrap_or(rest.len());
    Span::new(from, from + end)
}

/// A word that looks like a credential.
fn marked(text: &str, start: usize) -> Option<Span> {
    let rest = &text[start..];
    let mark = MARKED.iter().find(|mark| rest.starts_with(**mark))?;
    let part = |c: char| c.is_ascii_alphanumeric() || "_-.+/=~:".contains(c);
    let end = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
    (end >= mark.len() + 8).then(|| Span::new(start, start + end))
}

/// The start of the password in `-pSECRET` or `-p=SECRET`, as MySQL's clients and others accept it. Longer flags with a
/// single dash, as in Go's `flag` package, do not count.
fn short_password(word: &str) -> Option<usize> {
    const OTHERS: [&str; 15] = [
        "-path",
        "-plugin",
        "-policy",
        "-pool",
        "-port",
        "-prefix",
        "-print",
        "-pro",
        "-pub",
        "-pull",
        "-push",
        "-peer",
        "-parallel",
        "-page",
        "-pod",
    ];
    let other = OTHERS.iter().any(|other| word.starts_with(other)) || is_telling(word);
    (word.starts_with("-p") && word.len() > 2 && !other).then_some(2)
}

/// True if a word is a flag, not the value of the flag before it.
fn is_flag(word: &str) -> bool {
    let word = word.split([' ', '\t', '=']).next().unwrap_or_default();
    let name = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    word.strip_prefix("--").is_some_and(|long| long.is_empty() || name(long))
        || word.strip_prefix('-').is_some_and(|short| short.len() == 1 && name(short))
}

/// True if a text is just the name of a flag, variable or header.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

/// The spans of secrets in a program's arguments, each with its argument's index.
pub(in crate::kubeconfig) fn of_arguments(arguments: &[&str]) -> Vec<(usize, Span)> {
    let mut found = Vec::new();
    // What the previous flag says about the next argument.
    let mut next = Next::Open;
    for (at, &argument) in arguments.iter().enumerate() {
        let before = std::mem::replace(&mut next, Next::Open);
        let (flag, value) = argument.split_once('=').unwrap_or((argument, ""));
        let value_at = argument.len() - value.len();
        if !is_flag(argument) && before != Next::Open && !argument.is_empty() {
            let start = match before {
                Next::Login => argument.find(':').map_or(argument.len(), |colon| colon + 1),
                _ => 0,
            };
            found.push((at, Span::new(start, argument.len())));
            continue;
        }
        if flag.starts_with('-') && value.is_empty() {
            next = match flag {
                "-u" | "--user" | "--userpass" | "--basic-auth" => Next::Login,
                flag if is_secret_variable(flag) => Next::Secret,
                _ => Next::Open,
            };
        }
        // A blank does not end a value here, whether of a flag, a variable or a header.
        let header = argument.split_once(':').filter(|(name, _)| is_name(name));
        let pair = (!value.is_empty() && is_name(flag)).then_some((flag, value_at));
        let pair =
            pair.or_else(|| header.map(|(name, value)| (name, argument.len() - value.trim_start().len())));
        if let Some((_, value_at)) = pair.filter(|(name, _)| is_secret_variable(name)) {
            found.push((at, Span::new(value_at, argument.len())));
            continue;
        }
        if let Some(start) = short_password(argument) {
            let start = start + usize::from(argument[start..].starts_with('='));
            found.push((at, Span::new(start, argument.len())));
            continue;
        }
        found.extend(spans(argument).into_iter().map(|span| (at, span)));
    }
    found.retain(|(_, span)| !span.is_empty());
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing is known about it.
    Open,
    /// It is a secret.
    Secret,
    /// It is a name and a password, separated by a colon.
    Login,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut text = text.to_owned();
        for span in spans(&text.clone()).into_iter().rev() {
            text.replace_range(span.start..span.end, "***");
        }
        text
    }

    #[test]
    fn secrets_in_a_text_are_found() {
        for (text, want) in [
            ("PASSWORD=hunter2 login", "PASSWORD=*** login"),
            ("export TOKEN='a b' && run", "export TOKEN='***' && run"),
            ("login --password hunter2 --user me", "login --password *** --user me"),
            ("mysql -phunter2 -p hunter2 -port 12", "mysql -p*** -p *** -port 12"),
            ("curl -H 'Authorization: Bearer abc.def'", "curl -H 'Authorization: Bearer ***'"),
            ("curl -H \"X-Api-Key: a b\" x", "curl -H \"X-Api-Key: *** b\" x"),
            ("{\"token\": \"a\\\"b c\", \"x\": 1}", "{\"token\": \"***\", \"x\": 1}"),
            ("https://me:pw@host/p?a=1&access_token=abc", "https://***@host/p?a=1&access_token=***"),
            ("https://me:p/w@host.example", "https://***@host.example"),
            ("https://host/team@v1", "https://host/team@v1"),
            ("https://[::1]:6443/a@b", "https://[::1]:6443/a@b"),
            ("users:\n- token: abc # old\n", "users:\n- token: *** # old\n"),
            ("eyJhbGciOiJIUzI1NiJ9.e30.sig!", "***!"),
            ("use ghp_0123456789abcdef", "use ***"),
            ("a\n-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\nb", "a\n***\nb"),
            ("-----BEGIN CERTIFICATE-----\nabc", "-----BEGIN CERTIFICATE-----\nabc"),
            ("[\"--password\", \"a b\", \"x\"]", "[\"--password\", \"***\", \"x\"]"),
            ("args:\n  - --password\n  - abc\n  - x\n", "args:\n  - --password\n  - ***\n  - x\n"),
            (
                "- name: TOKEN\n  value: abc\n- name: A\n  value: b\n",
                "- name: TOKEN\n  value: ***\n- name: A\n  value: b\n",
            ),
            ("--use-token=false get-token --region eu", "--use-token=false get-token --region eu"),
            ("token: |\n  x", "token: |\n  x"),
            ("", ""),
        ] {
            assert_eq!(masked(text), want);
        }
    }

    #[test]
    fn secrets_in_arguments_are_found() {
        for (arguments, want) in [
            ("get-token --token=S --region eu", "get-token --token=* --region eu"),
            ("-p S --port 1", "-p * --port 1"),
            ("--password S --token= S", "--password * --token= *"),
            ("--client-secret -S/x", "--client-secret *"),
            ("--use-access-token --region eu", "--use-access-token --region eu"),
            ("-u me:S --user me", "-u me:* --user me"),
            ("--set password=S env TOKEN=S", "--set password=* env TOKEN=*"),
            ("-pS -p=S -profile x", "-p* -p=* -profile x"),
            ("https://me:S@host", "https://*@host"),
            ("--token-cache-dir=/tmp/x", "--token-cache-dir=/tmp/x"),
            ("--token", "--token"),
        ] {
            let words: Vec<&str> = arguments.split(' ').collect();
            let mut masked: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            for (at, span) in of_arguments(&words).into_iter().rev() {
                masked[at].replace_range(span.start..span.end, "*");
            }
            assert_eq!(masked.join(" "), want);
        }
        let script = ["-c", "login --password 'a b'; PASS=x run"];
        let found: Vec<&str> = of_arguments(&script).iter().map(|(at, span)| span.of(script[*at])).collect();
        assert_eq!(found, ["a b", "x"]);
        for argument in ["--password=a b", "PASSWORD= a b", "X-Api-Key:  a b"] {
            let found = of_arguments(&[argument]);
            assert_eq!(found[0].1.of(argument).trim(), "a b", "{argument}");
        }
    }
}

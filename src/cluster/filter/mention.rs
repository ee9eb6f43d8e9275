//! A quick look for a hidden object inside another one: whether its bytes mention a hidden kind at all.
//!
//! Most objects do not, and need not be searched map by map. In doubt the answer is yes.

use crate::cluster::fence::Hidden;

/// False only if no map in this value, or in JSON or YAML as a text in it, has a field `kind` of a hidden kind.
pub(super) fn mentions_hidden(bytes: &[u8], hidden: &Hidden) -> bool {
    if hidden.is_empty() {
        return false;
    }
    // A letter may be written as an escape.
    if memchr::memmem::find(bytes, b"\\u").is_some() {
        return true;
    }
    memchr::memmem::find_iter(bytes, b"kind").any(|at| may_be_hidden(&bytes[at + 4..], hidden))
}

/// Decides by what follows the letters `kind`. Inside a text, quotes and line breaks have backslashes.
fn may_be_hidden(rest: &[u8], hidden: &Hidden) -> bool {
    // Without quotes it is in a text, or at the end of a name.
    let Some(rest) = quote(rest) else { return may_be_in_text(rest) };
    let rest = space(rest);
    let Some(rest) = rest.strip_prefix(b":") else {
        // A value, not a name.
        return !matches!(rest.first(), None | Some(b',' | b']' | b'}'));
    };
    let rest = space(rest);
    let Some(value) = quote(rest) else {
        let is_plain = matches!(rest.first(), Some(b'{' | b'[' | b'0'..=b'9' | b'-'));
        return !is_plain && ![&b"true"[..], b"false", b"null"].iter().any(|word| rest.starts_with(word));
    };
    let end =
        value.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-').unwrap_or(value.len());
    match std::str::from_utf8(&value[..end]) {
        Ok(kind) if quote(&value[end..]).is_some() => hidden.kind(None, kind).is_some(),
        // No name of a kind that can be hidden, or one that is not complete.
        _ => true,
    }
}

/// Decides the same in YAML: only a name that no hidden kind has is certain.
fn may_be_in_text(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b"'").unwrap_or(rest);
    space(rest).starts_with(b":")
}

/// What follows a quote, which may have backslashes.
fn quote(bytes: &[u8]) -> Option<&[u8]> {
    let backslashes = bytes.iter().take_while(|byte| **byte == b'\\').count();
    bytes[backslashes..].strip_prefix(b"\"")
}

/// What follows the space at the beginning; in a text a line break is `\n`.
fn space(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        let backslashes = bytes.iter().take_while(|byte| **byte == b'\\').count();
        match bytes.get(backslashes) {
            Some(b'n' | b'r' | b't') if backslashes > 0 => bytes = &bytes[backslashes + 1..],
            _ => return bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_hidden_object_is_mentioned() {
        let hidden = Hidden::of(true, &["configmaps".to_owned()]).unwrap();
        for text in [
            r#"{"kind":"Secret"}"#,
            "{\"kind\" :\n \"Secret\"}",
            r#"{"kind":"SECRET"}"#,
            r#"{"kind":"SecretList"}"#,
            r#"{"kind":"ConfigMap"}"#,
            r#"{"a":[{"b":{"kind":"UserOAuthAccessToken"}}]}"#,
            r#"{"k\u0069nd":"Secret"}"#,
            r#"{"kind":"S\u0065cret"}"#,
            r#"{"kind":"Pod","a":{"kind":"Secret"}}"#,
            r#"{"a":"{\"kind\":\"Secret\"}"}"#,
            r#"{"a":"{\"kind\" \n:\t\"Secret\"}"}"#,
            r#"{"a":"{\\\"kind\\\":\\\"Secret\\\"}"}"#,
            r#"{"kind":"Sec"#,
            r#"{"kind":"Sec ret"}"#,
            r#"{"kind":"#,
            r#"{"kind" x"#,
            r#"{"a":"kind: Secret
data: {}"}"#,
            r#"{"a":"
'kind' : Secret"}"#,
            r#"{"a":"? kind
: Secret"}"#,
            r#"{"a":""kind": token"}"#,
        ] {
            assert!(mentions_hidden(text.as_bytes(), &hidden), "{text}");
            assert!(!mentions_hidden(text.as_bytes(), &Hidden::default()), "{text}");
        }
        for text in [
            r#"{"kind":"Pod","Secret":"Secret"}"#,
            r#"{"kind":"ReplicaSet","secretName":"s"}"#,
            r#"{"f:kind":{},"kinds":["Secret"],"kindness":"Secret","a":["kind","Secret"],"b":"kind"}"#,
            r#"{"a":"{\"kind\":\"Deployment\"}\n"}"#,
            r#"{"kind":{"type":"string"}}"#,
            r#"{"kind":null}"#,
        ] {
            assert!(!mentions_hidden(text.as_bytes(), &hidden), "{text}");
        }
    }
}

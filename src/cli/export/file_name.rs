//! File names for contexts: valid and distinct in every file system, and stable.

use crate::codec::hash::sha256;
use percent_encoding::percent_encode_byte;
use std::collections::HashMap;

/// The longest name, in bytes; a lock and a temporary file have longer names.
const LONGEST: usize = 200;

/// A file name for each of these names. Letters, digits and `.-_@+=,` stand for themselves, the rest is `%` and
/// hexadecimal digits (RFC 3986); so are capitals, where several names would be one to a file system that does not mind
/// case.
pub(super) fn file_names(names: &[String]) -> Vec<String> {
    let mut alike: HashMap<String, usize> = HashMap::new();
    for name in names {
        *alike.entry(encoded(name, false).to_lowercase()).or_default() += 1;
    }
    let alone = |name: &String| alike[&encoded(name, false).to_lowercase()] == 1;
    names.iter().map(|name| format!("{}.yaml", encoded(name, !alone(name)))).collect()
}

fn encoded(name: &str, capitals: bool) -> String {
    let mut text = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let plain = match byte {
            b'A'..=b'Z' => !capitals,
            b'a'..=b'z' | b'0'..=b'9' => true,
            // These would be a hidden file, a flag, or the parent folder.
            b'.' | b'-' => at > 0,
            _ => b"_@+=,".contains(&byte),
        };
        // Windows reserves these names for devices, with any extension.
        if plain && !(at == 0 && is_device(name)) {
            text.push(char::from(byte));
        } else {
            text += percent_encode_byte(byte);
        }
    }
    if text.len() > LONGEST {
        let mut end = LONGEST - 17;
        // Not inside an escape such as `%2F`.
        end -= text[..end].bytes().rev().take(2).position(|byte| byte == b'%').map_or(0, |at| at + 1);
        text = format!("{}%{}", &text[..end], &sha256(name)[..16]);
    }
    text
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let port = |kind| stem.strip_prefix(kind).is_some_and(|n: &str| n.len() == 1 && n != "0");
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || port("COM") || port("LPT")
}

#[cfg(test)]
mod tests {
    use super::file_names;

    fn named(names: &[&str]) -> Vec<String> {
        file_names(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn names_become_files() {
        assert_eq!(
            named(&[
                "prod-eu1",
                "arn:aws:eks:eu-west-1:1:cluster/a",
                "../../etc/passwd",
                "-rf",
                ".",
                "nul",
                "ü\n"
            ]),
            [
                "prod-eu1.yaml",
                "arn%3Aaws%3Aeks%3Aeu-west-1%3A1%3Acluster%2Fa.yaml",
                "%2E.%2F..%2Fetc%2Fpasswd.yaml",
                "%2Drf.yaml",
                "%2E.yaml",
                "%6Eul.yaml",
                "%C3%BC%0A.yaml"
            ]
        );
    }

    #[test]
    fn no_two_are_one() {
        assert_eq!(named(&["Prod", "prod", "PROD"]), ["%50rod.yaml", "prod.yaml", "%50%52%4F%44.yaml"]);
        assert_eq!(named(&["a/b", "a%2Fb"]), ["a%2Fb.yaml", "a%252Fb.yaml"]);
        let long = [format!("{}a", "x".repeat(300)), format!("{}b", "x".repeat(300)), "/".repeat(300)];
        let files = named(&long.each_ref().map(String::as_str));
        assert!(files.iter().all(|file| file.len() <= 205), "{files:?}");
        assert_ne!(files[0], files[1]);
        // The same in every release: a context is exported to the same file again.
        assert!(files[0].ends_with("x%f5e724b7ec29dcb7.yaml"), "{}", files[0]);
        assert!(files[2].starts_with("%2F%2F") && !files[2].contains("%2%"), "{files:?}");
    }
}

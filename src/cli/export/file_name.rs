//! File names for contexts: readable, and valid and distinct in every file system.

use crate::codec::hash::sha256;
use std::collections::{HashMap, HashSet};

/// The longest name without its hash, in bytes; a lock and a temporary file have longer names.
const LONGEST: usize = 180;

/// The digits of a hash that tells two names apart.
const DIGITS: usize = 8;

/// A file name for each of these names. Letters, digits and `.-_@+=,` stand for themselves, all else is `_`. Where several names
/// would have one file, or one to a file system that does not mind case, those that are not their own file name get a hash
/// of the name, which is the same in every release.
pub(super) fn file_names(names: &[String]) -> Vec<String> {
    let mut alike: HashMap<String, usize> = HashMap::new();
    for name in names {
        *alike.entry(folded(&readable(name))).or_default() += 1;
    }
    let is_own = |name: &String| {
        let readable = readable(name);
        readable == *name && folded(name) == readable || alike[&folded(&readable)] == 1
    };
    // A name may look like another one with its hash.
    let mut taken: HashSet<String> =
        names.iter().filter(|name| is_own(name)).map(|name| folded(&readable(name))).collect();
    let mut file_name = |name: &String| {
        let readable = readable(name);
        if is_own(name) {
            return format!("{readable}.yaml");
        }
        let hash = sha256(name);
        let mut hashed = (DIGITS..=hash.len()).map(|digits| format!("{readable}-{}", &hash[..digits]));
        let free = hashed.find(|it| taken.insert(folded(it)));
        format!("{}.yaml", free.unwrap_or(hash))
    };
    names.iter().map(&mut file_name).collect()
}

/// The name as file systems compare it that do not mind case.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

fn readable(name: &str) -> String {
    let mut text = String::new();
    for (at, c) in name.chars().enumerate() {
        let is_plain = match c {
            // These would be a hidden file, a flag, or the parent folder.
            '.' | '-' => at > 0,
            // File systems may compose these to other letters.
            '\u{1100}'..='\u{11ff}' => false,
            _ => c.is_alphanumeric() || "_@+=,".contains(c),
        };
        text.push(if is_plain { c } else { '_' });
    }
    // Windows reserves these names for devices, with any extension.
    if text.is_empty() || is_device(&text) {
        text.insert(0, '_');
    }
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text = format!("{}-{}", &text[..end], &sha256(name)[..DIGITS]);
    }
    text
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let port = |kind| stem.strip_prefix(kind).is_some_and(|n: &str| n.chars().count() == 1 && n != "0");
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
                "com1.x",
                "生产",
                "e\u{301}\n",
                "",
            ]),
            [
                "prod-eu1.yaml",
                "arn_aws_eks_eu-west-1_1_cluster_a.yaml",
                "_._.._etc_passwd.yaml",
                "_rf.yaml",
                "_-cdb4ee2a.yaml",
                "_nul.yaml",
                "_com1.x.yaml",
                "生产.yaml",
                "e__.yaml",
                "_-e3b0c442.yaml",
            ]
        );
    }

    #[test]
    fn no_two_are_one() {
        // The same in every release: a context is exported to the same file again.
        let same = named(&["Prod", "prod", "PROD"]);
        assert_eq!(same, ["Prod-5f56359e.yaml", "prod.yaml", "PROD-e3c83459.yaml"]);
        assert_eq!(named(&["a/b", "a_b", "a:b"]), ["a_b-c14cddc0.yaml", "a_b.yaml", "a_b-6783a31e.yaml"]);
        // Not even if somebody wants it.
        let hashed = named(&["a/b", "a_b"])[0].trim_end_matches(".yaml").to_owned();
        let wanted = named(&["a/b", "a_b", &hashed]);
        assert!(wanted[0].starts_with(&hashed) && wanted[0] != wanted[2], "{wanted:?}");
        let long = [format!("{}a", "x".repeat(300)), format!("{}b", "x".repeat(300)), "/".repeat(300)];
        let files = named(&long.each_ref().map(String::as_str));
        assert!(files.iter().all(|file| file.len() <= 205), "{files:?}");
        assert_ne!(files[0], files[1]);
        let all = named(&["a", "A", "a/", "a:", "A:", "生:", "生/"]);
        let mut folded: Vec<String> = all.iter().map(|file| file.to_lowercase()).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), all.len(), "{all:?}");
        let is_safe = |c: char| !r#"<>:"/\|?*%"#.contains(c) && !c.is_control();
        assert!(all.iter().all(|file| file.chars().all(is_safe)), "{all:?}");
    }
}

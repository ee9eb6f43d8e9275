//! Masked texts for an editor: secrets are masked, unedited parts are restored byte for byte, and edits are verified.

use crate::corpus::{REFUSED, fixtures, name};
use crate::generate::{Random, kubeconfig, secretive};
use crate::laws_random::seeds;
use kcx::kubeconfig::masked_text::{MaskedText, MaskedTextError};
use kcx::kubeconfig::{Document, Kind, Span, scan};
use std::fs;

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes().to_vec()).unwrap()
}

/// Fails unless all masked texts of a document restore it; returns their number.
fn check(document: &Document, what: &str) -> usize {
    let (mut texts, mut refused) = (0, 0);
    // Only the first entries of each list, because each masked text parses the whole document several times.
    let names = |kind| document.names(kind).take(6).map(move |name| (kind, name));
    let entries = Kind::ALL.into_iter().flat_map(names);
    for entry in std::iter::once(None).chain(entries.map(Some)) {
        let Ok(masked) = MaskedText::of(document, entry, true) else {
            refused += 1;
            continue;
        };
        texts += 1;
        assert_eq!(masked.restore(masked.text()), masked.original(), "{what}: {entry:?}");
        assert_eq!(masked.finish(masked.text()).unwrap().render(), document.render(), "{what}: {entry:?}");
    }
    assert!(texts > 0 || refused > 0);
    texts
}

#[test]
fn every_corpus_file_can_be_masked_and_restored() {
    let (mut whole, mut files) = (0, 0);
    for path in fixtures("valid") {
        let Ok(document) = Document::parse(fs::read(&path).unwrap()) else {
            assert!(REFUSED.contains(&name(&path)));
            continue;
        };
        check(&document, name(&path));
        files += 1;
        whole += usize::from(MaskedText::of(&document, None, true).is_ok());
    }
    assert_eq!(whole, files, "every whole file can be masked");
}

#[test]
fn a_masked_text_contains_no_secret() {
    let mut count = 0;
    for seed in seeds(200) {
        let given = secretive(&mut Random::new(seed));
        let Ok(document) = Document::parse(given.text.into_bytes()) else { continue };
        check(&document, &format!("seed {seed}"));
        let masked = MaskedText::of(&document, None, true).unwrap();
        count += usize::from(masked.is_masked());
        for secret in &given.all {
            assert!(!masked.text().contains(secret), "seed {seed}:\n{}", masked.text());
        }
    }
    assert!(count > 20, "{count}");
}

/// Comments that say of the next ones that they are secrets, and others.
const COMMENTS: [&str; 8] = [
    "# token: c0mment",
    "# token: |",
    "#    c0mment",
    "# -----BEGIN RSA PRIVATE KEY-----",
    "# c0mment",
    "# -----END RSA PRIVATE KEY-----",
    "# kubectl --password c0mment",
    "",
];

#[test]
fn a_part_of_a_text_is_masked_as_in_the_whole() {
    let mut masks = 0;
    for seed in seeds(200) {
        let random = &mut Random::new(seed);
        let mut text = String::new();
        for line in kubeconfig(random, false).split_inclusive('\n') {
            text += line;
            while line.ends_with('\n') && random.one_in(3) {
                text += &format!("{}{}\n", " ".repeat(random.below(4)), random.pick(&COMMENTS));
            }
        }
        // The scanner does not take the last comment, so that its text is read by the full parser.
        let full = format!("{text}{}# \u{e9}", if text.ends_with('\n') { "" } else { "\n" });
        if scan::skeleton(&text).is_none() {
            continue;
        }
        let [document, full] = [text, full].map(|text| document(&text));
        let all = |document: &Document| Span::new(0, document.text().len());
        let whole = full.masked_lines(&[all(&full)]).remove(0);
        assert_eq!(document.masked_lines(&[all(&document)])[0], whole[..whole.len() - 1], "seed {seed}");
        let mut at = 0;
        let lines: Vec<Span> = document
            .text()
            .split_inclusive('\n')
            .map(|line| {
                at += line.len();
                Span::new(at - line.len(), at)
            })
            .collect();
        // Each line alone, and some at once.
        for (line, masked) in lines.iter().zip(&whole) {
            assert_eq!(&document.masked_lines(&[*line]), &[[masked.as_str()]], "seed {seed}");
            masks += usize::from(masked.contains('*'));
        }
        let some: Vec<(Span, &String)> = lines.into_iter().zip(&whole).filter(|_| random.one_in(3)).collect();
        let parts: Vec<Span> = some.iter().map(|(line, _)| *line).collect();
        assert!(document.masked_lines(&parts).iter().flatten().eq(some.iter().map(|(_, masked)| *masked)));
    }
    assert!(masks > 100, "{masks}");
}

const USER: &str = "\
# before
users:
# mine
- name: me
  user:
    token: 's3''cr3t' # until May
    password: |
      pass
      word
    # token: old
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: login
      args: [get, --client-secret=abc, --password, def, --region, eu]
      env:
      - {name: TOKEN, value: \"xyz\"}
- {name: you, user: {token: &t other, x-secret: [1, *t]}}
";

#[test]
fn secrets_are_masked_in_every_position() {
    let document = document(USER);
    let masked = MaskedText::of(&document, Some((Kind::User, "me")), true).unwrap();
    assert_eq!(
        masked.text(),
        "\
# mine
- name: me
  user:
    token: '<masked-1>' # until May
    password: |
      <masked-2>
    # token: <masked-3>
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: login
      args: [get, <masked-4>, --password, <masked-5>, --region, eu]
      env:
      - {name: TOKEN, value: \"<masked-6>\"}
"
    );
    let masked = MaskedText::of(&document, Some((Kind::User, "you")), true).unwrap();
    assert_eq!(masked.text(), "- {name: you, user: {token: &t <masked-1>, x-secret: [<masked-2>, *t]}}\n");
    let edited = masked.text().replace("<masked-1>", "new");
    assert!(masked.finish(&edited).unwrap().text().ends_with("{token: &t new, x-secret: [1, *t]}}\n"));
}

#[test]
fn an_edit_of_a_masked_text_changes_only_its_place() {
    let document = document(USER);
    let masked = MaskedText::of(&document, Some((Kind::User, "me")), true).unwrap();
    let edited =
        masked.text().replace("until May", "for good").replace("command: login", "command: sso # new");
    let want = USER.replace("until May", "for good").replace("command: login", "command: sso # new");
    assert_eq!(masked.finish(&edited).unwrap().text(), want);
    // The order of what is masked does not count.
    let moved = masked.text().replace("args: [get, <masked-4>,", "args: [<masked-4>, get,");
    assert!(masked.finish(&moved).unwrap().text().contains("args: [--client-secret=abc, get, --password"));
}

#[test]
fn edits_that_break_a_mask_or_rename_the_entry_are_refused() {
    let document = document(USER);
    let masked = MaskedText::of(&document, Some((Kind::User, "me")), true).unwrap();
    let refused = |from: &str, to: &str| masked.finish(&masked.text().replace(from, to)).unwrap_err();
    let mask = |word: &str| MaskedTextError::Mask(word.to_owned());
    assert_eq!(refused("'<masked-1>'", "x<masked-1>"), mask("<masked-1>"));
    assert_eq!(refused("<masked-2>", "<masked-2> # part of it"), mask("<masked-2>"));
    assert_eq!(refused("login", "<masked-3>"), mask("<masked-1>"), "what a comment hides is no value");
    assert_eq!(refused("login", "<masked-9>"), MaskedTextError::Unknown("<masked-9>".to_owned()));
    assert_eq!(refused("name: me", "name: us"), MaskedTextError::Renamed(Kind::User));
    assert_eq!(refused("# mine\n", "- name: them\n"), MaskedTextError::Beyond(Kind::User));
    assert!(matches!(masked.finish("contexts: []\n").unwrap_err(), MaskedTextError::Parse(_)));
    // The place is one of the text that was edited, although a secret above it has more lines.
    let MaskedTextError::Parse(error) = refused("command: login", "command: [login") else { panic!() };
    assert!(error.place.unwrap().position.line >= 9);
    let MaskedTextError::Parse(error) =
        refused("apiVersion: client.authentication.k8s.io/v1", "apiVersion: [1]")
    else {
        panic!()
    };
    let place = error.place.unwrap();
    assert_eq!((place.position.line, place.position.column), (9, 19));
}

#[test]
fn json_and_texts_without_a_final_line_end_are_edited() {
    let text = "{\"contexts\": [{\"name\": \"a\", \"context\": {\"cluster\": \"c\"}}, {\"name\": \"b\"}],\n \"users\": [{\"name\": \"u\", \"user\": {\"token\": \"a\\\"b\"}}]}";
    let json = document(text);
    check(&json, "json");
    let masked = MaskedText::of(&json, Some((Kind::Context, "a")), true).unwrap();
    assert_eq!(masked.text(), "{\"name\": \"a\", \"context\": {\"cluster\": \"c\"}}");
    let masked = MaskedText::of(&json, None, true).unwrap();
    assert!(masked.text().contains("\"token\": \"<masked-1>\""));
    let other = document("# <masked-1>\nusers: [{name: u, user: {token: t}}]");
    let masked = MaskedText::of(&other, None, true).unwrap();
    assert_eq!(masked.text(), "# <masked-1>\nusers: [{name: u, user: {token: <-masked-1>}}]");
}

//! The laws on random kubeconfigs, random edits and hostile bytes. The same seed always makes the same case.
//!
//! `KCX_LONG=1` runs a million cases of each, `KCX_LONG_SECONDS=3600` as many as an hour allows.

use crate::corpus::fixtures;
use crate::generate::{Random, kubeconfig, mutate, secretive};
use crate::laws::{Ask, Via, check, document, meaning, names};
use crate::laws_edit;
use kcx::kubeconfig::diff::diff;
use kcx::kubeconfig::{Document, Kind, Merged, ParseError, Source, View, scan};
use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

/// The seeds of one run; if a case fails, the one that it had is told.
pub(crate) struct Seeds {
    next: u64,
    after: u64,
    end: Option<Instant>,
}

pub(crate) fn seeds(usual: u64) -> Seeds {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let end = number("KCX_LONG_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let count = if std::env::var_os("KCX_LONG").is_some() { 1_000_000 } else { usual };
    let next = number("KCX_SEED").unwrap_or(0);
    let after = if end.is_some() { u64::MAX } else { next.saturating_add(count) };
    Seeds { next, after, end }
}

impl Iterator for Seeds {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let goes_on = self.next < self.after && self.end.is_none_or(|end| Instant::now() < end);
        goes_on.then(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

impl Drop for Seeds {
    fn drop(&mut self) {
        if std::thread::panicking() && self.next > 0 {
            note(&format!("failed with KCX_SEED={}", self.next - 1));
        }
    }
}

/// Adds a line to the file that `KCX_CASES` names, if it does, and to what the test prints.
#[expect(clippy::print_stdout, reason = "libtest shows it beside the failure")]
fn note(line: &str) {
    println!("{line}");
    if let Some(log) = std::env::var_os("KCX_CASES") {
        let mut log = fs::File::options().append(true).create(true).open(log).unwrap();
        writeln!(log, "{line}").unwrap();
    }
}

pub(crate) fn tell(what: &str, cases: u64) {
    note(&format!("{what}: {cases} cases"));
}

/// What `tests/fuzz` prints when a law fails.
#[test]
fn a_failing_case_reports_its_seed() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", "laws_random::fails_at_the_requested_seed"]).env("KCX_FAIL_AT", "9");
    test.env("KCX_SEED", "5")
        .env("KCX_CASES", log.path())
        .env_remove("KCX_LONG")
        .env_remove("KCX_LONG_SECONDS");
    let output = test.output().unwrap();
    assert!(!output.status.success());
    assert_eq!(fs::read_to_string(&log).unwrap(), "failed with KCX_SEED=9\n");
}

/// A law of its own: it fails where the test above says.
#[test]
fn fails_at_the_requested_seed() {
    let at: Option<u64> = std::env::var("KCX_FAIL_AT").ok().and_then(|seed| seed.parse().ok());
    for seed in at.iter().flat_map(|_| seeds(10)) {
        assert!(Some(seed) != at);
    }
}

const TRICKY: [&str; 12] = [
    "n",
    "0x1f",
    "a\nb",
    "a\tb",
    "\"",
    "'",
    "a: b #c",
    "../../etc",
    "\u{1b}[0m",
    "\u{7f}",
    "ünï\u{2028}",
    " ",
];

/// A random ask that makes sense for this document.
fn ask(random: &mut Random, before: &Document) -> Option<Ask> {
    let mut asks = laws_edit::asks(before);
    let mut ask = asks.swap_remove(random.below(asks.len()));
    if random.one_in(2) {
        let tricky = random.pick(&TRICKY).to_owned();
        match &mut ask {
            Ask::Current(name) | Ask::Insert { name, .. } | Ask::Rename { to: name, .. } => *name = tricky,
            Ask::Put { value, .. } if value.is_string() => *value = tricky.into(),
            Ask::Arg { value, .. } => *value = tricky,
            _ => {}
        }
    }
    let taken = |kind: Kind, name: &String| names(&meaning(before), kind).contains(name);
    match &ask {
        Ask::Insert { kind, name, .. } | Ask::Rename { kind, to: name, .. } if taken(*kind, name) => None,
        _ => Some(ask),
    }
}

fn edits(seed: u64, random: &mut Random, text: &str) -> (u64, u64) {
    let (mut done, mut refused) = (0, 0);
    let Ok(mut now) = Document::parse(text.as_bytes().to_vec()) else { return (0, 0) };
    assert_eq!(now.render(), text.as_bytes(), "seed {seed}");
    for _ in 0..=random.below(4) {
        let Some(ask) = ask(random, &now) else { continue };
        let via = if random.one_in(2) { Via::Ops } else { Via::Changes };
        match check(&now, &ask, via) {
            Ok(Ok(after)) => (now, done) = (after, done + 1),
            Ok(Err(_)) => refused += 1,
            Err(law) => panic!("seed {seed}: {law}"),
        }
    }
    (done, refused)
}

/// The text with some of its line ends, or all, of those kinds that YAML 1.1 alone knows, or of old ones.
fn odd_line_ends(random: &mut Random, text: &str) -> String {
    let seldom = 1 + random.below(4);
    let lines = text.split_inclusive('\n');
    lines
        .map(|line| match line.strip_suffix('\n') {
            Some(line) if random.one_in(seldom) => {
                format!("{line}{}", random.pick(&["\r", "\u{85}", "\u{2028}", "\u{2029}"]))
            }
            _ => line.to_owned(),
        })
        .collect()
}

#[test]
fn random_edits_of_random_files_keep_the_laws() {
    let (mut done, mut refused, mut cases) = (0, 0, 0);
    for seed in seeds(1_000) {
        let mut random = Random::new(seed);
        let text = match seed % 5 {
            0 => kubeconfig(&mut random, false),
            1 => kubeconfig(&mut random, true),
            2 => secretive(&mut random).text,
            3 => {
                let text = kubeconfig(&mut random, false);
                odd_line_ends(&mut random, &text)
            }
            _ => {
                let text = kubeconfig(&mut random, false);
                mutate(&mut random, &text)
            }
        };
        let found = edits(seed, &mut random, &text);
        (done, refused, cases) = (done + found.0, refused + found.1, cases + 1);
    }
    tell(&format!("edits ({done} done, {refused} refused)"), cases);
    assert!(done > cases / 2, "{done} done, {refused} refused, {cases} cases");
    assert!(refused < done / 20, "{done} done, {refused} refused, {cases} cases");
}

/// Whatever ends its lines, a kubeconfig without blocks of text means the same; in those, a line end is text.
#[test]
fn line_ends_do_not_change_what_a_kubeconfig_means() {
    let (mut odd, mut cases) = (0, 0);
    for seed in seeds(1_000) {
        let mut random = Random::new(seed);
        let text = kubeconfig(&mut random, false);
        let other = odd_line_ends(&mut random, &text);
        let [one, two] = [&text, &other].map(|text| Document::parse(text.clone().into_bytes()));
        match (one, two) {
            (Ok(one), Ok(two)) => assert_eq!(meaning(&one), meaning(&two), "seed {seed}: {other:?}"),
            (one, two) => assert_eq!(one.is_ok(), two.is_ok(), "seed {seed}: {other:?}: {two:?}"),
        }
        (odd, cases) = (odd + u64::from(other != text), cases + 1);
    }
    tell(&format!("line ends ({odd} odd)"), cases);
    assert!(odd > cases / 2, "{odd} of {cases}");
}

/// A kubeconfig differs from itself in nothing, and two differ both ways or neither.
#[test]
fn diff_is_symmetric() {
    let (mut found, mut alike, mut cases) = (0, 0, 0);
    for seed in seeds(1_000) {
        let mut random = Random::new(seed);
        let text = kubeconfig(&mut random, seed % 2 == 0);
        let view = |text: String| {
            let document = Document::parse(text.into_bytes()).ok()?;
            View::of(&Merged::new(vec![Source { path: "a".into(), document: Some(document) }])).ok()
        };
        let other = match seed % 3 {
            0 => kubeconfig(&mut random, false),
            1 => mutate(&mut random, &text),
            _ => format!("%YAML 1.1\n---\n{}", text.trim_start_matches("---")),
        };
        let (Some(a), Some(b)) = (view(text), view(other)) else { continue };
        assert_eq!(diff(&a, &a), [], "seed {seed}");
        let (there, back) = (diff(&a, &b), diff(&b, &a));
        assert_eq!(there.len(), back.len(), "seed {seed}");
        for (there, back) in there.iter().zip(&back) {
            assert_eq!(there.section, back.section, "seed {seed}");
            assert_eq!(there.fields.len(), back.fields.len(), "seed {seed}");
            for (there, back) in there.fields.iter().zip(&back.fields) {
                assert_eq!((&there.path, &there.before), (&back.path, &back.after), "seed {seed}");
                assert_ne!(there.before, there.after, "seed {seed}");
            }
        }
        assert!(
            !there.is_empty() || a.lists.values().zip(b.lists.values()).all(|(a, b)| a.keys().eq(b.keys()))
        );
        assert!(a != b || there.is_empty(), "seed {seed}");
        (found, alike, cases) =
            (found + usize::from(!there.is_empty()), alike + usize::from(there.is_empty()), cases + 1);
    }
    tell(&format!("differences ({found} found, {alike} alike)"), cases);
    assert!(found > 100 && alike > 100, "{found} found, {alike} alike");
}

/// The scanner's reading and the full parser's are one.
#[test]
fn a_yaml_directive_does_not_change_the_result() {
    let (mut cases, mut scanned) = (0, 0);
    for seed in seeds(1_000) {
        let mut random = Random::new(seed);
        let text = kubeconfig(&mut random, seed % 2 == 0);
        if text.contains("---") {
            continue;
        }
        let marked = format!("%YAML 1.1\n---\n{text}");
        assert!(scan::skeleton(&marked).is_none(), "seed {seed}");
        scanned += u64::from(scan::skeleton(&text).is_some());
        match (Document::parse(text.clone().into_bytes()), Document::parse(marked.into_bytes())) {
            (Ok(a), Ok(b)) => assert_eq!(meaning(&a), meaning(&b), "seed {seed}:\n{text}"),
            (Err(_), Err(_)) => {}
            (a, b) => panic!("seed {seed}: {:?} or {:?}:\n{text}", a.err(), b.err()),
        }
        cases += 1;
    }
    tell(&format!("readers ({scanned} scanned)"), cases);
    assert!(cases > 300 && scanned > cases / 5, "{scanned} of {cases} cases were the scanner's");
}

/// Everything that an error may show to a user.
fn said(error: &ParseError) -> String {
    let excerpt = error.place.as_ref().map_or("", |place| &place.excerpt);
    format!("{error}\n{excerpt}\n{error:?}")
}

#[test]
fn no_message_contains_a_secret() {
    let mut cases = 0;
    for seed in seeds(2_000) {
        let mut random = Random::new(seed);
        let made = secretive(&mut random);
        let silent = |what: &str, said: &str, secrets: &[String]| {
            for secret in secrets {
                assert!(
                    !said.contains(secret.as_str()),
                    "seed {seed}, {what}: {secret} in\n{said}\n{}",
                    made.text
                );
            }
        };
        let whole = Document::parse(made.text.clone().into_bytes())
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", made.text));
        let merged = Merged::new(vec![Source { path: "f".into(), document: Some(whole.clone()) }]);
        let shown = View::of(&merged).unwrap().redact().to_value().to_string();
        silent("redacted", &shown, &made.hidden);
        if let Some(ask) = ask(&mut random, &whole)
            && let Err(refusal) = ask.make(Via::Changes, &whole)
        {
            silent("refusal", &format!("{refusal}\n{refusal:?}"), &made.all);
        }
        for _ in 0..4 {
            let hurt = match random.below(3) {
                0 => made.text[..made.text.floor_char_boundary(random.below(made.text.len()))].to_owned(),
                1 => misplace(&mut random, &made.text, &made.all),
                _ => mutate(&mut random, &made.text),
            };
            match Document::parse(hurt.clone().into_bytes()) {
                Err(error) => silent(&format!("parse error of\n{hurt}\n"), &said(&error), &made.all),
                Ok(document) => {
                    let merged = Merged::new(vec![Source { path: "f".into(), document: Some(document) }]);
                    assert!(View::of(&merged).is_ok(), "seed {seed}");
                }
            }
        }
        cases += 1;
    }
    tell("secrets", cases);
}

/// A secret with something in front of it that gives it another role.
fn misplace(random: &mut Random, text: &str, secrets: &[String]) -> String {
    let marks = [
        "*",
        "&",
        "!",
        "!!",
        "!!int ",
        "!!binary ",
        "- ",
        "? ",
        "%",
        "@",
        "`",
        "{",
        "[",
        "\"",
        "'",
        "|",
        "#",
        ", ",
        ": ",
        "\n",
    ];
    match secrets.get(random.below(secrets.len())) {
        Some(secret) => text.replacen(secret.as_str(), &format!("{}{secret}", random.pick(&marks)), 1),
        None => text.to_owned(),
    }
}

/// The files of the corpus, the good ones and the bad.
pub(crate) fn files() -> Vec<Vec<u8>> {
    ["valid", "invalid"].iter().flat_map(|f| fixtures(f)).map(|path| fs::read(path).unwrap()).collect()
}

/// Anything: any bytes, what YAML is made of in any order, or one of these files with wounds.
pub(crate) fn wounded(random: &mut Random, files: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = match random.below(3) {
        0 => (0..random.below(300)).map(|_| random.below(256) as u8).collect(),
        1 => {
            let soup: Vec<&str> = (0..random.below(60)).map(|_| random.pick(&SOUP)).collect();
            soup.concat().into_bytes()
        }
        _ => {
            let file = &files[random.below(files.len())];
            file[..file.len().min(20_000)].to_vec()
        }
    };
    for _ in 0..random.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[at] = random.below(256) as u8,
            1 => drop(bytes.remove(at)),
            2 => bytes.truncate(at),
            3 => bytes.splice(at..at, random.pick(&SOUP).bytes()).for_each(drop),
            _ => {
                let end = (at + random.below(80)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece).for_each(drop);
            }
        }
    }
    if random.one_in(4)
        && let Ok(text) = std::str::from_utf8(&bytes)
    {
        bytes = odd_line_ends(random, text).into_bytes();
    }
    bytes
}

#[test]
fn arbitrary_and_damaged_bytes_never_panic() {
    let files = files();
    let mut cases = 0;
    for seed in seeds(3_000) {
        let mut random = Random::new(seed);
        let bytes = wounded(&mut random, &files);
        if let Ok(document) = Document::parse(bytes.clone()) {
            assert_eq!(document.render(), bytes, "seed {seed}");
            if let Some(ask) = ask(&mut random, &document)
                && let Ok(after) = ask.make(Via::Ops, &document)
            {
                let mut wanted = meaning(&document);
                ask.intend(&mut wanted);
                assert_eq!(meaning(&after), wanted, "seed {seed}: {ask:?}\n{}", document.text());
            }
        }
        cases += 1;
    }
    tell("bytes", cases);
}

/// Small enough to try all: what begins and ends a node, between line ends that the parser does not know.
#[test]
fn every_short_text_with_odd_line_ends_is_read_or_refused() {
    const PIECES: [&str; 10] = ["a: ", "- ", "&x ", "x", "|", "#", "'", " ", "\u{2028}", "\u{85}"];
    let mut texts = vec![String::new()];
    let length = if std::env::var_os("KCX_LONG").is_some() { 6 } else { 5 };
    for _ in 0..length {
        texts = texts.iter().flat_map(|text| PIECES.map(|piece| format!("{text}{piece}"))).collect();
    }
    for text in texts {
        if let Ok(document) = Document::parse(text.clone().into_bytes()) {
            assert_eq!(document.render(), text.as_bytes());
        }
    }
}

/// What YAML is made of.
const SOUP: [&str; 44] = [
    "a",
    "b",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    "\t",
    " ",
    "#",
    " # c",
    "\"",
    "'",
    "|",
    "|+\n",
    ">-\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&x ",
    "*x",
    "<<: ",
    "!t ",
    "!!str ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\0",
    "contexts:",
    "users:\n- name: u\n  user:",
    "current-context: ",
    "name: ",
    "\\",
    "é",
];

#[test]
fn hostile_files_give_a_clear_error_or_a_result() {
    let bomb = (1..40).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, at| {
        let items = vec![format!("*a{}", at - 1); 9].join(", ");
        format!("{text}a{at}: &a{at} [{items}]\n")
    });
    let merges = (1..40).fold("m0: &m0 {k: v}\n".to_owned(), |text, at| {
        format!("{text}m{at}: &m{at}\n  <<: [*m{0}, *m{0}, *m{0}]\n", at - 1)
    });
    let deep_block: String = (0..10_000).map(|at| format!("{}a:\n", " ".repeat(at % 4000))).collect();
    let refused = [
        ("brackets", "[".repeat(10_000)),
        ("braces", "{a: ".repeat(10_000)),
        ("closed", format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000))),
        ("dashes", "- ".repeat(10_000)),
        ("questions", "? ".repeat(10_000)),
        ("stairs", deep_block),
        ("aliases", bomb),
        ("merges", merges),
        ("itself", "a: &a [*a]\n".to_owned()),
        ("NUL", "current-context: a\0b\n".to_owned()),
    ];
    for (what, text) in refused {
        match Document::parse(text.into_bytes()) {
            Err(error) => assert!(said(&error).len() < 5_000, "{what}: {}", said(&error).len()),
            Ok(_) => panic!("{what} was read"),
        }
    }
    let long = "x".repeat(1 << 20);
    let read = [
        ("a long value", format!("current-context: {long}\n")),
        ("a long comment", format!("# {long}\ncurrent-context: a\n")),
        ("a long name", format!("contexts: [{{name: {long}}}]\n")),
        ("many brackets in a string", format!("current-context: '{}'\n", "[{".repeat(100_000))),
        ("many documents", "---\n".repeat(100_000)),
        ("many comments", "# c\n".repeat(100_000)),
    ];
    for (what, text) in read {
        let before = document(text.as_bytes());
        if before.text().starts_with("---") {
            continue;
        }
        let done = check(&before, &Ask::Current("b".into()), Via::Ops);
        assert!(matches!(done, Ok(Ok(_))), "{what}");
    }
    // A key this long is more than YAML allows on one line; what matters is that it ends.
    drop(Document::parse(format!("{long}: a\n").into_bytes()));
}

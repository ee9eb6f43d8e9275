//! What `KCX_BLESS=1` writes, on copies: this file's own test of one, and small sources for the rest.

use super::{Call, Recorder, expected, same};
use crate::source::{Token, tokens};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use tempfile::TempDir;

/// A test as they all are. The one below runs it again, with another outcome, on a copy of this file.
#[test]
fn a_recorded_outcome() {
    let outcome = std::env::var("KCX_BLESS_SAMPLE").unwrap_or_else(|_| "as recorded\n".to_owned());
    same(&outcome, "as recorded\n", "a sample");
    Sample(outcome).shows(
        r"
as recorded
",
    );
}

struct Sample(String);

impl Sample {
    #[track_caller]
    fn shows(&self, want: &str) {
        same(&self.0, want, "a sample");
    }
}

/// Runs the test above on a copy of this file: whether it passed, and the copy afterwards.
fn sample(outcome: Option<&str>, bless: Option<&str>) -> (bool, String) {
    assert!(Path::new(file!()).is_relative());
    let root = tempfile::tempdir().unwrap();
    let copy = root.path().join(file!());
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::write(&copy, this()).unwrap();
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", "bless::checks::a_recorded_outcome"]).env("KCX_BLESS_ROOT", root.path());
    for (name, value) in [("KCX_BLESS_SAMPLE", outcome), ("KCX_BLESS", bless)] {
        match value {
            Some(value) => test.env(name, value),
            None => test.env_remove(name),
        };
    }
    let output = test.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed") || text.contains("1 failed"), "{text}");
    (output.status.success(), fs::read_to_string(copy).unwrap())
}

/// The text of this file.
fn this() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file!())).unwrap()
}

#[test]
fn a_test_records_its_outcome_if_it_is_told_to_and_else_fails() {
    assert_eq!(sample(None, None), (true, this()));
    assert_eq!(sample(Some("new \"words\"\n"), None), (false, this()));
    assert_eq!(sample(Some("new \"words\"\n"), Some("0")), (false, this()));
    assert_eq!(sample(None, Some("1")), (true, this()));
    let (passed, now) = sample(Some("new \"words\"\n"), Some("1"));
    let (short, long) = ("&outcome, \"as recorded\\n\"", "        r\"\nas recorded\n\",");
    assert!(this().contains(short) && this().contains(long));
    let want = this().replacen(short, "&outcome, \"new \\\"words\\\"\\n\"", 1);
    assert_eq!((passed, now), (true, want.replacen(long, "        r#\"\nnew \"words\"\n\"#,", 1)));
}

/// A folder with one source, and what records there.
struct Copy {
    root: TempDir,
    recorder: Recorder,
    source: String,
}

impl Copy {
    fn of(source: &str) -> Copy {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("t.rs"), source).unwrap();
        let recorder = Recorder::new(root.path().to_owned());
        Copy { root, recorder, source: source.to_owned() }
    }

    /// Records the outcome of the call that begins with these words, the nth in the source.
    fn records(&self, words: &str, nth: usize, want: &str, got: &str) -> Result<(), String> {
        self.records_for(None, (words, nth), want, got)
    }

    fn records_for(
        &self,
        key: Option<&str>,
        (words, nth): (&str, usize),
        want: &str,
        got: &str,
    ) -> Result<(), String> {
        let at = self.source.match_indices(words).nth(nth).unwrap().0;
        let before = &self.source[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        let call = Call { file: "t.rs", line: line as u32, column: column as u32, key };
        self.recorder.record(&call, want, got)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.root.path().join("t.rs")).unwrap()
    }
}

#[test]
fn a_literal_keeps_its_form_where_the_outcome_permits() {
    let long =
        "a line that is much too long to stand in a literal beside its call, as rustfmt itself would say\n";
    let folded = format!("shows(\n        \"\n{long}\",\n    );");
    for (old, value, got, new) in [
        ("shows(\"a\\n\");", "a\n", "b\n", "shows(\"b\\n\");"),
        ("shows(\"a\\n\");", "a\n", "\"b\" \\ \u{1b}\u{202e}\n", r#"shows("\"b\" \\ \u{1b}\u{202e}\n");"#),
        ("shows(\"a\\n\");", "a\n", long, folded.as_str()),
        ("shows(\"\");", "", "b\n", "shows(\"b\\n\");"),
        ("shows(\"\");", "", "1\n2\n3\n4\n5\n", "shows(\n        \"\n1\n2\n3\n4\n5\n\",\n    );"),
        ("shows(1, \"a\\n\");", "a\n", "1\n2\n3\n4\n5\n6", "shows(1, \"1\\n2\\n3\\n4\\n5\\n6\");"),
        ("shows(r\"\na\n\");", "\na\n", "b\n", "shows(r\"\nb\n\");"),
        ("shows(r\"\na\n\");", "\na\n", "\n\"b\"#\n", "shows(r##\"\n\n\"b\"#\n\"##);"),
        ("shows(r#\"\n\"a\"\n\"#);", "\n\"a\"\n", "b\n", "shows(r\"\nb\n\");"),
        ("shows(r\"\na\n\");", "\na\n", "b\r\n\t\n", "shows(\"\nb\\r\n\\t\n\");"),
        ("shows(\"\na\n\");", "\na\n", "b\n", "shows(\"\nb\n\");"),
        ("shows(\"\na\n\");", "\na\n", "\\b\n", "shows(r\"\n\\b\n\");"),
        ("shows(\"\\\na\n\");", "a\n", "b\n", "shows(\"\\\nb\n\");"),
        ("shows(\"\\\na\n\");", "a\n", " b\n", "shows(\"\n b\n\");"),
        ("shows(\"a\\n\\\n     b\\n\");", "a\nb\n", "a\nc\n", "shows(\"\na\nc\n\");"),
    ] {
        let copy = Copy::of(&format!("fn t() {{\n    ö().{old}\n}}\n"));
        assert_eq!(copy.records("shows", 0, value, got), Ok(()), "{old}");
        assert_eq!(copy.text(), format!("fn t() {{\n    ö().{new}\n}}\n"));
        // What was written is read as that outcome, and is not written again.
        let again = Copy::of(&copy.text());
        let read = tokens(&copy.text()).into_iter().find_map(|it| match it.token {
            Token::Text(text) => Some(text),
            _ => None,
        });
        let read = read.unwrap();
        assert_eq!(expected(&read), got, "{old}");
        assert_eq!(again.records("shows", 0, &read, got), Ok(()));
        assert_eq!(again.text(), copy.text());
    }
}

#[test]
fn the_literals_of_a_file_are_found_though_all_change_at_once() {
    let calls: String = (0..40).map(|n| format!("    shows(r\"\n{n}\n\");\n")).collect();
    let copy = Copy::of(&format!("fn t() {{\n{calls}}}\n"));
    let outcome = |n: usize| format!("{}{n} is new\n", "a line\n".repeat(n % 5));
    thread::scope(|scope| {
        for n in 0..40 {
            let (copy, outcome) = (&copy, &outcome);
            scope.spawn(move || {
                assert_eq!(copy.records("shows", n, &format!("\n{n}\n"), &outcome(n)), Ok(()));
            });
        }
    });
    let want: String = (0..40).map(|n| format!("    shows(r\"\n{}\");\n", outcome(n))).collect();
    assert_eq!(copy.text(), format!("fn t() {{\n{want}}}\n"));
}

#[test]
fn a_literal_is_the_one_that_is_meant() {
    // By its value among the arguments; by the name it was given; by the literal in front of it.
    let copy = Copy::of(concat!(
        "shows(\"use a\", \"a\");\n",
        "let said = \"b\";\nf(\"b\");\nshows(\"x\", said);\n",
        "all(&[(\"k\", \"v\"), (\"l\", \"v\")]);\n"
    ));
    assert_eq!(copy.records("shows", 0, "a", "A"), Ok(()));
    assert_eq!(copy.records("shows", 1, "b", "B"), Ok(()));
    assert_eq!(copy.records_for(Some("l"), ("all", 0), "v", "V"), Ok(()));
    let want = concat!(
        "shows(\"use a\", \"A\");\n",
        "let said = \"B\";\nf(\"b\");\nshows(\"x\", said);\n",
        "all(&[(\"k\", \"v\"), (\"l\", \"V\")]);\n"
    );
    assert_eq!(copy.text(), want);
    // It does not guess.
    assert!(copy.records("all", 0, "v", "V").is_err());
    assert!(copy.records("shows", 0, "computed", "V").is_err());
    assert!(copy.records("f(", 0, "a", "V").is_err());
    assert_eq!(copy.text(), want);
}

#[test]
fn a_literal_with_two_outcomes_stays() {
    for outcomes in [["new", "old"], ["old", "new"], ["new", "newer"]] {
        let copy = Copy::of("for words in [1, 2] { shows(\"old\"); }\n");
        assert_eq!(copy.records("shows", 0, "old", outcomes[0]), Ok(()));
        assert!(copy.records("shows", 0, "old", outcomes[1]).is_err());
        assert!(copy.records("shows", 0, "old", outcomes[0]).is_err());
        assert_eq!(copy.text(), copy.source);
    }
}

#[test]
fn what_was_changed_meanwhile_is_not_written_over() {
    let copy = Copy::of("shows(\"a\"); shows(\"b\");\n");
    assert_eq!(copy.records("shows", 0, "a", "A"), Ok(()));
    fs::write(copy.root.path().join("t.rs"), "mine\n").unwrap();
    assert!(copy.records("shows", 1, "b", "B").is_err());
    assert_eq!(copy.text(), "mine\n");
}

//! Each rule of the narrow style, by example: what is in, what is left to the full parser.
//!
//! What these examples cannot show, the laws in the integration tests do: that a parser agrees.

use super::*;
use crate::kubeconfig::parse;
use crate::kubeconfig::schema::Kind;
use crate::kubeconfig::tree::Tree;

const BASE: &str = "apiVersion: v1\nkind: Config\n";

fn accepts(text: &str) -> bool {
    let found = skeleton(text);
    let streamed = current_context(text.as_bytes()).expect("a slice reads without errors");
    assert_eq!(found.is_some(), streamed.is_some(), "{text}");
    found.is_some()
}

/// Puts a body into a user's entry.
fn user(body: &str) -> String {
    format!("{BASE}users:\n- name: a\n  user:\n{body}")
}

#[test]
fn whole_files() {
    for text in [
        "kind: Config",
        "kind: Config\r\n",
        "---\nkind: Config\n",
        "# c\n\n--- \nkind: Config\n   \n# end",
        "kind: \"Config\"   # quoted\napiVersion: 'v1'\n",
        "clusters: []\nusers: null\ncontexts:\ncurrent-context: \"\"\n",
        "preferences: {}\n",
        "preferences:\n  colors: yes\n",
        "unknown: 1\nother:\n  - a\n  - b: c\n    d:\n    - e\n",
        "contexts:\n- context:\n    cluster: a\n  name: a\n",
        "contexts:\n    -   name: a\n        context: {}\n",
        "contexts:\n- name: b\n- name: a\n",
        "current-context: a:b#c [d] {e}, f! 'g'\n",
        "current-context: -a\n",
        "x:\n  # deeper\n# shallower\n  p: q\n",
    ] {
        assert!(accepts(text), "{text}");
    }
    for text in [
        "",
        "\n# nothing\n",
        "---\n",
        "---\n---\nkind: Config\n",
        "--- # c\nkind: Config\n",
        "---x\nkind: Config\n",
        "kind: Config\n---\n",
        "kind: Config\n...\n",
        "%YAML 1.1\n---\nkind: Config\n",
        "\u{feff}kind: Config\n",
        "{\"kind\": \"Config\"}",
        " kind: Config\n",
        "- kind: Config\n",
        "kind: Config\rapiVersion: v1\n",
        "kind: Config\r",
        "kind: Config\n\tx: y\n",
        "kind:\tConfig\n",
        "kind: Config\t\n",
        "kind: Config # \u{e9}\n",
        "kind: Config\nkind: Config\n",
        "kind: Pod\n",
        "kind:\n",
        "kind: null\n",
        "Kind: Config\n",
        "APIVERSION: v1\n",
        "apiVersion: v2\n",
        "kind :Config\n",
        "kind : Config\n",
        "kind:Config\n",
        "\"kind\": Config\n",
        "? kind\n: Config\n",
        "<<: a\n",
        "null: a\n",
        "yes: a\n",
        "1: a\n",
        "x: a\nx: b\n",
        "x: .inf\n",
        "x: 1.5\n",
        "users: {}\n",
        "users: a\n",
        "users:\n  a: b\n",
        "preferences: []\n",
        "preferences: a\n",
        "preferences:\n  colors: 1\n",
    ] {
        assert!(!accepts(text), "{text}");
    }
}

#[test]
fn scalars() {
    for value in
        ["a", "a  b", "a # c", "'a b'", "\"a: b #c\"", "''", "'a' # c", "null", "~", "", "# c", "-a", "a:b"]
    {
        assert!(accepts(&format!("current-context: {value}\n")), "{value}");
    }
    for value in [
        "y", "NO", "true", "1", "-1", "0777", "0x1F", "1_000", "1e3", ".5", "+1", ".inf", "a: b", "a:",
        "a :", "&a b", "*a", "!!str a", "|", ">-", "%a", "@a", "`a", "- a", "-", "? a", ": a", ", a", "[a]",
        "{a: b}", "[ ]", "]", "'it''s'", "'a", "'a'b", "'a'# c", "\"a\\n\"", "\"a", "\"a\" b", "{}", "[]",
        "a\n  b", "\n  a", "=", "<<", "a\u{a0}b", "a\u{85}b", "a\u{7f}", "a\0",
    ] {
        assert!(!accepts(&format!("current-context: {value}\n")), "{value}");
    }
}

#[test]
fn structure() {
    for body in [
        "    exec:\n      args:\n      - --a\n      - b: \n",
        "    exec:\n      args:\n        - a\n      - b\n",
        "    exec:\n      args:\n        - a\n        b: c\n",
        "    exec:\n      args:\n      -\n",
        "    exec:\n      args:\n      - # c\n",
        "    exec:\n      args:\n      - - a\n",
        "    exec:\n      args:\n      - a\n        b\n",
        "    exec:\n      args:\n      -a\n",
        "    exec:\n      args:\n      - a: b\n",
        "    token: a\n     b\n",
        "    token: a\n      b: c\n",
        "    token: a\n   username: b\n",
        "    token: a\n      - b\n",
        "    token: a\n    token: b\n",
        "    x: a\n    x: b\n",
        "    - token: a\n",
        "   token: a\n  x: y\n b: c\n",
    ] {
        assert!(!accepts(&user(body)), "{body}");
    }
    let deep =
        |depth: usize| (0..depth).fold(String::new(), |text, level| text + &" ".repeat(level) + "x:\n");
    assert!(accepts(&deep(40)));
    assert!(!accepts(&deep(42)));
    let keys = |count: usize| (0..count).map(|key| format!("x{key}: y\n")).collect::<String>();
    assert!(accepts(&keys(64)));
    assert!(!accepts(&keys(65)));
    assert!(accepts(&format!("{}: y\n", "k".repeat(120))));
    assert!(!accepts(&format!("{}: y\n", "k".repeat(121))));
}

#[test]
fn fields_have_their_types() {
    for body in [
        "    token: a\n    tokenFile: null\n    username:\n    password: \"1\"\n",
        "    client-key-data: LS0tLQ==\n    client-certificate-data: 'LS0t' # c\n",
        "    client-key-data: null\n    client-certificate-data:\n",
        "    as-groups: []\n    as-user-extra:\n      scopes:\n      - view\n      - '1'\n",
        "    as-user-extra: {}\n    as-groups:\n    - a\n",
        "    exec: {}\n    auth-provider: null\n",
        "    exec:\n      args: null\n      env: []\n      provideClusterInfo: On\n",
        "    exec:\n      env:\n      - name: A\n        value: b\n      - value: c\n        name: A\n",
        "    auth-provider:\n      name: oidc\n      config:\n        id-token: a.b.c\n        x: null\n",
        "    extensions:\n    - name: b\n      extension:\n        n1: 1\n        l:\n        - {}\n    - name: a\n",
        "    unknown:\n      token:\n      - 1\n      - true\n      - null\n",
        "    TOKEN: 1\n",
    ] {
        assert!(accepts(&user(body)), "{body}");
    }
    for body in [
        "    token: 1\n",
        "    token: yes\n",
        "    token: []\n",
        "    token: {}\n",
        "    token:\n      a: b\n",
        "    token:\n    - a\n",
        "    client-key-data: LS0\n",
        "    client-key-data: LS0=LS0t\n",
        "    client-key-data: LS0tLQ=\n",
        "    client-key-data: LS-_\n",
        "    client-key-data: 'LS0'\n",
        "    client-key-data: LS0t LS0t\n",
        "    client-key-data: TRUE\n",
        "    client-key-data: 1234\n",
        "    client-key-data: 12345678901234567890123456789012345678901234\n",
        "    client-key-data: []\n",
        "    client-key-data: |\n      LS0t\n",
        "    as-groups: a\n",
        "    as-groups: {}\n",
        "    as-groups:\n    - 1\n",
        "    as-groups:\n    - null\n",
        "    as-groups:\n      a: b\n",
        "    as-user-extra: []\n",
        "    as-user-extra:\n      scopes: view\n",
        "    exec: []\n",
        "    exec: aws\n",
        "    exec:\n      provideClusterInfo: \"true\"\n",
        "    exec:\n      provideClusterInfo: 1\n",
        "    exec:\n      env:\n      - A\n",
        "    exec:\n      env:\n      - name: 1\n",
        "    exec:\n      env:\n        A: b\n",
        "    auth-provider:\n      config:\n        expiry: 1\n",
        "    extensions: {}\n",
        "    extensions:\n    - a\n",
        "    extensions:\n    - extension: 1\n",
        "    extensions:\n    - name: a\n    - name: a\n",
        "    extensions:\n    - name: a\n      extension:\n        x: .nan\n",
        "    extensions:\n    - name: a\n      extension:\n        x: 1\n        x: 2\n",
    ] {
        assert!(!accepts(&user(body)), "{body}");
    }
}

#[test]
fn names() {
    let list = |names: &[&str]| {
        names.iter().fold("contexts:\n".to_owned(), |text, name| text + "- name: " + name + "\n")
    };
    for names in [&["a", "b", "c"][..], &["c", "a", "b"], &["a", "'1'", "\"y\""], &["a", "ab", "aaaaaaaaa"]] {
        assert!(accepts(&list(names)), "{names:?}");
    }
    for names in [
        &["a", "a"][..],
        &["a", "b", "a"],
        &["b", "a", "'a'"],
        &["\"b\"", "a", "b"],
        &["y"],
        &["1"],
        &["null"],
        &[""],
        &["''"],
        &["{}"],
    ] {
        assert!(!accepts(&list(names)), "{names:?}");
    }
    assert!(!accepts("contexts:\n- context: {}\n"));
    assert!(!accepts("contexts:\n- null\n"));
    assert!(!accepts("contexts:\n- a\n"));
    assert!(!accepts("contexts:\n- {}\n"));
    // The same name may stand in each of the three lists.
    assert!(accepts("clusters:\n- name: a\nusers:\n- name: a\ncontexts:\n- name: a\n"));
}

#[test]
fn spans_cover_entries_and_no_comments_behind_them() {
    let text = "# head\nusers:\n  # of b\n  - user:\n      token: t # why\n    name: 'b'\n\n# tail\n  -   name: a\n# end\nx:\n\n  p: q\n";
    let found = skeleton(text).expect("the narrow style");
    let TopValue::List(users) = &found.top[0].value else { panic!("a list") };
    let spans: Vec<&str> = users.iter().map(|entry| entry.span.of(text)).collect();
    assert_eq!(spans, ["  - user:\n      token: t # why\n    name: 'b'\n", "  -   name: a\n"]);
    let names: Vec<_> = users.iter().map(|entry| (entry.name.text(text), entry.name.style)).collect();
    assert_eq!(names, [("b", Style::Single), ("a", Style::Plain)]);
    assert_eq!(users[0].name.span.of(text), "'b'");
    assert_eq!(&text[users[1].dash..users[1].dash + 2], "- ");
    let TopValue::Block(block) = found.top[1].value else { panic!("a block") };
    assert_eq!(block.of(text), "  p: q\n");
}

#[test]
fn current_context_is_the_string_or_none() {
    for (value, want) in
        [("a", Some("a")), ("'null'", Some("null")), ("null", None), ("\"\"", None), ("", None)]
    {
        let text = format!("current-context: {value}\n");
        let streamed = current_context(text.as_bytes()).expect("a slice reads without errors");
        assert_eq!(streamed, Some(want.map(str::to_owned)), "{text}");
        assert_eq!(skeleton(&text).expect("the narrow style").current_context(&text), want, "{text}");
    }
}

#[test]
fn the_short_cut_for_whole_entries_changes_nothing() {
    let short = "- name: a\n  user:\n    token: t\n";
    let long = "- name: b\n  user:\n    token: t\n    x: y\n";
    let text = BASE.to_owned() + "users:\n" + short + long + &short.replace("a\n", "c\n") + "x: y\n";
    let found = skeleton(&text).expect("the narrow style");
    let TopValue::List(users) = &found.top[2].value else { panic!("a list") };
    let lines: Vec<&str> = users.iter().map(|entry| entry.span.of(&text)).collect();
    assert_eq!(lines, [short, long, &short.replace("a\n", "c\n")]);
    let names: Vec<&str> = users.iter().map(|entry| entry.name.text(&text)).collect();
    assert_eq!(names, ["a", "b", "c"]);
    for twice in ["a", "b"] {
        assert!(!accepts(&text.replace("- name: c", &format!("- name: {twice}"))), "{twice}");
    }
}

/// The nodes of lines, by the scanner.
fn nodes_of(lines: &str, what: Lines<'_>) -> Option<Tree> {
    let mut tree = Tree::default();
    tree.root = Some(nodes(&mut tree, lines, Span::new(0, lines.len()), what)?);
    Some(tree)
}

/// Fails unless the full parser gives the same nodes for these lines.
fn same_nodes(lines: &str, what: Lines<'_>) {
    let read = nodes_of(lines, what).unwrap_or_else(|| panic!("not in the narrow style: {lines}"));
    let parsed = parse::tree(lines).unwrap_or_else(|error| panic!("{error}: {lines}"));
    assert_eq!(format!("{read:#?}"), format!("{parsed:#?}"), "{lines}");
}

#[test]
fn nodes_are_those_of_the_full_parser() {
    for (kind, lines) in [
        (Kind::Context, "- context:\n    cluster: arn:aws:eks:x:1:cluster/a\n    user: u\n  name: 'a: b'\n"),
        (Kind::Context, "  - name: a\n    context:\n      user: u\n      cluster: c"),
        (Kind::Context, "- context:\r\n    cluster: c\r\n  name: a\r\n"),
        (Kind::Context, "- context:\n    cluster: 'c'  # why\n    user: \"\"\n\n  # of it\n  name: a\n"),
        (Kind::Context, "- context:\n    cluster:\n    user: u\n  name: a\n"),
        (Kind::Context, "- name: a\n  context: {} # empty\n"),
        (Kind::Context, "- name: a\n  context:\n"),
        (Kind::Context, "-    name: a\n     other:\n     - x\n     -   b: c\n         d:\n"),
        (
            Kind::Context,
            "- context:\n    cluster: c\n    extensions:\n    - extension: [] # x\n      name: ext\n  name: a\n",
        ),
        (
            Kind::User,
            "- name: u\n  user:\n    exec:\n      args:\n        - a\n        - --b\n      env: []\n      command: aws\n",
        ),
        (
            Kind::User,
            "- name: u\n  more:\n  - a: []\n    b:\n      c: {}\n  - x\n  - 1\n  - null\n  user:\n    token: null\n",
        ),
    ] {
        same_nodes(lines, Lines::Entries(kind));
    }
    same_nodes(
        "  colors: yes\n  extensions:\n  - name: a\n    extension:\n      x: 0777\n",
        Lines::Top("preferences"),
    );
    same_nodes("- a\n- b:\n    c: d\n", Lines::Top("other"));
    for (lines, what) in [
        ("- name: a\n  context: {cluster: c}\n", Lines::Entries(Kind::Context)),
        ("- name: a\n- name: a\n", Lines::Entries(Kind::Context)),
        ("- name: a\n  user:\n    token: 1\n", Lines::Entries(Kind::User)),
        ("  colors: 1\n", Lines::Top("preferences")),
    ] {
        assert!(nodes_of(lines, what).is_none(), "{lines}");
    }
}

#[test]
fn nodes_of_whole_files_are_those_of_the_full_parser() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/valid");
    let mut entries = 0;
    for file in std::fs::read_dir(folder).expect("a folder") {
        let Ok(text) = std::fs::read_to_string(file.expect("a file").path()) else { continue };
        let Some(found) = skeleton(&text) else { continue };
        for top in &found.top {
            let key = top.key.of(&text);
            match (&top.value, Kind::from_list(key)) {
                (TopValue::List(list), Some(kind)) => {
                    for entry in list {
                        same_nodes(entry.span.of(&text), Lines::Entries(kind));
                        entries += 1;
                    }
                }
                (TopValue::Block(span), _) => same_nodes(span.of(&text), Lines::Top(key)),
                _ => {}
            }
        }
    }
    assert!(entries > 50, "{entries} entries");
}

//! Edits of one file: given a text, when something is asked for, then these bytes and no others have changed.

use kcx::kubeconfig::patch::{Op, PathStep, apply};
use kcx::kubeconfig::{Document, Kind};
use serde_json::{Value, json};

struct Given(&'static str);

fn given(text: &'static str) -> Given {
    Given(text)
}

struct When {
    result: Result<String, String>,
}

impl Given {
    #[track_caller]
    fn when(self, ops: &[Op]) -> When {
        let document = Document::parse(self.0.as_bytes().to_vec()).unwrap();
        assert_eq!(document.render(), self.0.as_bytes());
        let result =
            apply(&document, ops).map(|after| after.text().to_owned()).map_err(|refusal| refusal.to_string());
        When { result }
    }
}

impl When {
    #[track_caller]
    fn then(self, want: &str) {
        assert_eq!(self.result.as_deref(), Ok(want));
    }

    #[track_caller]
    fn refuses(self, want: &str) {
        assert_eq!(self.result.as_ref().map_err(String::as_str), Err(want));
    }
}

fn current(name: &str) -> Op {
    Op::SetTop { key: "current-context".into(), value: json!(name) }
}

fn set(kind: Kind, name: &str, path: &[&str], value: Value) -> Op {
    let path = path.iter().map(|key| PathStep::Key((*key).to_owned())).collect();
    Op::Set { kind, name: name.into(), path, value }
}

fn unset(kind: Kind, name: &str, path: &[&str]) -> Op {
    Op::Unset {
        kind,
        name: name.into(),
        path: path.iter().map(|key| PathStep::Key((*key).to_owned())).collect(),
    }
}

fn insert(kind: Kind, name: &str, body: impl Into<Value>) -> Op {
    Op::Insert { kind, name: name.into(), body: body.into().as_object().unwrap().clone() }
}

fn remove(kind: Kind, name: &str) -> Op {
    Op::Remove { kind, name: name.into() }
}

fn rename(kind: Kind, from: &str, to: &str) -> Op {
    Op::Rename { kind, from: from.into(), to: to.into() }
}

#[test]
fn a_changed_current_context_keeps_its_quotes_and_comment() {
    given("current-context: a # mine\n").when(&[current("b")]).then("current-context: b # mine\n");
    given("current-context: 'a' # mine\n").when(&[current("b")]).then("current-context: 'b' # mine\n");
    given("current-context: \"a\"").when(&[current("b")]).then("current-context: \"b\"");
    given("current-context: a\n").when(&[current("y")]).then("current-context: \"y\"\n");
    given("current-context:\nkind: Config\n")
        .when(&[current("b")])
        .then("current-context: b\nkind: Config\n");
    given("current-context: # none\n").when(&[current("b")]).then("current-context: b # none\n");
}

#[test]
fn a_new_current_context_is_inserted_where_kubectl_inserts_it() {
    given("apiVersion: v1\nkind: Config\n")
        .when(&[current("b")])
        .then("apiVersion: v1\ncurrent-context: b\nkind: Config\n");
    given("kind: Config\napiVersion: v1\n")
        .when(&[current("b")])
        .then("kind: Config\napiVersion: v1\ncurrent-context: b\n");
    given("apiVersion: v1").when(&[current("b")]).then("apiVersion: v1\ncurrent-context: b");
    given("").when(&[current("b")]).then("current-context: b\n");
    given("# only a comment\n").when(&[current("b")]).then("# only a comment\ncurrent-context: b\n");
    given("{}").when(&[current("b")]).then("{\"current-context\":\"b\"}");
    given("kind: Config\r\n").when(&[current("b")]).then("current-context: b\r\nkind: Config\r\n");
    given("# licence\nkind: Config\n")
        .when(&[current("b")])
        .then("# licence\nkind: Config\ncurrent-context: b\n");
}

#[test]
fn an_edited_json_file_stays_json() {
    given(r#"{"kind":"Config","current-context":"a"}"#)
        .when(&[current("b")])
        .then(r#"{"kind":"Config","current-context":"b"}"#);
    given(r#"{"kind":"Config","apiVersion":"v1"}"#)
        .when(&[current("b")])
        .then(r#"{"kind":"Config","apiVersion":"v1","current-context":"b"}"#);
    given("{\n  \"kind\": \"Config\",\n  \"contexts\": [\n    {\n      \"name\": \"a\",\n      \"context\": {\n        \"user\": \"u\"\n      }\n    }\n  ]\n}\n")
        .when(&[set(Kind::Context, "a", &["namespace"], json!("web"))])
        .then("{\n  \"kind\": \"Config\",\n  \"contexts\": [\n    {\n      \"name\": \"a\",\n      \"context\": {\n        \"user\": \"u\",\n        \"namespace\": \"web\"\n      }\n    }\n  ]\n}\n");
    given(r#"{"contexts":[{"name":"a","context":{"user":"u"}},{"name":"b"}]}"#)
        .when(&[remove(Kind::Context, "a"), insert(Kind::Context, "c", json!({"user": "u"}))])
        .then(r#"{"contexts":[{"name":"b"},{"name":"c","context":{"user":"u"}}]}"#);
    given(r#"{"contexts":[{"name":"a"}]}"#).when(&[remove(Kind::Context, "a")]).then(r#"{"contexts":[]}"#);
}

const KUBECTL: &str = "apiVersion: v1\nclusters:\n- cluster:\n    server: s1\n  name: c1\ncontexts:\n- context:\n    cluster: c1\n    user: u1\n  name: a\n- context:\n    cluster: c1\n    user: u2\n  name: b\ncurrent-context: a\nkind: Config\nusers:\n- name: u1\n  user:\n    token: t\n- name: u2\n  user: {}\n";

#[test]
fn edits_of_a_file_in_kubectls_style() {
    given(KUBECTL)
        .when(&[set(Kind::Context, "b", &["namespace"], json!("kube-system"))])
        .then(&KUBECTL.replace("    user: u2\n", "    namespace: kube-system\n    user: u2\n"));
    given(KUBECTL)
        .when(&[set(Kind::User, "u2", &["token"], json!("new"))])
        .then(&KUBECTL.replace("  user: {}\n", "  user:\n    token: new\n"));
    given(KUBECTL)
        .when(&[unset(Kind::User, "u1", &["token"])])
        .then(&KUBECTL.replace("  user:\n    token: t\n", "  user: {}\n"));
    given(KUBECTL)
        .when(&[rename(Kind::Context, "a", "x: y")])
        .then(&KUBECTL.replace("  name: a\n", "  name: \"x: y\"\n"));
    given(KUBECTL)
        .when(&[remove(Kind::Context, "a")])
        .then(&KUBECTL.replace("- context:\n    cluster: c1\n    user: u1\n  name: a\n", ""));
    given(KUBECTL)
        .when(&[remove(Kind::Cluster, "c1")])
        .then(&KUBECTL.replace("clusters:\n- cluster:\n    server: s1\n  name: c1\n", "clusters: []\n"));
    given(KUBECTL).when(&[insert(Kind::Context, "c", json!({"cluster": "c1", "user": "u1"}))]).then(
        &KUBECTL.replace("  name: b\n", "  name: b\n- context:\n    cluster: c1\n    user: u1\n  name: c\n"),
    );
    given(KUBECTL)
        .when(&[set(Kind::User, "u1", &["exec"], json!({"command": "aws", "args": ["a", "--b"], "env": [{"name": "A", "value": "1"}]}))])
        .then(&KUBECTL.replace(
            "    token: t\n",
            "    exec:\n      command: aws\n      args:\n      - a\n      - \"--b\"\n      env:\n      - name: A\n        value: \"1\"\n    token: t\n",
        ));
    given(KUBECTL).when(&[]).then(KUBECTL);
}

#[test]
fn an_entry_is_inserted_into_an_empty_or_missing_list() {
    for empty in ["contexts: []\n", "contexts: null\n", "contexts:\n", ""] {
        let text: &'static str = format!("apiVersion: v1\n{empty}kind: Config\n").leak();
        given(text)
            .when(&[insert(Kind::Context, "a", json!({"cluster": "c"}))])
            .then("apiVersion: v1\ncontexts:\n- context:\n    cluster: c\n  name: a\nkind: Config\n");
    }
    given("contexts: # mine\nkind: Config\n")
        .when(&[insert(Kind::Context, "a", json!({"cluster": "c"}))])
        .then("contexts: # mine\n- context:\n    cluster: c\n  name: a\nkind: Config\n");
}

#[test]
fn new_lines_follow_the_indentation_of_the_file() {
    let text = "contexts:\n    -   name: a # first\n        context:\n            cluster: c\n\n    # second\n    -   name: b\n        context:\n            cluster: d # why\n\n# the end\n";
    given(text).when(&[insert(Kind::Context, "c", json!({"cluster": "e"}))]).then(&text.replace(
        "cluster: d # why\n",
        "cluster: d # why\n    -   name: c\n        context:\n            cluster: e\n",
    ));
    given(text)
        .when(&[set(Kind::Context, "b", &["namespace"], json!("web"))])
        .then(&text.replace("cluster: d # why\n", "cluster: d # why\n            namespace: web\n"));
    given(text).when(&[remove(Kind::Context, "b")]).then(
        "contexts:\n    -   name: a # first\n        context:\n            cluster: c\n\n\n# the end\n",
    );
}

#[test]
fn editing_an_anchored_value_gives_its_aliases_a_copy() {
    let text = "users:\n- name: a\n  user: &shared\n    token: t\n- name: b\n  user: *shared\n";
    given(text)
        .when(&[set(Kind::User, "a", &["token"], json!("new"))])
        .then("users:\n- name: a\n  user: &shared\n    token: new\n- name: b\n  user:\n    token: t\n");
    // An alias is a copy in all but spelling: it is spelled out and then changed.
    given(text)
        .when(&[set(Kind::User, "b", &["token"], json!("new"))])
        .then("users:\n- name: a\n  user: &shared\n    token: t\n- name: b\n  user:\n    token: new\n");
}

#[test]
fn every_kind_of_alias_gets_its_own_copy() {
    // Several, one of them in a flow mapping with a comment behind it.
    given("users:\n- name: a\n  user: &u {token: t}\n- {name: b, user: *u} # why\n- name: c\n  user: *u # so\n")
        .when(&[unset(Kind::User, "a", &["token"])])
        .then("users:\n- name: a\n  user: &u {}\n- {name: b, user: {token: t}} # why\n- name: c\n  user: # so\n    token: t\n");
    // A field is taken out of a copy.
    given("users:\n- name: a\n  user: &u\n    token: t\n    username: me\n- name: b\n  user: *u\n")
        .when(&[unset(Kind::User, "b", &["token"])])
        .then("users:\n- name: a\n  user: &u\n    token: t\n    username: me\n- name: b\n  user:\n    username: me\n");
    // A name.
    given("clusters:\n- name: &n a\n  cluster: {}\ncontexts:\n- name: x\n  context:\n    cluster: *n\ncurrent-context: *n\n")
        .when(&[Op::Rename { kind: Kind::Cluster, from: "a".into(), to: "b".into() }])
        .then("clusters:\n- name: &n b\n  cluster: {}\ncontexts:\n- name: x\n  context:\n    cluster: a\ncurrent-context: a\n");
    // A whole entry, and a whole list.
    given("clusters: []\nx-entry: &e {name: a, context: {user: u}}\ncontexts:\n- *e\n- name: b\n")
        .when(&[set(Kind::Context, "a", &["user"], json!("v"))])
        .then("clusters: []\nx-entry: &e {name: a, context: {user: u}}\ncontexts:\n- {name: a, context: {user: v}}\n- name: b\n");
    given("x-users: &all\n- name: a\n  user:\n    token: t\nusers: *all\n")
        .when(&[remove(Kind::User, "a")])
        .then("x-users: &all\n- name: a\n  user:\n    token: t\nusers: []\n");
    // What a merge key brings along.
    given("clusters:\n- name: a\n  cluster: &c\n    server: s\n- name: b\n  cluster:\n    <<: *c\n    proxy-url: p\n")
        .when(&[set(Kind::Cluster, "a", &["server"], json!("new"))])
        .then("clusters:\n- name: a\n  cluster: &c\n    server: new\n- name: b\n  cluster:\n    <<:\n      server: s\n    proxy-url: p\n");
    // One anchor inside another.
    given("users:\n- name: a\n  user: &u\n    exec: &e\n      command: c\n- name: b\n  user: *u\n- name: c\n  user:\n    exec: *e\n")
        .when(&[set(Kind::User, "a", &["exec", "command"], json!("d"))])
        .then("users:\n- name: a\n  user: &u\n    exec: &e\n      command: d\n- name: b\n  user:\n    exec:\n      command: c\n- name: c\n  user:\n    exec:\n      command: c\n");
    // A key is no value.
    given("x: &k token\nusers:\n- name: a\n  user:\n    *k : t\n")
        .when(&[Op::UnsetTop { key: "x".into() }])
        .refuses("line 1, column 7: editing this value would also change its aliases");
}

#[test]
fn text_added_after_a_final_block_scalar_does_not_add_a_line_end_to_it() {
    let text = "users:\n- name: a\n  user:\n    token: |\n      abc";
    given(text)
        .when(&[insert(Kind::User, "b", json!({"token": "t"}))])
        .then("users:\n- name: a\n  user:\n    token: |-\n      abc\n- name: b\n  user:\n    token: t");
    given(text)
        .when(&[Op::SetTop { key: "x-other".into(), value: json!("x") }])
        .then("users:\n- name: a\n  user:\n    token: |-\n      abc\nx-other: x");
    given("users:\n- name: a\n  user:\n    token: >2+ # why\n      abc")
        .when(&[set(Kind::User, "a", &["username"], json!("me"))])
        .then("users:\n- name: a\n  user:\n    token: >2- # why\n      abc\n    username: me");
    given(text)
        .when(&[set(Kind::User, "a", &["token"], json!("t"))])
        .then("users:\n- name: a\n  user:\n    token: t");
    given("users:\n- name: a\n- name: b\n  user:\n    token: |\n      abc")
        .when(&[remove(Kind::User, "b")])
        .then("users:\n- name: a");
}

#[test]
fn a_block_scalar_that_becomes_the_last_text_keeps_its_line_end() {
    given("users:\n- name: a\n  user:\n    token: |\n      abc\n- name: b")
        .when(&[remove(Kind::User, "b")])
        .then("users:\n- name: a\n  user:\n    token: |\n      abc\n");
}

#[test]
fn aliases_keep_the_value_of_a_removed_anchor() {
    let text = "users:\n- name: a\n  user: &shared\n    token: t\n- name: b\n  user: *shared\n";
    given(text).when(&[remove(Kind::User, "a")]).then("users:\n- name: b\n  user:\n    token: t\n");
    given(text).when(&[remove(Kind::User, "b")]).then("users:\n- name: a\n  user: &shared\n    token: t\n");
    given("users:\n- name: a\n  user: &lonely\n    token: t\n")
        .when(&[unset(Kind::User, "a", &["token"])])
        .then("users:\n- name: a\n  user: &lonely {}\n");
}

#[test]
fn an_aliased_list_is_copied_and_then_changed() {
    let text = "x: &args [one]\nusers:\n- name: a\n  user:\n    exec:\n      args: *args\n      command: c\n";
    let path = vec![PathStep::Key("exec".into()), PathStep::Key("args".into()), PathStep::Index(1)];
    given(text)
        .when(&[Op::Set { kind: Kind::User, name: "a".into(), path, value: json!("two") }])
        .then(&text.replace("*args", "\n      - one\n      - two").replace("args: \n", "args:\n"));
}

#[test]
fn edits_do_not_add_a_missing_final_line_end() {
    given("users:\n- name: a\n- name: b").when(&[remove(Kind::User, "b")]).then("users:\n- name: a");
    given("kind: Config\ncurrent-context: a")
        .when(&[Op::UnsetTop { key: "current-context".into() }])
        .then("kind: Config");
    given("users:\n- name: a")
        .when(&[insert(Kind::User, "b", json!({"token": "t"}))])
        .then("users:\n- name: a\n- name: b\n  user:\n    token: t");
}

#[test]
fn empty_values_after_a_colon_or_dash_are_located() {
    let text = "users:\n- name: a\n  user:\n    exec:\n      command: c\n      env:\n- name: b\n- name: c\n";
    given(text).when(&[remove(Kind::User, "b")]).then(&text.replace("- name: b\n", ""));
    given(text).when(&[unset(Kind::User, "c", &["token"])]).then(text);
    given("contexts:\n- name: a\n  context: # none\n-\nkind: Config\n")
        .when(&[insert(Kind::Context, "b", json!({"user": "u"}))])
        .then(
            "contexts:\n- name: a\n  context: # none\n-\n- context:\n    user: u\n  name: b\nkind: Config\n",
        );
}

#[test]
fn a_comment_inside_an_empty_flow_mapping_is_kept() {
    given("users: [{name: a, user: {  # why\n  }}]\n")
        .when(&[set(Kind::User, "a", &["token"], json!("t"))])
        .then("users: [{name: a, user: {token: t  # why\n  }}]\n");
}

#[test]
fn blank_lines_at_the_end_of_a_block_scalar_are_kept() {
    let text = "users:\n- name: a\n  user:\n    client-key-data: |+\n      S0VZ\n\ncurrent-context: a\n";
    given(text)
        .when(&[insert(Kind::User, "b", json!({"token": "t"}))])
        .then(&text.replace("current", "- name: b\n  user:\n    token: t\ncurrent"));
}

#[test]
fn unknown_fields_and_extensions_are_kept() {
    let text = "x-mine: {a: 1}\ncontexts:\n- name: a\n  note: keep\n  context: {cluster: c, x: [1, 2], extensions: [{name: e, extension: {z: 1}}]}\n";
    given(text)
        .when(&[set(Kind::Context, "a", &["namespace"], json!("web"))])
        .then(&text.replace("{z: 1}}]}", "{z: 1}}], namespace: web}"));
    given(text)
        .when(&[unset(Kind::Context, "a", &["cluster"])])
        .then(&text.replace("{cluster: c, x:", "{x:"));
}

#[test]
fn unsetting_a_duplicate_key_removes_all_of_its_occurrences() {
    given("current-context: a\ncurrent-context: b\nkind: Config\n")
        .when(&[Op::UnsetTop { key: "current-context".into() }])
        .then("kind: Config\n");
    given("current-context: a\ncurrent-context: b\n")
        .when(&[current("c")])
        .then("current-context: a\ncurrent-context: c\n");
}

#[test]
fn only_the_first_document_is_edited() {
    given("current-context: a\n---\ncurrent-context: z\n")
        .when(&[current("b")])
        .then("current-context: b\n---\ncurrent-context: z\n");
    given("kind: Config\n---\ncurrent-context: z\n")
        .when(&[current("b")])
        .then("current-context: b\nkind: Config\n---\ncurrent-context: z\n");
}

#[test]
fn block_scalars_are_replaced_as_a_whole() {
    let text = "users:\n- name: a\n  user:\n    client-key-data: |\n      S0VZ\n      S0VZ\n    token: t\n";
    given(text)
        .when(&[set(Kind::User, "a", &["client-key-data"], json!("TkVX"))])
        .then("users:\n- name: a\n  user:\n    client-key-data: TkVX\n    token: t\n");
    given(text)
        .when(&[unset(Kind::User, "a", &["client-key-data"])])
        .then("users:\n- name: a\n  user:\n    token: t\n");
}

#[test]
fn lists_inside_an_entry_are_changed_item_by_item() {
    let text = "users:\n- name: a\n  user:\n    exec:\n      command: c\n      args: # all of them\n      # first\n      - one\n      - two # second\n      env: [{name: A, value: \"1\"}]\n";
    let at = |path: &[PathStep], value: Value| Op::Set {
        kind: Kind::User,
        name: "a".into(),
        path: path.to_vec(),
        value,
    };
    let args = |index| [PathStep::Key("exec".into()), PathStep::Key("args".into()), PathStep::Index(index)];
    given(text).when(&[at(&args(1), json!("zwei"))]).then(&text.replace("two", "zwei"));
    given(text)
        .when(&[at(&args(2), json!("three"))])
        .then(&text.replace("# second\n", "# second\n      - three\n"));
    given(text)
        .when(&[set(Kind::User, "a", &["exec", "args"], json!(["x"]))])
        .then(&text.replace("      - one\n      - two # second\n", "      - x\n"));
    given(text)
        .when(&[at(
            &[PathStep::Key("exec".into()), PathStep::Key("env".into()), PathStep::Index(1)],
            json!({"name": "B", "value": "2"}),
        )])
        .then(&text.replace("\"1\"}]", "\"1\"}, {name: B, value: \"2\"}]"));
}

#[test]
fn a_comment_after_a_value_that_becomes_a_mapping_is_kept() {
    let token = || set(Kind::User, "a", &["token"], json!("t"));
    let user = || set(Kind::User, "a", &["username"], json!("u"));
    for nothing in ["null # why: because ", "# why: because ", "{} # why: because "] {
        let before = format!("users:\n- name: a\n  user: {nothing} \n- name: b\n");
        let after = "users:\n- name: a\n  user: # why: because  \n    token: t\n- name: b\n";
        given(before.clone().leak()).when(&[token()]).then(after);
        let both = after.replace("    token: t\n", "    token: t\n    username: u\n");
        given(before.clone().leak()).when(&[token(), user()]).then(&both);
        given(before.replace('\n', "\r\n").leak()).when(&[token(), user()]).then(&both.replace('\n', "\r\n"));
        given(before.trim_end_matches("\n- name: b\n").to_owned().leak())
            .when(&[token()])
            .then(after.trim_end_matches("\n- name: b\n"));
    }
    given("users:\n- name: a\n  user: {}  \n")
        .when(&[token()])
        .then("users:\n- name: a\n  user:\n    token: t\n");
}

#[test]
fn a_lone_carriage_return_ends_a_line() {
    let text = "contexts:\r\n\r- name: a\r  context:\r    cluster: c\n";
    let body = json!({"cluster": "d"});
    given(text).when(&[insert(Kind::Context, "b", body)]).then(
        "contexts:\r\n\r- name: a\r  context:\r    cluster: c\n- name: b\r\n  context:\r\n    cluster: d\r\n",
    );
    given(text)
        .when(&[set(Kind::Context, "a", &["user"], json!("u"))])
        .then("contexts:\r\n\r- name: a\r  context:\r    cluster: c\n    user: u\r\n");
    given("contexts:\r- name: a\r- name: b\rkind: Config\n")
        .when(&[remove(Kind::Context, "a")])
        .then("contexts:\r- name: b\rkind: Config\n");
    given("contexts:\r- name: a\r  context: # why\rkind: Config\r")
        .when(&[set(Kind::Context, "a", &["user"], json!("u"))])
        .then("contexts:\r- name: a\r  context: # why\r    user: u\rkind: Config\r");
}

#[test]
fn comments_belong_to_the_same_entry_with_all_line_ends() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = |text: &str| text.replace('|', end);
        let text =
            lines("contexts:|- name: a|  context:|    # u's|    user: u|# b's|- name: b|  context: {}|");
        let document = Document::parse(text.into_bytes()).unwrap();
        let after = apply(&document, &[remove(Kind::Context, "b")]).unwrap();
        assert_eq!(after.text(), lines("contexts:|- name: a|  context:|    # u's|    user: u|"), "{end:?}");
        let after = apply(&document, &[set(Kind::Context, "a", &["cluster"], json!("c"))]).unwrap();
        let want = "contexts:|- name: a|  context:|    # u's|    user: u|    cluster: c|# b's|- name: b|  context: {}|";
        assert_eq!(after.text(), lines(want), "{end:?}");
    }
}

#[test]
fn the_additional_line_ends_of_yaml_1_1_are_recognized() {
    for end in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let text = |text: &str| text.replace('|', &end.to_string());
        let given = |before: &str| Document::parse(text(before).into_bytes()).unwrap();
        let added = insert(Kind::User, "b", json!({"token": "t"}));
        let after = apply(
            &given("users:\n- name: a\n  user: {}|- name: c\n  user: {}\n"),
            std::slice::from_ref(&added),
        );
        let want = "users:\n- name: a\n  user: {}|- name: c\n  user: {}\n- name: b\n  user:\n    token: t\n";
        assert_eq!(after.unwrap().text(), text(want), "{end:?}");
        let after = apply(&given("users:|- name: a|  user: {}|kind: Config|"), std::slice::from_ref(&added));
        let want = "users:|- name: a|  user: {}|- name: b\n  user:\n    token: t\nkind: Config|";
        assert_eq!(after.unwrap().text(), text(want), "{end:?}");
        let after = apply(&given("users: []\rcurrent-context: a|# why\n"), &[current("b")]);
        assert_eq!(after.unwrap().text(), text("users: []\rcurrent-context: b|# why\n"), "{end:?}");
        let after = apply(&given("users: []\rcurrent-context: a|"), &[current("b")]);
        assert_eq!(after.unwrap().text(), text("users: []\rcurrent-context: b|"), "{end:?}");
        let after = apply(&given("users:|# why|- name: a|  user: {}|- name: b|"), &[remove(Kind::User, "a")]);
        assert_eq!(after.unwrap().text(), text("users:|- name: b|"), "{end:?}");
        let after = apply(
            &given("users:|- name: a|  user:|    token: t|"),
            &[set(Kind::User, "a", &["token"], json!("u"))],
        );
        assert_eq!(after.unwrap().text(), text("users:|- name: a|  user:|    token: u|"), "{end:?}");
        let after = apply(
            &given("users:|- name: a|  user:|    token: t|"),
            &[set(Kind::User, "a", &["as"], json!("u"))],
        );
        assert_eq!(
            after.unwrap().text(),
            text("users:|- name: a|  user:|    as: u\n    token: t|"),
            "{end:?}"
        );
    }
}

#[test]
fn an_entry_after_one_that_ends_in_an_empty_item_is_removed() {
    let text = "contexts:\n- name: web # \u{e9}\n  x-more:\n  - \n- name: new\n  context:\n      cluster: d\npreferences: {}\n";
    given(text)
        .when(&[remove(Kind::Context, "new")])
        .then("contexts:\n- name: web # \u{e9}\n  x-more:\n  - \npreferences: {}\n");
}

#[test]
fn line_breaks_inside_an_empty_flow_mapping_are_kept() {
    given("users:\n- {name: u, user: {\n    }}\n")
        .when(&[set(Kind::User, "u", &["token"], json!("t"))])
        .then("users:\n- {name: u, user: {token: t\n    }}\n");
}

#[test]
fn a_key_is_added_next_to_an_anchored_key() {
    given("users:\n- name: u\n  user:\n    &a password: p\n    username: me\n")
        .when(&[set(Kind::User, "u", &["token"], json!("t"))])
        .then("users:\n- name: u\n  user:\n    &a password: p\n    token: t\n    username: me\n");
}

#[test]
fn setting_an_equal_value_changes_nothing() {
    let exec = json!({"command": "kcx", "args": ["a"]});
    let text = r#"{"users":[{"name":"u","user":{"x":1, "exec":{"args":["a"],"command":"kcx"}}}]}"#;
    given(text).when(&[set(Kind::User, "u", &["exec"], exec)]).then(text);
}

#[test]
fn a_key_is_added_after_a_list_that_ends_in_an_empty_item() {
    let text = "users:\n- name: u\n  user:\n    password: p\n    x-more:\n    - \n- user:\n    token: t\n  name: v\n";
    given(text).when(&[set(Kind::User, "u", &["token"], json!("t"))]).then(
        "users:\n- name: u\n  user:\n    password: p\n    token: t\n    x-more:\n    - \n- user:\n    token: t\n  name: v\n",
    );
    let text = "users:\n- name: u\n  user:\n    username: p\n    x-more:\n    - \n- user:\n    token: t\n  name: v\n";
    given(text).when(&[set(Kind::User, "u", &["zone"], json!("z"))]).then(
        "users:\n- name: u\n  user:\n    username: p\n    x-more:\n    - \n    zone: z\n- user:\n    token: t\n  name: v\n",
    );
}

#[test]
fn removing_the_last_key_leaves_an_empty_mapping_if_text_follows() {
    given("  current-context: c\nkind: Config\nx\n")
        .when(&[Op::UnsetTop { key: "current-context".into() }])
        .then("  {}\nkind: Config\nx\n");
    given("current-context: c\n---\nkind: Config\nx\n")
        .when(&[Op::UnsetTop { key: "current-context".into() }])
        .then("{}\n---\nkind: Config\nx\n");
    given("current-context: c\n").when(&[Op::UnsetTop { key: "current-context".into() }]).then("");
}

#[test]
fn removing_an_explicit_key_without_a_value_is_refused() {
    given("? kind\n: Config\n? current-context\n:ver: x\n")
        .when(&[Op::UnsetTop { key: "current-context".into() }])
        .refuses("line 3, column 3: this layout cannot be edited without reformatting it");
}

//! Output never contains a secret of a kubeconfig, however it is written, nor anything that a terminal would obey.

#![cfg(unix)]

use crate::common::Sandbox;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kcx::kubeconfig::Kind;
use kcx::kubeconfig::schema::{Field, Type};
use kcx::printer::quote::visible;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A sandbox in which `kcx edit` copies what the editor was given to `state/seen`.
fn sandbox(text: &str, terminal: bool) -> Sandbox {
    let sandbox = Sandbox::with(text)
        .file("settings/config.yaml", "sources:\n- {name: lab, dir: '~/F*'}\n")
        .file("state/editor", "#!/bin/sh\ncat \"$1\" >\"${0%/*}/seen\"\n");
    let path = sandbox.path().join("state/editor");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let mut sandbox = sandbox;
    sandbox.env.config = Some(sandbox.path().join("settings"));
    sandbox.env.editor = Some(path.into());
    sandbox.env.stdout_is_terminal = terminal;
    sandbox.env.stderr_is_terminal = terminal;
    sandbox.env.no_color = true;
    sandbox
}

/// The output of a command: stdout, then stderr.
fn said(sandbox: &Sandbox, words: &[&str]) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let file = |word: &str| ["E", "E2", "F", "out", "out.yaml", "merged.yaml"].contains(&word);
    let path = |word: &str| sandbox.path().join(word).to_string_lossy().into_owned();
    let words = words.iter().map(|word| if file(word) { path(word) } else { (*word).to_owned() });
    let words: Vec<String> = words.collect();
    kcx::cli::run(&words, &sandbox.env, &mut out, &mut err);
    (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// A kubeconfig with a secret in every place; `@` stands for a new one, `%` for one in base64.
const BLOCK: &str = r#"
# token: @
# old: kubectl --password @ --region eu
# https://me:@@registry.example/x
apiVersion: v1
kind: Config
current-context: x
x-common: &common
  token: @
clusters:
- name: c # password: @
  cluster:
    server: https://me:@@a.example:6443
    proxy-url: http://me:@@proxy.example:3128
    x-secret: {deep: [@, '@', "@"]}
    extensions:
    - name: e
      extension: {api-key: @, list: [{client-secret: @}], url: 'https://me:@@h/?access_token=@'}
contexts:
- name: x
  context: {cluster: c, user: u}
users:
- name: u
  user: {token: @, password: '@', username: me, client-key-data: %}
- name: twice
  user:
    token: @
    token: @
- name: merged
  user:
    <<: *common
    password: |
      @
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: no-such-plugin
      interactiveMode: Never
      installHint: "set TOKEN=@ first"
      args: [get-token, --token=@, -p, @, --client-secret, "@", 'PASSWORD=@', '{"password": "@"}', https://me:@@h]
      env:
      - {name: DB_PASSWORD, value: @}
      - name: API_KEY
        value: "@"
      - {name: VAULT_TOKEN, value: &anchored @}
      - {name: HTTPS_PROXY, value: 'http://me:@@p'}
      - {name: SSH_PRIVATE_KEY, value: *anchored}
- name: script
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: sh
      interactiveMode: Never
      args:
      - -c
      - |
        export SECRET=@
        login --password '@' -p@
        curl -H 'Authorization: Bearer @' https://me:@@h
- name: provider
  user:
    auth-provider:
      name: oidc
      config: {client-id: kcx, client-secret: @, id-token: @, refresh-token: "@", access-token: '@'}
---
token: @
users:
- name: v
  user:
    token: @
    password: '@'
    client-key-data: %
    exec: {args: [--token, @], env: [{name: SECRET, value: @}]}
# password: @
---
apiVersion: v1
kind: Secret
data: {config: %}
stringData: {other: @}
...
---
- {client-secret: @}
--- {"users": [{"name": "w", "user": {"token": "@"}}]}
---
broken: [ @
token: @
"#;

/// A text with its marks replaced by secrets, and these secrets.
fn filled(text: &str) -> (String, Vec<String>) {
    let (mut filled, mut secrets) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = rest.find(['@', '%']) {
        // The second `@` of two is the separator of a URL's login.
        let secret = format!("s3cr3t{:03}", secrets.len());
        filled += &rest[..at];
        filled += &if rest[at..].starts_with('%') { STANDARD.encode(&secret) } else { secret.clone() };
        secrets.push(secret);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('@') {
            filled.push('@');
            rest = behind;
        }
    }
    (filled + rest, secrets)
}

/// The first document as JSON.
fn as_json() -> String {
    let (text, _) = filled(BLOCK.split("\n---").next().unwrap());
    let sandbox = Sandbox::with(&text);
    let (out, err) = said(&sandbox, &["config", "view", "--raw", "-o", "json"]);
    assert!(err.is_empty(), "{err}");
    out
}

#[track_caller]
fn shows_none(secrets: &[String], said: &str, what: &str) {
    for secret in secrets {
        for form in [secret.clone(), STANDARD.encode(secret)] {
            assert!(!said.contains(&form), "{what} shows {form}:\n{said}");
        }
    }
}

/// The commands that show or describe a part of a kubeconfig. `F` is a file with the same content.
const SHOWING: &str = "
get|get -o wide|get -o name|get -o json|get -o yaml
get clusters|get clusters -o wide|get clusters -o json|get clusters -o yaml
get users|get users -o wide|get users -o json|get users -o yaml|get nothing
current|current -o json|current -o yaml|current -o wide
status --timeout 1ms|status -o json --timeout 1ms|status -o yaml --timeout 1ms
whoami --timeout 1ms|whoami -o json --timeout 1ms|get namespaces -o json
exec x --dry-run -- true|exec x --dry-run -o json -- true
lint|lint -o json|lint -o yaml|lint -o sarif|lint -o github|lint --fix --dry-run|lint F
diff F|diff F -o json|diff F -o yaml|diff E|diff E -o json|diff E F
import F --into E|import F --into E --dry-run --allow-exec|import F --into E --dry-run -o json --allow-exec
import F --into E --allow-exec -o yaml
history|history -o json|history -o yaml|undo --dry-run|undo
use x|ns web|rename x y|rename user/u user/w|copy y z|delete z|prune|prune --yes
history|history -o json|undo 3 --dry-run|undo 3
edit|edit user/u|edit user/plugin|edit cluster/c
credential list|credential list -o json|credential seal --all --dry-run|credential seal u --store file
protect|protect -o json|prompt|prompt --format {context}{cluster}{user}
doctor|doctor --all|doctor -o json|settings show|settings show -o json|version|version -o json|env x|env x -n web --shell nushell
config get-contexts|config get-clusters|config get-users|config current-context|config use-context x
config set-context x --namespace=a|config delete-user nobody|config rename-context no no2
split --dir out|export -O out.yaml|merge F E -O merged.yaml
source list|source list -o json|source test lab|source test lab -o json
sync --dry-run|sync --allow-exec|sync -o json|sync -o yaml|sync --prune";

#[test]
fn no_command_shows_a_secret() {
    let (block, secrets) = filled(BLOCK);
    assert!(secrets.len() > 50, "{}", secrets.len());
    let first = block.split("\n---").next().unwrap().to_owned();
    for (what, text) in [("documents", &block), ("one document", &first), ("json", &as_json())] {
        for terminal in [false, true] {
            let sandbox =
                sandbox(text, terminal).file("F", &text.replace("cluster: c,", "cluster: c2,")).file("E", "");
            let mut shown = 0;
            for line in SHOWING.split(['\n', '|']).filter(|line| !line.is_empty()) {
                let words: Vec<&str> = line.split(' ').collect();
                let (out, err) = said(&sandbox, &words);
                shows_none(&secrets, &(out.clone() + &err), &format!("{what}: kcx {line}"));
                shown += usize::from(!out.is_empty());
                if let Ok(seen) = fs::read_to_string(sandbox.path().join("state/seen")) {
                    assert!(seen.contains("<masked-1>"), "{line}: {seen}");
                    shows_none(&secrets, &seen, &format!("{what}: the editor of kcx {line}"));
                    fs::remove_file(sandbox.path().join("state/seen")).unwrap();
                }
            }
            assert!(shown > 25, "{shown}");
        }
    }
}

#[test]
fn no_error_shows_a_secret() {
    let (block, secrets) = filled(BLOCK);
    let lines: Vec<&str> = block.lines().collect();
    // One line is broken at a time: a bracket, a tab, an unclosed quote.
    for at in 1..lines.len() {
        for broken in ["[", "\t", "\"", ": x: "] {
            let mut lines = lines.clone();
            let line = format!("{broken}{}", lines[at]);
            lines[at] = &line;
            let sandbox = sandbox(&lines.join("\n"), at % 2 == 0);
            for words in [["get", "users"], ["lint", "-q"], ["config", "view"], ["use", "y"]] {
                let (out, err) = said(&sandbox, &words);
                // `config view` shows what kubectl shows.
                let shown = if words[0] == "config" { err } else { out + &err };
                shows_none(&secrets, &shown, &format!("{words:?} with {line:?}"));
            }
        }
    }
}

#[test]
fn secrets_of_all_documents_come_back_from_the_editor() {
    let (block, _) = filled(BLOCK);
    let sandbox = sandbox(&block, false);
    let script = sandbox.path().join("state/editor");
    let kubeconfig = sandbox.path().join(".kube/config");
    fs::write(&script, "#!/bin/sh\nsed -i 's/^kind: Config/&\\n# edited/' \"$1\"\n").unwrap();
    let (_, err) = said(&sandbox, &["edit"]);
    assert!(err.contains("saved"), "{err}");
    let want = block.replace("kind: Config", "kind: Config\n# edited");
    assert_eq!(fs::read_to_string(&kubeconfig).unwrap(), want);
    // Editing a mask in another document is refused as in the first.
    fs::write(&script, "#!/bin/sh\nsed -i '/^- name: v/,$ s/token: </token: x</' \"$1\"\n").unwrap();
    let (_, err) = said(&sandbox, &["edit"]);
    assert!(err.contains("is the mask of a secret"), "{err}");
    assert_eq!(fs::read_to_string(&kubeconfig).unwrap(), want);
}

#[test]
fn lint_sees_the_secrets_of_all_documents() {
    let sandbox =
        sandbox("kind: Config\napiVersion: v1\n---\nusers: [{name: v, user: {token: abc}}]\n", false);
    fs::set_permissions(sandbox.path().join(".kube/config"), fs::Permissions::from_mode(0o644)).unwrap();
    let (out, _) = said(&sandbox, &["lint"]);
    assert!(out.contains("KCX501"), "{out}");
    assert!(out.contains("KCX317"), "{out}");
}

/// Everything that a terminal would obey, hide or reorder, and what a shell or tmux would evaluate.
const ESCAPES: &str = "\u{1b}]0;pwn\u{7}\u{1b}[31m\u{9b}2J\u{202e}evil\u{200b}\u{2066}\u{feff}\u{e0041}\u{2028}\u{85}\n\r\t\u{7f}é";

fn hostile() -> String {
    let odd = |name: &str| format!("{name}{ESCAPES}");
    let url = ESCAPES.replace('\n', "");
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": odd("ctx"),
        "clusters": [
            {"name": odd("cl"), "cluster": {
                "server": format!("https://127.0.0.1:1/{url}"), "proxy-url": format!("http://127.0.0.1:1{url}"),
                "certificate-authority": odd("ca"), "tls-server-name": odd("sni"),
                "extensions": [{"name": odd("e"), "extension": {odd("k"): odd("v")}}]}},
            {"name": "c2", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [
            {"name": odd("us"), "user": {"username": odd("me"), "as": odd("as"), "as-groups": [odd("g")], "exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "command": odd("cmd"), "args": [odd("a")],
                "env": [{"name": odd("N"), "value": odd("V")}], "installHint": odd("hint"), "interactiveMode": "Never"}}},
            {"name": "u2", "user": {"auth-provider": {"name": odd("ap"), "config": {odd("k"): odd("v")}}}}],
        "contexts": [
            {"name": odd("ctx"), "context": {"cluster": odd("cl"), "user": odd("us"), "namespace": odd("ns")}},
            {"name": "c2", "context": {"cluster": "c2", "user": "u2"}},
            {"name": odd("dang"), "context": {"cluster": odd("no"), "user": odd("no")}}],
        odd("k"): {"u": 1},
    })
    .to_string();
    // YAML allows no raw control characters, and kubectl no surrogate pair for one character.
    kcx::printer::json::escaped(&text).replace("\\udb40\\udc41", "\u{e0041}")
}

#[track_caller]
fn nothing_is_obeyed(text: &str, what: &str) {
    // A tab only moves the cursor.
    for line in text.split(['\n', '\t']) {
        assert_eq!(visible(line), line, "{what}:\n{text:?}");
    }
}

/// Every command that prints JSON and YAML, and those that print kubeconfigs on a terminal.
const VALUES: &str = "
get|get contexts c2|get clusters|get users|get namespaces|current|status --timeout 1s|whoami --timeout 1s
lint|lint --severity info F|history|diff F|diff E|diff E F
import F --into E --dry-run --allow-exec|import F --into E2 --allow-exec --on-conflict=rename|history
exec c2 --dry-run -- true|exec c2 --timeout 5s -- true|credential list|protect
export c2|export --all|merge F|config view|config view --raw|config view --minify
source list|source test lab|sync --dry-run|sync --allow-exec";

#[test]
fn json_and_yaml_have_nothing_that_a_terminal_would_obey() {
    let text = hostile();
    for terminal in [true, false] {
        let sandbox =
            sandbox(&text, terminal).file("F", &text.replace("c2", "c3")).file("E", "").file("E2", "");
        let mut lengths = 0;
        for line in VALUES.split(['\n', '|']).filter(|line| !line.is_empty()) {
            // In a pipe a kubeconfig has kubectl's bytes.
            if !terminal && ["config", "export", "merge"].iter().any(|command| line.starts_with(command)) {
                continue;
            }
            for format in ["json", "yaml"] {
                let mut words: Vec<&str> = line.split(' ').collect();
                words.splice(1..1, if words[0] == "config" { vec![] } else { vec!["-o", format] });
                if words[0] == "config" {
                    words.extend(["-o", format]);
                }
                let (out, err) = said(&sandbox, &words);
                nothing_is_obeyed(&out, &format!("stdout of {words:?}"));
                lengths += usize::from(out.len() > 20);
                if terminal {
                    nothing_is_obeyed(&err.replace("\r\u{1b}[K", ""), &format!("stderr of {words:?}"));
                }
                let value: Option<Value> = match format {
                    "json" if !out.is_empty() => Some(serde_json::from_str(&out).expect(line)),
                    "yaml" if !out.is_empty() => Some(serde_yaml::from_str(&out).expect(line)),
                    _ => None,
                };
                if line == "get" {
                    assert_eq!(value.expect(&err)[1]["name"], format!("ctx{ESCAPES}"), "{out}");
                }
            }
        }
        assert!(lengths > 25, "{lengths}");
    }
}

#[test]
fn what_is_shown_for_people_has_nothing_that_a_terminal_would_obey() {
    let text = hostile();
    let sandbox = sandbox(&text, true).file("F", &text.replace("c2", "c3")).file("E", "");
    for line in SHOWING.split(['\n', '|']).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let (out, err) = said(&sandbox, &words);
        nothing_is_obeyed(&out, &format!("stdout of {line}"));
        // The progress line of `status`.
        nothing_is_obeyed(&err.replace("\r\u{1b}[K", ""), &format!("stderr of {line}"));
    }
}

/// A new command must be in one of the lists above, or here if it prints nothing of a kubeconfig.
#[test]
fn no_command_is_forgotten() {
    let silent = ["completions", "demo", "doctor", "env", "init", "settings", "shell", "version"];
    let lists = [SHOWING, VALUES].concat();
    let known = |command: &str| lists.split(['\n', '|']).any(|line| line.split(' ').next() == Some(command));
    for command in kcx::cli::help::GROUPS.iter().flat_map(|(_, commands)| *commands) {
        assert!(known(command) || silent.contains(command), "{command}");
    }
}

/// Values of a field with a word in them, and whether the word is a secret there.
fn values(field: &Field, word: &str) -> Vec<(Value, bool)> {
    let text = |text: &str| text.replace('@', word);
    match (field.ty, field.name) {
        (Type::Bool, _) => Vec::new(),
        (Type::Bytes, _) => vec![(json!(STANDARD.encode(word)), true)],
        (Type::String, "token" | "password") => vec![(json!(word), true)],
        (Type::String, "cluster" | "user" | "namespace") => vec![(json!(word), false)],
        (Type::String, "server" | "proxy-url") => vec![
            (json!(text("https://@.example/x")), false),
            (json!(text("https://me:@%h.example").replace('%', "@")), true),
            (json!(text("https://h.example/?access_token=@")), true),
        ],
        (Type::String, _) => vec![(json!(word), false), (json!(text("x --token=@")), true)],
        (Type::Strings, "args") => vec![
            (json!(["get-token", word, "--region", "eu"]), false),
            (json!(["--token", word]), true),
            (json!([text("--client-secret=@")]), true),
            (json!(["run", "-p", word]), true),
            (json!(["-c", text("PASSWORD='@' login")]), true),
        ],
        (Type::Strings, _) => vec![(json!([word]), false), (json!([text("token=@")]), true)],
        (Type::StringMap, _) => vec![
            (json!({"idp-issuer-url": text("https://@.example"), "client-id": word}), false),
            (json!({"client-secret": word}), true),
            (json!({"idp-issuer-url": text("https://me:@%h").replace('%', "@")}), true),
        ],
        (Type::StringsMap, _) => {
            vec![(json!({"team": [word]}), false), (json!({"api-token": ["x", word]}), true)]
        }
        (Type::Structs(_), _) => vec![
            (json!([{"name": "AWS_PROFILE", "value": word}]), false),
            (json!([{"name": "DB_PASSWORD", "value": word}]), true),
            (json!([{"name": "A", "value": text("token: @")}, {"name": "A", "value": "b"}]), true),
        ],
        (Type::Extensions, _) => {
            let one = |name: &str, value: Value| json!([{"name": name, "extension": value}]);
            vec![
                (one("e", json!({"seen": {"who": [word]}})), false),
                (one("e", json!({"name": "AWS_PROFILE", "value": word})), false),
                (one("e", json!(word)), false),
                (one("e", json!({"deep": [{"api-key": {"x": [word]}}]})), true),
                (one("e", json!({"list": [{"name": "TOKEN", "value": word}]})), true),
                (one("e", json!({"args": ["--password", word]})), true),
                (one("my-token", json!({"who": word})), true),
            ]
        }
        (Type::Struct(schema), _) => {
            let inner = schema.fields.iter().flat_map(|inner| {
                let wrap = |(value, secret)| (json!({inner.name: value}), secret);
                values(inner, word).into_iter().map(wrap).collect::<Vec<_>>()
            });
            inner.collect()
        }
    }
}

/// Every field of the schema: all commands give the same answer to the question what is a secret.
#[test]
fn all_commands_hide_the_same() {
    let mut cases = 0;
    for kind in Kind::ALL {
        for field in kind.body().fields {
            for ((value, secret), (other, _)) in values(field, "w0rd").into_iter().zip(values(field, "0th3r"))
            {
                let config = |value: &Value| {
                    let entry = json!({"name": "n", kind.word(): {field.name: value}});
                    json!({"apiVersion": "v1", "kind": "Config", kind.list(): [entry]}).to_string()
                };
                let (config, other) = (config(&value), config(&other));
                let sandbox = sandbox(&config, false).file("E", "kind: Config\n").file("F", &config);
                let sandbox = sandbox.file("E2", &other);
                let path = sandbox.path().join(".kube/config");
                fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
                let shown = |words: &str, flags: &[&str]| {
                    let words: Vec<&str> = words.split(' ').chain(flags.iter().copied()).collect();
                    let (out, err) = said(&sandbox, &words);
                    let edited = fs::read_to_string(sandbox.path().join("state/seen")).unwrap_or_default();
                    // A warning about a risk hides no path and no command: the user has to judge them.
                    let err = if words[0] == "import" { String::new() } else { err };
                    let all = out + &err + &edited;
                    let is_shown = all.contains("w0rd") || all.contains(&STANDARD.encode("w0rd"));
                    (is_shown, format!("{} {value}: kcx {words:?} says\n{all}", kind.word()))
                };
                let list = kind.list();
                for (words, flags) in [
                    (format!("get {list} -o json"), &[][..]),
                    (format!("get {list} -o yaml"), &[]),
                    ("diff E2 F".to_owned(), &[]),
                    ("diff F E2".to_owned(), &["-o", "json"]),
                    (format!("edit {}/n", kind.word()), &[]),
                ] {
                    let (is_shown, all) = shown(&words, flags);
                    assert_eq!(is_shown, !secret, "{all}");
                }
                fs::remove_file(sandbox.path().join("state/seen")).unwrap();
                let allow =
                    ["--allow-exec", "--allow-env", "--allow-file", "--allow-user", "--allow-cluster"];
                let (is_shown, all) = shown("import F --into E --dry-run", &allow);
                assert_eq!(is_shown, !secret, "{all}");
                said(&sandbox, &[&["import", "F", "--into", "E"], &allow[..]].concat());
                let (is_shown, all) = shown("undo --dry-run", &[]);
                assert_eq!(is_shown, !secret, "{all}");
                // A certificate is public: a file with one may be read by others.
                let public =
                    field.name.ends_with("certificate-data") || field.name.ends_with("authority-data");
                let (out, _) = said(&sandbox, &["lint", "F", ".kube/config"]);
                assert_eq!(out.contains("KCX501"), secret && !public, "{} {value}: {out}", kind.word());
                cases += 1;
            }
        }
    }
    assert!(cases > 60, "{cases}");
}

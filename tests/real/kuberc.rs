//! Which credential plugins run: kcx's decision about a kuberc, compared with the real kubectl. The plugin leaves a
//! mark.

use crate::tools::{Home, KCX, complaint, kubectl};
use kcx::kuberc::allow;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Output;

const HEAD: &str = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

/// A plugin that leaves a mark.
fn plugin(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let credential =
        r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}"#;
    fs::write(path, format!("#!/bin/sh\n: > \"$HOME/ran\"\necho '{credential}'\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

struct Scene {
    home: Home,
    /// `PATH`, and the working folder.
    path: String,
    cwd: &'static str,
    /// Additional variables.
    variables: Vec<(&'static str, String)>,
}

impl Scene {
    fn new() -> Scene {
        let home = Home::new();
        for name in ["bin/plug", "bin/other", "else/plug", ".kube/plug", ".kube/sub/plug", "space bin/spaced"]
        {
            plugin(&home.path(name));
        }
        symlink(home.path("bin/plug"), home.path("bin/link")).unwrap();
        symlink(home.path("bin"), home.path("linked")).unwrap();
        fs::write(home.path("bin/text"), "no program").unwrap();
        let path = format!("{}:{}", home.path("bin").display(), home.path("space bin").display());
        Scene { home, path, cwd: "else", variables: Vec::new() }
    }

    fn at(&self, name: &str) -> String {
        self.home.path(name).to_string_lossy().into_owned()
    }

    fn kuberc(&self, text: &[u8]) {
        self.home.write(".kube/kuberc", text);
    }

    fn user_runs(&self, command: &str) {
        let config = serde_json::json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "x",
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "u", "user": {"exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": command}}}],
        });
        self.home.write(".kube/config", config.to_string());
    }

    fn run(&self, program: &str, args: &[&str]) -> (bool, Output) {
        let mut command = self.home.command(program, self.home.path(".kube/config"));
        command.env("PATH", &self.path).current_dir(self.home.path(self.cwd)).args(args);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let output = command.output().unwrap();
        (fs::remove_file(self.home.path("ran")).is_ok(), output)
    }

    /// Whether each of the two starts the plugin, and kubectl's output.
    fn both(&self) -> (bool, bool, String, String) {
        let (kubectl, said) = self.run(&kubectl(), &["get", "--raw", "/"]);
        let (kcx, answer) = self.run(KCX, &["whoami"]);
        (kubectl, kcx, complaint(&said), complaint(&answer))
    }

    /// Fails unless kcx starts the plugin exactly when kubectl does, and gives the same reason otherwise.
    #[track_caller]
    fn agree(&self, what: &str) -> bool {
        let (kubectl, kcx, said, answer) = self.both();
        assert_eq!(kcx, kubectl, "{what}\nkubectl: {said}\nkcx: {answer}");
        for words in [
            " not allowed: policy set to ",
            " cannot be resolved for credential plugin allowlist check",
            " is not permitted by the credential plugin allowlist",
            "error occurred while applying preferences ",
        ] {
            let Some(at) = said.find(words) else { continue };
            let line = said[at..].lines().next().unwrap();
            let line = line.strip_prefix("error occurred while applying preferences ").unwrap_or(line);
            assert!(answer.contains(line), "{what}\nkubectl: {said}\nkcx: {answer}");
        }
        kubectl
    }
}

/// Ordinary texts of every kind that kubectl reads.
fn texts() -> Vec<Vec<u8>> {
    let deny = format!("{HEAD}credentialPluginPolicy: DenyAll\n");
    let list = format!("{HEAD}credentialPluginPolicy: Allowlist\n");
    let json = |rest: &str| {
        format!("{{\"apiVersion\":\"kubectl.config.k8s.io/v1beta1\",\"kind\":\"Preference\",{rest}}}")
    };
    let mut texts: Vec<String> = Vec::new();
    for policy in [
        "",
        "AllowAll",
        "DenyAll",
        "Allowlist",
        "Bogus",
        "denyall",
        "DENYALL",
        "allowAll",
        "~",
        "null",
        "[DenyAll]",
        "1",
        "true",
        "yes",
        "no",
        "0x1f",
        "{a: b}",
        "\"DenyAll\"",
        "'DenyAll'",
        "' DenyAll'",
        "&a DenyAll",
        "!!str DenyAll",
        "!!binary RGVueUFsbA==",
        "!foo DenyAll",
        "|\n  DenyAll\n",
        "|-\n  DenyAll",
        ">-\n  DenyAll",
        "Deny\n  All",
        "\"Deny\\\n  All\"",
        "DenyAll # c",
        "DenyAll #",
        "DenyAll#c",
        "*a",
        "\u{2028}DenyAll",
        "DenyAll\u{a0}",
    ] {
        texts.push(format!("{HEAD}credentialPluginPolicy: {policy}\n"));
    }
    for entries in [
        "",
        " []",
        " null",
        " [{command: plug}]",
        " [{name: plug}]",
        " [{name: plug, command: plug}]",
        " [{name: plug, command: other}]",
        " [{name: '', command: plug}]",
        " [{name: plug, command: ''}]",
        " [{name: null, command: plug}]",
        " [{command: plug, foo: 1}]",
        " [{Command: plug}]",
        " [plug]",
        " plug",
        " {command: plug}",
        " [{command: plug}, {}]",
        " [{command: plug}, null]",
        " [{command: plug}, {command: null}]",
        " [{command: 12}]",
        " [{command: plug}, {command: ./x}]",
        " [{command: plug}, {command: x/}]",
        " [{command: plug}, {command: a//b}]",
        " [{command: ' plug'}]",
        " [{command: PLUG}]",
        " [{command: '*'}]",
        " [{command: other}]",
        "\n- command: other\n  command: plug",
        " [{command: other}]\ncredentialPluginAllowlist: [{command: plug}]",
        " &l [{command: plug}]\nx: *l",
        "\n- &p {command: plug}\n- *p",
        "\n- <<: {command: plug}",
    ] {
        texts.push(format!("{list}credentialPluginAllowlist:{entries}\n"));
    }
    for body in [
        "credentialPluginAllowlist: [{command: plug}]\n",
        "credentialPluginAllowlist: []\n",
        "credentialPluginPolicy: AllowAll\ncredentialPluginAllowlist: [{command: plug}]\n",
        "credentialPluginPolicy: DenyAll\ncredentialPluginAllowlist: [{command: plug}]\n",
        "credentialPluginPolicy: DenyAll\ncredentialPluginAllowlist: null\n",
        "credentialPluginPolicy: AllowAll\ncredentialPluginPolicy: DenyAll\n",
        "credentialPluginPolicy: DenyAll\ncredentialPluginPolicy: AllowAll\n",
        "credentialPluginPolicy: DenyAll\ncredentialPluginPolicy:\n",
        "credentialpluginpolicy: DenyAll\n",
        "? credentialPluginPolicy\n: DenyAll\n",
        "credentialPluginPolicy: DenyAll\n1: x\n",
        "credentialPluginPolicy: DenyAll\n? [a]\n: x\n",
        "credentialPluginPolicy: DenyAll\nx: .inf\n",
        "credentialPluginPolicy: DenyAll\nx: \u{1}\n",
        "credentialPluginPolicy: DenyAll\naliases: 7\n",
        "credentialPluginPolicy: DenyAll\naliases: [{name: a1, command: get}]\n",
        "aliases: [{name: a1, command: get}]\n",
        "aliases: [{name: q, command: get}, {name: q, command: get}]\n",
        "aliases: [{name: q, command: get, options: [{name: --raw, default: x}]}]\n",
        "defaults: [{command: apply, options: [{name: --x, default: x}]}]\n",
        "x: &a DenyAll\ncredentialPluginPolicy: *a\n",
        "x: &b {credentialPluginPolicy: DenyAll}\n<<: *b\n",
        "a: &a [*a]\ncredentialPluginPolicy: DenyAll\n",
        "credentialPluginPolicy: DenyAll\n...\n",
        "credentialPluginPolicy: DenyAll\n...\ngarbage: [\n",
        "credentialPluginPolicy: DenyAll\n ---\n",
        "credentialPluginPolicy: DenyAll\n[\n",
        "credentialPluginPolicy: DenyAll\nx:\n\t- a\n",
    ] {
        texts.push(format!("{HEAD}{body}"));
    }
    texts.extend([
        String::new(),
        " \n".into(),
        "# c\n".into(),
        "---\n".into(),
        "null\n".into(),
        "[]\n".into(),
        "x\n".into(),
        "\0".into(),
        "[".into(),
        deny.replace("v1beta1", "v1alpha1"),
        deny.replace("v1beta1", "v1"),
        deny.replace("Preference", "preference"),
        deny.replace("kind", "Kind"),
        deny.replace("apiVersion", "APIVERSION"),
        deny.replace("kind", "\u{212a}ind"),
        deny.replace("kind: Preference\n", ""),
        "credentialPluginPolicy: DenyAll\n".into(),
        format!("{HEAD}---\n{deny}"),
        format!("{deny}---\n{HEAD}"),
        format!("kind: x\n---\n{deny}"),
        format!("# c\n---\n{deny}"),
        format!("---\n---\n{deny}"),
        format!("[\n---\n{deny}"),
        format!("{deny}---\n["),
        format!("{deny}--- x\n"),
        format!("{deny}---\nx: 1\n--- y\n"),
        format!("{HEAD}credentialPluginPolicy: [x]\n---\n{deny}"),
        format!("{deny}--- # c\n"),
        format!("%YAML 1.1\n---\n{deny}"),
        format!("%YAML 1.2\n---\n{deny}"),
        format!("\u{feff}{deny}"),
        deny.replace('\n', "\r\n"),
        deny.replace('\n', "\r"),
        deny.trim_end().to_owned(),
        json("\"credentialPluginPolicy\":\"DenyAll\""),
        format!("\t{}", json("\"credentialPluginPolicy\":\"DenyAll\"")),
        json("\"credentialPluginPolicy\":\"AllowAll\",\"credentialPluginPolicy\":\"DenyAll\""),
        json("\"credentialPluginPolicy\":\"DenyAll\",\"credentialPluginPolicy\":\"AllowAll\""),
        json("\"credentialPluginPolicy\":\"DenyAll\",\"credentialPluginPolicy\":null"),
        json("\"credentialPluginPolicy\":\"DenyAll\"") + "{\"a\":1}",
        json("\"credentialPluginPolicy\":\"DenyAll\"") + "\n---\n{}",
        json("\"credentialPluginPolicy\":\"DenyAll\","),
        json("\"credentialPluginPolicy\":\"DenyAll\"").replace('}', ""),
        json("\"credentialPluginPolicy\":\"DenyAll\",\"x\":\"\u{1}\""),
        json("\"Kind\":\"x\",\"credentialPluginPolicy\":\"DenyAll\""),
        "{apiVersion: kubectl.config.k8s.io/v1beta1, kind: Preference, credentialPluginPolicy: DenyAll}"
            .into(),
        "# c\n{apiVersion: kubectl.config.k8s.io/v1beta1, kind: Preference, credentialPluginPolicy: DenyAll}"
            .into(),
        format!("{deny}x: '{}'\n", "a".repeat(1_100_000)),
    ]);
    let mut texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    let wide = |text: &str, big: bool| -> Vec<u8> {
        let mark = std::iter::once(0xfeff_u16).chain(text.encode_utf16());
        mark.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    texts.extend([
        wide(&deny, true),
        wide(&deny, false),
        wide(deny.trim_end(), true),
        wide(deny.trim_end(), false),
    ]);
    texts.push([format!("{deny}x: '").as_bytes(), b"\xff\xfe'\n"].concat());
    texts.push(
        [
            json("\"credentialPluginPolicy\":\"DenyAll\",\"x\":\"").trim_end_matches('}').as_bytes(),
            b"\xff\"}",
        ]
        .concat(),
    );
    texts
}

#[test]
fn each_text_is_obeyed_as_by_kubectl() {
    let scene = Scene::new();
    scene.user_runs("plug");
    let (mut yes, mut no) = (0, 0);
    for text in texts() {
        scene.kuberc(&text);
        let what = String::from_utf8_lossy(&text).chars().take(400).collect::<String>();
        if scene.agree(&what) { yes += 1 } else { no += 1 }
    }
    assert!(yes >= 30 && no >= 50, "{yes} {no}");
}

/// Texts that kubectl reads and kcx cannot: it must not start anything then.
#[test]
fn what_kcx_cannot_read_as_kubectl_does_starts_nothing() {
    let scene = Scene::new();
    scene.user_runs("plug");
    let deny = format!("{HEAD}credentialPluginPolicy: DenyAll\n");
    for text in [
        format!("{deny}x: {}{}\n", "[".repeat(300), "]".repeat(300)),
        format!("{deny}aliases: [#c\n]\n"),
        format!("{deny}x: {{?a: 1}}\n"),
        deny.clone() + "x: '" + &"a".repeat(17 << 20) + "'\n",
    ] {
        scene.kuberc(text.as_bytes());
        let (_, kcx, said, answer) = scene.both();
        let start: String = text.chars().take(200).collect();
        assert!(!kcx, "{start}: {said} {answer}");
        assert!(answer.contains("was not started: "), "{start}: {answer}");
    }
}

#[test]
fn each_command_is_looked_for_as_by_kubectl() {
    let mut scene = Scene::new();
    let at = |name: &str| scene.at(name);
    let commands = [
        "plug".to_owned(),
        "link".to_owned(),
        "text".to_owned(),
        "absent".to_owned(),
        "spaced".to_owned(),
        "./plug".to_owned(),
        "sub/plug".to_owned(),
        "../bin/plug".to_owned(),
        "plug/".to_owned(),
        "plug --foo".to_owned(),
        "sub/../plug".to_owned(),
        at("bin/plug"),
        at("bin/../bin/plug"),
        at("bin/link"),
        at("linked/plug"),
        at("else/plug"),
        at("bin/absent"),
        at("bin/text"),
        at("bin"),
        at("space bin/spaced"),
    ];
    let lists = [
        vec!["plug".to_owned()],
        vec!["other".to_owned(), "link".to_owned()],
        vec![at("bin/plug")],
        vec![at("else/plug"), "absent".to_owned(), at(".kube/plug")],
        vec![at("space bin/spaced"), at("bin/text"), "sub/plug".to_owned()],
        vec![at("linked/plug"), at("bin/absent"), "bin/plug".to_owned()],
    ];
    let kubercs: Vec<String> = lists
        .iter()
        .map(|list| allow("", &list.iter().map(String::as_str).collect::<Vec<_>>()).unwrap())
        .chain([String::new(), format!("{HEAD}credentialPluginPolicy: DenyAll\n")])
        .collect();
    let (mut yes, mut no) = (0, 0);
    for kuberc in &kubercs {
        scene.kuberc(kuberc.as_bytes());
        for command in &commands {
            scene.user_runs(command);
            if scene.agree(&format!("{command} with {kuberc}")) { yes += 1 } else { no += 1 }
        }
    }
    assert!(yes >= 20 && no >= 60, "{yes} {no}");
    // Relative folders in PATH.
    let bin = scene.at("bin");
    for (path, cwd) in [
        ("bin", ""),
        (".", "bin"),
        (":/nowhere", "bin"),
        ("", "bin"),
        ("../bin", "else"),
        (bin.as_str(), "bin"),
    ] {
        (scene.path, scene.cwd) = (path.to_owned(), cwd);
        for kuberc in [&kubercs[0], &kubercs[2], &kubercs[5], &kubercs[6]] {
            scene.kuberc(kuberc.as_bytes());
            scene.user_runs("plug");
            scene.agree(&format!("PATH={path} in {cwd} with {kuberc}"));
        }
    }
}

#[test]
fn the_variables_count_as_for_kubectl() {
    let mut scene = Scene::new();
    scene.user_runs("plug");
    scene.kuberc(format!("{HEAD}credentialPluginPolicy: DenyAll\n").as_bytes());
    scene.home.write("else/rc", format!("{HEAD}credentialPluginPolicy: DenyAll\n"));
    let (mut on, mut off) = (0, 0);
    for value in [
        "false", "False", "FALSE", "fALSE", "f", "F", "0", "n", "no", "off", "", "true", "1", "t", " false",
        "false ", "bogus",
    ] {
        scene.variables = vec![("KUBECTL_KUBERC", value.to_owned())];
        if scene.agree(&format!("KUBECTL_KUBERC={value:?}")) { off += 1 } else { on += 1 }
    }
    assert_eq!((on, off), (13, 4));
    let (file, home) = (scene.at(".kube/kuberc"), scene.at(""));
    for value in ["off", "Off", "OFF", "false", "", "rc", "../else/rc", "/dev/null", "nowhere", &file, &home]
    {
        scene.variables = vec![("KUBERC", value.to_owned())];
        scene.agree(&format!("KUBERC={value:?}"));
        scene.variables.push(("KUBECTL_KUBERC", "false".to_owned()));
        assert!(scene.agree(&format!("KUBERC={value:?}, and the feature is off")));
    }
    // On a pipe without a writer kubectl would block forever; kcx starts nothing.
    let pipe = scene.at("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    scene.variables = vec![("KUBERC", pipe)];
    let (ran, answer) = scene.run(KCX, &["whoami"]);
    assert!(!ran && complaint(&answer).contains("is not a regular file"), "{}", complaint(&answer));
}

#[test]
fn an_added_command_runs_and_a_policy_that_denies_all_stays() {
    let scene = Scene::new();
    scene.user_runs("plug");
    for (body, may_be_added) in [
        ("", true),
        ("credentialPluginPolicy: AllowAll\n", true),
        ("credentialPluginPolicy: DenyAll\n", false),
        ("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: other # mine\n", true),
    ] {
        let text = format!("{HEAD}{body}");
        match allow(&text, &["plug"]) {
            Ok(text) => scene.kuberc(text.as_bytes()),
            Err(_) => scene.kuberc(text.as_bytes()),
        }
        assert_eq!(scene.agree(body), may_be_added, "{body}");
    }
}

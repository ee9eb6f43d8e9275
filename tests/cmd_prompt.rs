//! `kcx prompt`: what a prompt shows.

use crate::common::{Sandbox, THREE};
use kcx::printer::quote::visible;
use kcx::prompt::{Markup, PromptData, render};
use kcx::session::{Session, hook};
use kcx::settings::ContextRule;
use proptest::prelude::*;

fn with_settings(text: &str) -> Sandbox {
    let mut sandbox = Sandbox::with(THREE).file("settings/config.yaml", text);
    sandbox.env.config = Some(sandbox.path().join("settings"));
    sandbox
}

/// What stands on stdout, where nothing else has happened.
#[track_caller]
fn prompt(sandbox: &Sandbox, words: &str) -> String {
    let outcome = sandbox.run(&format!("prompt {words}")).0;
    let quiet = "--- stderr\n--- exit 0\nno file changed\n";
    outcome.strip_suffix(quiet).unwrap_or_else(|| panic!("{outcome}")).to_owned()
}

#[test]
fn shows_context_and_namespace() {
    let sandbox = Sandbox::with(THREE);
    assert_eq!(prompt(&sandbox, ""), "dev:default");
    assert_eq!(
        prompt(&sandbox, "--format {context}/{cluster}/{user}/{scope}{-label}"),
        "dev/c-dev/u-dev/global"
    );
    assert_eq!(prompt(&Sandbox::new(), ""), "");
}

#[test]
fn never_fails() {
    let sandbox = Sandbox::with("contexts: [\n");
    assert_eq!(prompt(&sandbox, ""), "kubeconfig?");
    assert_eq!(prompt(&sandbox, "--shell zsh"), "kubeconfig?");
    assert_eq!(prompt(&with_settings("nonsense: 1\n"), ""), "dev:default");
}

#[test]
fn rules_colour_and_shorten() {
    let sandbox = with_settings(
        "prompt: {format: '{short}{ [label]}'}\nrules:\n- {match: 'd*', short: D, label: here, confirm: yes}\n- {match: '*', color: green}\n",
    );
    assert_eq!(prompt(&sandbox, ""), "D [here]");
    assert_eq!(prompt(&sandbox, "--shell fish"), "\x1b[1;31mD [here]\x1b[0m");
    assert_eq!(prompt(&sandbox, "--shell bash"), "\x01\x1b[1;31m\x02D [here]\x01\x1b[0m\x02");
    assert_eq!(prompt(&sandbox, "--shell bash --color never"), "D [here]");
    assert_eq!(prompt(&sandbox, "--shell tmux"), "#[fg=red,bold]D [here]#[default]");
    assert_eq!(prompt(&sandbox, "--color always"), "\x1b[1;31mD [here]\x1b[0m");
}

#[test]
fn a_short_name_is_unique_among_all_contexts() {
    let [one, two] =
        ["111122223333", "444455556666"].map(|it| format!("arn:aws:eks:eu-central-1:{it}:cluster/main"));
    let kubeconfig = |current: &str, names: &[&str]| {
        let entries: String =
            names.iter().map(|name| format!("- {{name: '{name}', context: {{}}}}\n")).collect();
        Sandbox::with(&format!("current-context: '{current}'\ncontexts:\n{entries}"))
    };
    assert_eq!(prompt(&kubeconfig(&one, &[&one]), ""), "main:default");
    assert_eq!(prompt(&kubeconfig(&one, &[&one, &two]), ""), "main@111122223333:default");
    assert_eq!(prompt(&kubeconfig(&two, &[&one, &two]), ""), "main@444455556666:default");
    // Another file counts, too, and a rule decides.
    let sandbox = kubeconfig(&one, &[&one])
        .file("other", &format!("contexts: [{{name: '{two}', context: {{}}}}]\n"))
        .file("settings/config.yaml", "rules: [{match: '*:4444*', short: prod}]\n");
    let sandbox = sandbox.kubeconfig(&[".kube/config", "other"]);
    assert_eq!(prompt(&sandbox, ""), "main@111122223333:default");
    assert_eq!(prompt(&sandbox, "--format {context}"), one);
    let mut sandbox = sandbox.file(".kube/config", &format!("current-context: '{two}'\n"));
    sandbox.env.config = Some(sandbox.path().join("settings"));
    assert_eq!(prompt(&sandbox, ""), "prod:default");
}

#[test]
fn a_current_context_that_does_not_exist_is_marked() {
    let mut sandbox = Sandbox::with("current-context: gone\ncontexts: [{name: dev, context: {}}]\n");
    assert_eq!(prompt(&sandbox, ""), "gone?");
    assert_eq!(prompt(&sandbox, "--format {namespace}"), "gone?");
    sandbox = sandbox.file("settings/config.yaml", "rules: [{match: g*, confirm: type-name, label: PROD}]\n");
    sandbox.env.config = Some(sandbox.path().join("settings"));
    assert_eq!(prompt(&sandbox, "--shell fish"), "\x1b[1;31mgone?\x1b[0m");
}

/// What remains when another tool deletes the current context, its cluster or its user.
#[test]
fn a_current_context_without_its_cluster_or_user_is_marked_in_every_shell() {
    let whole = "clusters: [{name: c, cluster: {server: 'https://c'}}]\nusers: [{name: u, user: {token: t}}]\n\
                 contexts: [{name: dev, context: {cluster: c, user: u, namespace: web}}]\ncurrent-context: dev\n";
    let cut = |what: &str| whole.replace(what, "");
    let cluster = cut("clusters: [{name: c, cluster: {server: 'https://c'}}]\n");
    let user = cut("users: [{name: u, user: {token: t}}]\n");
    let context = cut("contexts: [{name: dev, context: {cluster: c, user: u, namespace: web}}]\n");
    let shells = ["bash", "elvish", "fish", "nushell", "plain", "powershell", "tmux", "zsh"];
    // In kubectl's own style the files are only indexed.
    let block = |text: &str| {
        let sandbox = Sandbox::with(text);
        sandbox.run("config set-context other --cluster c");
        std::fs::read_to_string(sandbox.path().join(".kube/config")).unwrap()
    };
    for text in [&cluster, &user, &context] {
        for text in [text.clone(), block(text)] {
            let sandbox = Sandbox::with(&text);
            for shell in shells {
                assert_eq!(prompt(&sandbox, &format!("--shell {shell} --color never")), "dev?", "{text}");
            }
            assert!(prompt(&sandbox, "-o json").contains(r#""state": "missing""#), "{text}");
            for hook in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
                let said = sandbox.run(&format!("__sync {hook}")).0;
                assert!(said.contains("dev?") && !said.contains("dev:web"), "{said}");
            }
        }
    }
    // Another file may have them.
    let sandbox = Sandbox::with(&cluster).file("rest", whole).kubeconfig(&[".kube/config", "rest"]);
    assert_eq!(prompt(&sandbox, ""), "dev:web");
    // A context that names none leads to what kubectl's flags and variables name.
    let bare = whole.replace("cluster: c, user: u, ", "");
    assert_eq!(prompt(&Sandbox::with(&bare), ""), "dev:web");
}

#[test]
fn the_scope_is_the_sessions_if_its_overlay_says_what_is_current() {
    let mut sandbox = Sandbox::with(THREE);
    let config = sandbox.path().join(".kube/config");
    let session =
        Session::create(&sandbox.env, std::process::id(), std::slice::from_ref(&config), None).unwrap();
    sandbox.env.kubeconfig = Some(hook::list(&session, &[config]));
    assert_eq!(prompt(&sandbox, "--format {context}{@scope}"), "dev@global");
    std::fs::write(session.overlay(), "kind: Config\ncurrent-context: prod-eu1\n").unwrap();
    assert_eq!(prompt(&sandbox, "--format {context}{:namespace}{@scope}"), "prod-eu1:web@session");
    // A file of that name from another program is an ordinary kubeconfig.
    let sandbox = sandbox
        .file("s/kcx-overlay.yaml", "kind: Config\ncurrent-context: prod-eu1\n")
        .kubeconfig(&["s/kcx-overlay.yaml", ".kube/config"]);
    assert_eq!(prompt(&sandbox, "--format {context}{@scope}"), "prod-eu1@global");
}

#[test]
fn names_are_no_program() {
    let text = "contexts:\n- name: '$(touch pwned)%~#(x)`y`'\n  context: {}\ncurrent-context: '$(touch pwned)%~#(x)`y`'\n";
    let sandbox = Sandbox::with(text);
    assert_eq!(prompt(&sandbox, "--shell bash --format {context}"), "?(touch pwned)%~#(x)?y?");
    assert_eq!(prompt(&sandbox, "--shell zsh --format {context}"), "?(touch pwned)%%~#(x)?y?");
    assert_eq!(prompt(&sandbox, "--shell tmux --format {context}"), "$(touch pwned)%~##(x)`y`");
}

#[test]
fn names_are_no_program_for_a_shell_that_is_not_named() {
    let name = "$(touch pwned)%~#(x)`y`!a\\e";
    let text =
        format!("contexts:\n- name: '{name}'\n  context: {{namespace: '$n'}}\ncurrent-context: '{name}'\n");
    let sandbox = Sandbox::with(&text);
    assert_eq!(prompt(&sandbox, ""), "?(touch pwned)?~?(x)?y??a?e:?n");
    assert_eq!(prompt(&sandbox, "--shell plain"), "?(touch pwned)?~?(x)?y??a?e:?n");
    assert_eq!(prompt(&sandbox, "--color always --format {namespace}"), "?n");
    assert_eq!(prompt(&sandbox, "--shell elvish --format {namespace}"), "?n");
    assert_eq!(prompt(&sandbox, "--format {short}"), "?(touch pwned)?~?(x)?y??a?e");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No name is evaluated where the text is shown, and an ordinary name stays unchanged.
    #[test]
    fn no_name_is_active_in_a_plain_prompt(context in any::<String>(), user in "[ -~\\PC]{0,9}", plain in "[a-zA-Z0-9@:/._-]{1,20}") {
        let facts = |context: &str| PromptData {
            context: context.to_owned(),
            short: context.to_owned(),
            namespace: user.clone(),
            cluster: context.to_owned(),
            user: user.clone(),
            scope: "global",
            ..PromptData::default()
        };
        let format = "{short}{context}{:namespace}{cluster}{user}";
        for markup in [Markup::Plain, Markup::Ansi, Markup::Bash, Markup::Zsh, Markup::Tmux] {
            let text = render(format, &facts(&context), ContextRule::default(), markup);
            let active: &[char] = match markup {
                Markup::Plain | Markup::Ansi => &['$', '`', '\\', '!', '%', '#'],
                Markup::Bash => &['$', '`', '\\'],
                Markup::Zsh => &['$', '`', '\\', '!'],
                Markup::Tmux => &[],
            };
            prop_assert!(!text.contains(active), "{:?}: {}", markup, text);
            prop_assert_eq!(&*visible(&text), &*text);
            let doubled = |c: char| text.split(|other| other != c).all(|run| run.len() % 2 == 0);
            prop_assert!(markup != Markup::Zsh || doubled('%'), "{}", text);
            prop_assert!(markup != Markup::Tmux || doubled('#'), "{}", text);
        }
        prop_assert_eq!(render("{context}", &facts(&plain), ContextRule::default(), Markup::Plain), plain);
    }
}

#[test]
fn every_preset_is_there() {
    let sandbox = Sandbox::new();
    for tool in ["oh-my-posh", "powerlevel10k", "ps1", "starship", "tmux"] {
        let text = prompt(&sandbox, &format!("--preset {tool}"));
        assert!(text.contains("kcx prompt") || text.contains("$KCX_PROMPT"), "{text}");
    }
    let text = prompt(&sandbox, "--preset oh-my-posh");
    let json: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}

#[test]
fn a_slip_in_a_prompt_is_seen_in_it_and_nowhere_else() {
    let outcome = Sandbox::with(THREE).run("prompt --formt {context}").0;
    assert_eq!(outcome, "kcx?--- stderr\n--- exit 0\nno file changed\n");
}

/// Whoever asks for a preset is a person; a prompt that is called wrongly stays silent.
#[test]
fn an_unknown_preset_is_an_error() {
    let sandbox = Sandbox::with(THREE);
    for words in ["prompt --preset zz", "prompt --preset=zz"] {
        let said = sandbox.run(words).0;
        assert!(said.starts_with("--- stderr\nerror: `zz` is not a value of `"), "{said}");
        assert!(said.contains("starship, tmux") && said.contains("--- exit 2\n"), "{said}");
    }
    assert!(sandbox.run("prompt --shell zz").0.starts_with("kcx?"));
}

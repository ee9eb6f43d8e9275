//! `kcx doctor`: each check sees its problem, and is silent without it.

#![cfg(unix)]

use crate::common::Sandbox;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const CLEAN: &str = "\
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster:
    server: https://dev.example
contexts:
- name: dev
  context:
    cluster: c
    user: u
users:
- name: u
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      interactiveMode: Never
      command: plugin
current-context: dev
";

/// A home in which all is well, but for the hook: no shell is known.
fn well() -> Sandbox {
    let mut sandbox = Sandbox::with(CLEAN)
        .file("bin/kubectl", "#!/bin/sh\n")
        .file("bin/plugin", "#!/bin/sh\n")
        .file(".bashrc", "eval \"$(kcx init bash)\"\n");
    for name in ["bin/kubectl", "bin/plugin"] {
        fs::set_permissions(sandbox.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(sandbox.path().join(".kube/config"), fs::Permissions::from_mode(0o600)).unwrap();
    sandbox.env.path = Some(sandbox.path().join("bin").into());
    sandbox.env.config = Some(sandbox.path().join("settings"));
    sandbox.env.data = Some(sandbox.path().join("data"));
    sandbox.env.shell = Some("/bin/bash".into());
    sandbox
}

/// The notes of a check: level, message and what to type; and the exit code.
fn notes(sandbox: &Sandbox, check: &str) -> String {
    let outcome = sandbox.run("doctor -o json").0;
    let (json, rest) = outcome.split_once("--- stderr\n").unwrap();
    assert!(rest.ends_with("no file changed\n"), "{rest}");
    let value: Value = serde_json::from_str(json).unwrap();
    let worst = value["result"].as_str().unwrap();
    assert_eq!(rest.contains("--- exit 1"), worst == "error", "{outcome}");
    let notes = value["checks"].as_array().unwrap().iter().filter(|note| note["check"] == check);
    let line = |note: &Value| {
        let fix: Vec<&str> =
            note["fix"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let typed: String = fix.iter().map(|line| format!("\n    {line}")).collect();
        format!("{}: {}{typed}\n", note["level"].as_str().unwrap(), note["message"].as_str().unwrap())
    };
    notes.map(line).collect()
}

#[track_caller]
fn says(sandbox: &Sandbox, check: &str, want: &str) {
    crate::bless::same(&notes(sandbox, check), want, "kcx");
}

#[track_caller]
fn is_well(sandbox: &Sandbox, check: &str) {
    let said = notes(sandbox, check);
    assert!(said.starts_with("ok: ") && said.lines().count() == 1, "{check}: {said}");
}

/// Starts a shell with the hook.
fn hooked(sandbox: &mut Sandbox) {
    let script = sandbox.run("init bash").0;
    let value = |name: &str| {
        let line = script.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches('\'').replace("@DIR@", &sandbox.path().to_string_lossy())
    };
    let (session, list) = (value("__kcx_new="), value("__kcx_new_list="));
    sandbox.env.session = Some(session.into());
    sandbox.env.kubeconfig = Some(list.into());
}

#[test]
fn what_is_well_is_one_line() {
    let mut sandbox = well();
    hooked(&mut sandbox);
    sandbox.run("doctor").shows(
        "
ok: hook, prompt, completion, guard, names, kubeconfig, files, entries, expiry, kubectl, plugins, keychain, variables, settings, state, leftovers
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("doctor --all").shows(
        "
ok: hook: this shell has its own context
ok: prompt: no other prompt tool shows the context
ok: completion: completion is loaded by the start-up file
ok: guard: nothing is guarded
ok: names: kcx and kubectl are not hidden by an alias or a function
ok: kubeconfig: `@DIR@/.kube/config`
ok: files: all files can be read, and only by you
ok: entries: every context leads to a cluster and a user
ok: expiry: no certificate or token ends within 30 days
ok: kubectl: `@DIR@/bin/kubectl`
ok: plugins: the programs of all users are there and permitted
ok: keychain: no sealed credential needs one
ok: variables: no variable leads programs to another context
ok: settings: all settings are at their defaults
ok: state: kcx's own files are yours
ok: leftovers: nothing was left behind
--- stderr
--- exit 0
no file changed
",
    );
}

#[test]
fn guard() {
    let sandbox = well().file("settings/config.yaml", "rules: [{match: dev, confirm: yes}]\n");
    says(
        &sandbox,
        "guard",
        "info: kubectl and helm do not ask before they write in a protected context: the hook has no `--guard`\n    \
         # line 1 of `@DIR@/.bashrc`: eval \"$(kcx init bash --guard)\"\n",
    );
    is_well(&sandbox.file(".bashrc", "eval \"$(kcx init bash --guard)\"\n"), "guard");
    is_well(&well(), "guard");
}

#[test]
fn what_is_wrong_comes_with_the_line_to_type_and_the_worst_first() {
    let sandbox = well().file(".kube/config", &CLEAN.replace("https://dev.example", "dev.example:foo"));
    sandbox.run("doctor").shows(
        "
error: entries: the server of cluster `c` is not a valid URL: its port is not a number (KCX202, `@DIR@/.kube/config`)
    kcx lint @DIR@/.kube/config
warning: hook: the hook is in `@DIR@/.bashrc`, but this shell was started without it
    exec bash
ok: prompt, completion, guard, names, kubeconfig, files, expiry, kubectl, plugins, keychain, variables, settings, state, leftovers
--- stderr
--- exit 1
no file changed
",
    );
}

#[test]
fn hook() {
    let mut sandbox = well().file(".bashrc", "");
    says(
        &sandbox,
        "hook",
        "warning: there is no shell hook: `kcx use` switches all shells at once\n    kcx init bash --install\n",
    );
    fs::write(sandbox.path().join(".bashrc"), "eval \"$(kcx init bash)\"\n").unwrap();
    says(
        &sandbox,
        "hook",
        "warning: the hook is in `@DIR@/.bashrc`, but this shell was started without it\n    exec bash\n",
    );
    fs::write(sandbox.path().join(".bashrc"), "eval \"$(/gone/kcx init bash)\"\n").unwrap();
    says(
        &sandbox,
        "hook",
        "warning: the hook in `@DIR@/.bashrc` runs a kcx that does not exist\n    kcx init bash --install\n",
    );
    hooked(&mut sandbox);
    is_well(&sandbox, "hook");
    sandbox.env.kubeconfig = Some(sandbox.path().join(".kube/config").into());
    fs::write(sandbox.path().join(".bashrc"), "eval \"$(kcx init bash)\"\n").unwrap();
    says(
        &sandbox,
        "hook",
        "warning: KUBECONFIG was set after the hook, so this shell is not on its own context\n    exec bash\n",
    );
}

#[test]
fn prompt() {
    let mut sandbox = well();
    is_well(&sandbox, "prompt");
    sandbox.env.marks = Some(vec!["STARSHIP_SHELL"]);
    says(
        &sandbox,
        "prompt",
        "info: starship draws the prompt: `kcx prompt --preset starship` puts the context into it, in one place\n    kcx prompt --preset starship\n    # line 1 of `@DIR@/.bashrc`: eval \"$(kcx init bash --no-prompt)\"\n",
    );
    let sandbox = sandbox.file(".bashrc", "eval \"$(kcx init bash --no-prompt)\"\n");
    is_well(&sandbox, "prompt");
}

#[test]
fn completion() {
    let mut sandbox = well();
    is_well(&sandbox, "completion");
    let sandbox = {
        sandbox.env.shell = Some("/bin/zsh".into());
        sandbox.file(".zshrc", "eval \"$(kcx init zsh)\"\nautoload -Uz compinit && compinit\n")
    };
    says(
        &sandbox,
        "completion",
        "warning: line 1 of `@DIR@/.zshrc` comes before compinit in line 2: zsh may have no completion of kcx\n    # move line 1 of `@DIR@/.zshrc` below line 2\n",
    );
    let sandbox = sandbox.file(".zshrc", "compinit\neval \"$(kcx init zsh)\"\n");
    is_well(&sandbox, "completion");
    let sandbox = sandbox.file(".zshrc", "eval \"$(kcx init zsh --no-completions)\"\n");
    says(
        &sandbox,
        "completion",
        "info: the hook in `@DIR@/.zshrc` leaves completion out (--no-completions)\n    kcx completions --help\n",
    );
    // As the install script puts it.
    let sandbox = sandbox.file(".local/share/zsh/site-functions/_kcx", include_str!("../completions/_kcx"));
    is_well(&sandbox, "completion");
}

/// `sudo -E` keeps HOME: what doctor names must not take the files away from their owner.
#[test]
fn a_home_of_another_user() {
    let mut sandbox = well();
    let home = match own_uid(&sandbox) {
        0 => {
            std::os::unix::fs::chown(sandbox.path(), Some(65534), None).unwrap();
            sandbox.path().to_owned()
        }
        _ => "/".into(),
    };
    sandbox.env.home = Some(home.clone().into());
    sandbox.env.account = Some(kcx::env::Account { home: Some("/home/me".into()), ..Default::default() });
    let shown = if home == sandbox.path() { "@DIR@".to_owned() } else { home.display().to_string() };
    says(
        &sandbox,
        "state",
        &format!(
            "error: HOME is `{shown}`, the home folder of another user: kcx and kubectl read and write there\n    export HOME=/home/me\n"
        ),
    );
}

/// The user that the tests run as.
fn own_uid(sandbox: &Sandbox) -> u32 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(sandbox.path().join("bin")).unwrap().uid()
}

#[test]
fn names() {
    let mut sandbox = well();
    is_well(&sandbox, "names");
    sandbox.env.marks = Some(vec!["BASH_FUNC_kubectl%%"]);
    let sandbox = sandbox.file(".bashrc", "alias k=kubectl\nalias kubectl=kubecolor\n");
    says(
        &sandbox,
        "names",
        "warning: an exported bash function `kubectl` takes precedence over the program\n    unset -f kubectl\ninfo: line 2 of `@DIR@/.bashrc` defines `kubectl`, which takes precedence over the hook's function\n    command -V kubectl\n",
    );
}

#[test]
fn kubeconfig() {
    let sandbox = well();
    is_well(&sandbox, "kubeconfig");
    let other = CLEAN.replace("dev", "prod");
    let mut sandbox = sandbox.file("other", &other).kubeconfig(&[".kube/config", "other", "gone"]);
    says(
        &sandbox,
        "kubeconfig",
        "warning: KUBECONFIG names `@DIR@/gone`, which does not exist\n    # remove `@DIR@/gone` from KUBECONFIG\nwarning: kubectl is on `dev` of `@DIR@/.kube/config`, the clients for Python and JavaScript on `prod` of `@DIR@/other`\n    kcx init\n    kcx exec NAME --single-file -- CMD\ninfo: programs that read one file of KUBECONFIG need `--single-file`: there are 3\n    kcx exec NAME --single-file -- CMD\n",
    );
    sandbox.env.kubeconfig = Some("~/.kube/config:rel".into());
    says(
        &sandbox,
        "kubeconfig",
        "warning: KUBECONFIG names `~/.kube/config`: no program expands `~` there\n    export KUBECONFIG=\"$HOME/.kube/config\"\nwarning: KUBECONFIG names `rel`, which is another file in each folder\n    # give KUBECONFIG absolute paths\nwarning: there is no kubeconfig yet: `~/.kube/config`, `rel`\n    kcx import FILE\n    kcx demo\n",
    );
    // The hook names a file in KUBECONFIG that the user has not.
    let mut fresh = Sandbox::new();
    hooked(&mut fresh);
    says(
        &fresh,
        "kubeconfig",
        "warning: there is no kubeconfig yet: `@DIR@/.kube/config`\n    kcx import FILE\n    kcx demo\n",
    );
    // A shell with a context of its own is on it in all of them.
    let mut sandbox = sandbox.kubeconfig(&[".kube/config", "other"]);
    hooked(&mut sandbox);
    sandbox.run("use prod");
    let said = notes(&sandbox, "kubeconfig");
    assert!(!said.contains("Python"), "{said}");
}

#[test]
fn files() {
    is_well(&well(), "files");
    let sandbox = well()
        .file(".kube/config", &CLEAN.replace("command: plugin", "command: plugin\n    token: abc"))
        .file(".kube/config.d/broken.yaml", "a: [\n");
    fs::set_permissions(sandbox.path().join(".kube/config"), fs::Permissions::from_mode(0o644)).unwrap();
    says(
        &sandbox,
        "files",
        "warning: other users can read this file, which contains secrets (KCX501, `@DIR@/.kube/config`)\n    chmod 600 @DIR@/.kube/config\nwarning: `@DIR@/.kube/config.d/broken.yaml` is left out, because it is not valid YAML\n    kcx lint @DIR@/.kube/config.d/broken.yaml\n",
    );
    says(
        &well().file(".kube/config", "users:\n- name: on\n"),
        "files",
        "error: `users[0].name` must be a string, but YAML 1.1 reads it as a boolean: put it in quotes (KCX004, `@DIR@/.kube/config`)\n    kcx lint --fix @DIR@/.kube/config\n",
    );
}

#[test]
fn files_that_fix_cannot_fix_are_only_checked() {
    for (text, fix) in [
        ("a:\n\t- b\n", "kcx lint @DIR@/.kube/config"),
        ("users:\n- name: [a]\n", "kcx lint @DIR@/.kube/config"),
        ("YXBpVmVyc2lvbjogdjEKa2luZDogQ29uZmlnCg==\n", "kcx import @DIR@/.kube/config --into NEW"),
        ("kind: List\n", "kcx lint @DIR@/.kube/config"),
        ("users:\n- name: on\n", "kcx lint --fix @DIR@/.kube/config"),
    ] {
        let said = notes(&well().file(".kube/config", text), "files");
        assert_eq!(said.lines().nth(1).map(str::trim), Some(fix), "{text}: {said}");
        assert!(said.starts_with("error: "), "{said}");
    }
}

#[test]
fn entries() {
    is_well(&well(), "entries");
    says(
        &well().file(".kube/config", &CLEAN.replace("cluster: c", "cluster: gone")),
        "entries",
        "error: context `dev` names cluster `gone`, which does not exist (KCX101, `@DIR@/.kube/config`)\n    kcx lint @DIR@/.kube/config\n",
    );
}

#[test]
fn expiry() {
    is_well(&well(), "expiry");
    // {"exp": 1700000000}
    let token = "    token: eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2ln\n";
    let text = CLEAN.split("    exec:").next().unwrap().to_owned() + token + "current-context: dev\n";
    let said = notes(&well().file(".kube/config", &text), "expiry");
    assert!(
        said.starts_with("error: the token of user `u` expired ")
            && said.ends_with("\n    kcx get users u\n"),
        "{said}"
    );
}

#[test]
fn kubectl() {
    let mut sandbox = well();
    is_well(&sandbox, "kubectl");
    sandbox.env.path = Some(sandbox.path().join("none").into());
    says(
        &sandbox,
        "kubectl",
        "warning: kubectl is not on PATH; kcx does not need it, but most other programs and scripts do\n    # https://kubernetes.io/docs/tasks/tools/\n",
    );
}

#[test]
fn plugins() {
    let mut sandbox = well();
    is_well(&sandbox, "plugins");
    fs::remove_file(sandbox.path().join("bin/plugin")).unwrap();
    says(
        &sandbox,
        "plugins",
        "warning: the plugin of user `u`, `plugin`, is not on PATH (KCX311, `@DIR@/.kube/config`)\n    kcx lint --explain KCX311\n",
    );
    let kuberc =
        "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n";
    sandbox = well().file("kuberc", kuberc);
    sandbox.env.kuberc = Some(sandbox.path().join("kuberc").into());
    says(
        &sandbox,
        "plugins",
        "error: kuberc does not let kubectl start `plugin`, the plugin of user `u` (KCX314, `@DIR@/.kube/config`)\n    kcx lint --explain KCX314\n",
    );
}

#[test]
fn keychain() {
    is_well(&well(), "keychain");
    let sandbox = sealed();
    is_well(&sandbox, "keychain");
    fs::remove_dir_all(sandbox.path().join("data/credentials")).unwrap();
    let said = notes(&sandbox, "keychain");
    assert!(said.starts_with("error: the credential of user `u` is missing: "), "{said}");
    assert!(said.ends_with("\n    kcx credential set u\n"), "{said}");
}

#[test]
fn variables() {
    let mut sandbox = well();
    is_well(&sandbox, "variables");
    sandbox.env.marks = Some(vec!["KUBIE_ACTIVE"]);
    sandbox.env.kubectx_isolated = true;
    let value = |name: &str| match name {
        "HELM_KUBECONTEXT" => Some("prod".into()),
        "HELM_NAMESPACE" => Some("default".into()),
        _ => None,
    };
    sandbox.env.leading = kcx::env::leading::set(value);
    says(
        &sandbox,
        "variables",
        "warning: HELM_KUBECONTEXT is set: helm does not use context `dev`\n    unset HELM_KUBECONTEXT\nwarning: this is a kubie shell: kcx treats kubie's temporary kubeconfig as yours\n    exit\nwarning: KUBECTX_ISOLATED_SHELL is 1: kubectx and kcx's own `kubectx` do not switch in this shell\n    exit\n",
    );
}

#[test]
fn settings() {
    let sandbox = well();
    is_well(&sandbox, "settings");
    let sandbox = sandbox.file("settings/config.yaml", "rules: [{match: dev, confirm: yes}]\n");
    is_well(&sandbox, "settings");
    let old = "protect: [{match: dev}]\nrules:\n- match: prod-eu1\n  danger: true\n";
    let sandbox = sandbox.file("settings/config.yaml", old);
    says(
        &sandbox,
        "settings",
        "warning: `@DIR@/settings/config.yaml`: line 1: `protect` is an old setting; write `rules` instead of `protect` and `rules`\n    kcx settings edit\n    rules:\n    - {match: dev, confirm: type-name}\n    - {match: prod-eu1, confirm: type-name}\nwarning: `@DIR@/settings/config.yaml`: line 4: `danger` is an old setting; write `confirm: type-name` instead of `danger: true`\n    kcx settings edit\n",
    );
    let sandbox = sandbox.file("settings/config.yaml", "picker: dmenu\n");
    says(
        &sandbox,
        "settings",
        "error: cannot read `@DIR@/settings/config.yaml`: line 1, column 9: `picker` must be `builtin` or `fzf`\n    kcx settings edit\n",
    );
}

#[test]
fn state() {
    let mut sandbox = well();
    is_well(&sandbox, "state");
    sandbox.env.home = None;
    says(
        &sandbox,
        "state",
        "error: HOME is not set: there is no journal, no session and no history\n    export HOME=~\n",
    );
}

#[test]
fn leftovers() {
    let sandbox = well();
    is_well(&sandbox, "leftovers");
    let sandbox = sandbox.file(".kube/.config.kcx-Ab12Cd", "").file("state/given-up/x/kubeconfig.yaml", "");
    says(
        &sandbox,
        "leftovers",
        "warning: `@DIR@/.kube/.config.kcx-Ab12Cd` is a temporary file left by a kcx that was killed\n    rm @DIR@/.kube/.config.kcx-Ab12Cd\ninfo: 1 edit that was not saved, in `@DIR@/state/given-up`\n    rm -r @DIR@/state/given-up\n",
    );
}

/// What `kcx credential seal` with encrypted files needs, and a user with a token.
fn sealed() -> Sandbox {
    let text = CLEAN.split("    exec:").next().unwrap().to_owned() + "    token: abc\ncurrent-context: dev\n";
    let sandbox = well().file("pass", "correct horse\n").file(".kube/config", &text);
    fs::set_permissions(sandbox.path().join("pass"), fs::Permissions::from_mode(0o600)).unwrap();
    let program = sandbox.path().join("bin/kcx-credential");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let sealed = sandbox
        .run("credential seal u --store=file --passphrase-file=@DIR@/pass --command=@DIR@/bin/kcx-credential")
        .0;
    assert!(sealed.contains("--- exit 0"), "{sealed}");
    sandbox
}

#[test]
fn leftovers_a_credential_that_no_kubeconfig_uses() {
    let sandbox = sealed();
    is_well(&sandbox, "leftovers");
    let sandbox = sandbox.file(".kube/config", CLEAN);
    says(
        &sandbox,
        "leftovers",
        "info: 1 sealed credential, which no kubeconfig of the list uses, in `@DIR@/data/credentials`\n    kcx credential list\n",
    );
}

#[test]
fn leftovers_of_a_kcx_that_was_removed() {
    let sandbox = well()
        .file(".config/fish/config.fish", "# '/gone/kcx' init fish\n'/gone/a b/kcx' init fish | source\n")
        .file(".zshrc", "eval \"$(/gone/kcx init zsh)\"\n")
        .file(".bashrc", "eval \"$(kcx init bash)\"\n");
    for (name, target) in [("kubectx", "/gone/kcx"), ("kubens", "kubens.real"), ("kubectl-kcx", "plugin")] {
        std::os::unix::fs::symlink(target, sandbox.path().join("bin").join(name)).unwrap();
    }
    says(
        &sandbox,
        "leftovers",
        "warning: line 2 of `@DIR@/.config/fish/config.fish` runs `/gone/a b/kcx`, which does not exist\n    kcx init fish --install\n    # or remove line 2 of `@DIR@/.config/fish/config.fish`\nwarning: line 1 of `@DIR@/.zshrc` runs `/gone/kcx`, which does not exist\n    kcx init zsh --install\n    # or remove line 1 of `@DIR@/.zshrc`\nwarning: `@DIR@/bin/kubectx` is a link to `/gone/kcx`, which does not exist\n    rm @DIR@/bin/kubectx\n",
    );
}

#[test]
fn leftovers_completions_of_another_version() {
    let own = include_str!("../completions/kcx.bash");
    let folder = ".local/share/bash-completion/completions/kcx";
    is_well(&well().file(folder, own), "leftovers");
    says(
        &well().file(folder, "complete -F _kcx kcx\n"),
        "leftovers",
        "warning: `@DIR@/.local/share/bash-completion/completions/kcx` is the completion of another version of kcx\n    kcx completions bash > @DIR@/.local/share/bash-completion/completions/kcx\n",
    );
}

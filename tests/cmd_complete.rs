//! `kcx __complete`: what may stand for the last word.

use crate::bless;
use crate::common::{Sandbox, THREE};

/// What is offered; `_` stands for the empty last word, which the sandbox cannot say.
#[track_caller]
fn offered(sandbox: &Sandbox, words: &str) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    assert_eq!(kcx::cli::run(&words, &sandbox.env, &mut out, &mut err), 0);
    assert_eq!(String::from_utf8(err).unwrap(), "");
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn all(sandbox: &Sandbox, cases: &[(&str, &str)]) {
    for (line, want) in cases {
        bless::same_for(line, &offered(sandbox, &format!("__complete {line}")), want);
    }
}

/// The same in the form with groups.
#[track_caller]
fn groups(sandbox: &Sandbox, cases: &[(&str, &str)]) {
    for (line, want) in cases {
        bless::same_for(line, &offered(sandbox, &format!("__completeGroups {line}")), want);
    }
}

#[test]
fn commands_and_contexts_come_first() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            ("u", "undo\tcommand: Undo the last change\nuse\tcommand: Switch to another context\n:4\n"),
            (
                "c",
                "completions\tcommand: Print the completion script for a shell\nconfig\tcommand: Do what `kubectl config` does, but keep comments and order\ncopy\tcommand: Copy a context, cluster or user under another name\ncredential\tcommand: Store credentials in the keychain instead of the kubeconfig\ncurrent\tcommand: Show the current context, its namespace, cluster and user\nctx\talias: the same as use\n:4\n",
            ),
            (
                "d",
                "delete\tcommand: Delete contexts, clusters or users\ndemo\tcommand: Try kcx with an example kubeconfig in a temporary folder\ndiff\tcommand: Show the differences between two kubeconfigs, by meaning\ndoctor\tcommand: Check the shell hook, kubeconfigs, settings and programs for common problems\ndev\tcontext: current, cluster c-dev\n:4\n",
            ),
            ("help sh", "shell\tcommand: Start a shell with a context of its own\n:4\n"),
            (
                "use ",
                "dev\tcurrent, cluster c-dev\nprod-eu1\tnamespace web, cluster c-prod\nstale\tcluster gone\n:4\n",
            ),
            ("ctx p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("shell -n x s", "stale\tcluster gone\n:4\n"),
            ("use dev ", ":4\n"),
            ("dev ", ":4\n"),
            ("use nowhere", ":4\n"),
            ("export dev s", "stale\tcluster gone\n:4\n"),
            ("exec dev p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("exec dev -- kub", ":0\n"),
            ("exec dev --yes-i-mean p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("protect lift 10m p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("edit user u-d", "u-dev\ttoken\n:4\n"),
            ("diff ", ":0\n"),
            ("diff a ", ":0\n"),
            ("diff - b ", ":4\n"),
            ("split ", ":0\n"),
            ("split out ", ":4\n"),
            ("exec dev -- use ", ":0\n"),
            ("nonsense --nonsense= ", ":4\n"),
        ],
    );
    assert_eq!(offered(&sandbox, "__completeNoDesc use "), "dev\nprod-eu1\nstale\n:4\n");
    let config = sandbox.run("__completeNoDesc config view --mer").0;
    assert!(config.starts_with("--merge\n:4\n"), "{config}");
    assert_eq!(offered(&sandbox, "__complete"), ":4\n");
}

#[test]
fn flags_and_their_values() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            (
                "use --un",
                "--unset\tUnset the current context; with the hook, this shell follows the kubeconfig again\n:4\n",
            ),
            ("use --unset --un", ":4\n"),
            (
                "use --f",
                "--force\tAccept a namespace that is not a valid name\n--fuzzy\tAccept the only context that begins with NAME, or else the only one that has its letters in this order\n:4\n",
            ),
            ("use -- --f", ":4\n"),
            ("--output=j", "json\tJSON\n:4\n"),
            ("get -o w", "wide\tA table with more columns\n:4\n"),
            ("get -qo w", "wide\tA table with more columns\n:4\n"),
            ("--color a", "auto\tOn a terminal, unless `NO_COLOR` is set\nalways\tAlways\n:4\n"),
            ("--kubeconfig ", ":0\n"),
            ("--kubeconfig=x", ":0\n"),
            ("--kubeconfig none use ", ":4\n"),
            ("--quiet=", ":4\n"),
            ("init ba", "bash\tbash, from 3.2 on\n:4\n"),
            ("init bash --alias ", "kubectx\nkubens\n:4\n"),
            ("init bash --alias=kubectx,", "kubectx,kubectx\nkubectx,kubens\n:4\n"),
            ("prompt --preset t", "tmux\ttmux's status line\n:4\n"),
            ("--lock-timeout ", ":4\n"),
        ],
    );
}

#[test]
fn types_and_their_names() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            (
                "get ",
                "contexts\tthe contexts of your kubeconfigs\nclusters\tthe clusters of your kubeconfigs\nusers\tthe users of your kubeconfigs\n:4\n",
            ),
            ("get clusters ", "c-dev\thttps://dev.example\nc-prod\thttps://prod.example\n:4\n"),
            ("get users ", "u-dev\ttoken\nu-prod\texec aws\n:4\n"),
            ("get ctx dev ", "prod-eu1\tnamespace web, cluster c-prod\nstale\tcluster gone\n:4\n"),
            ("get user/", "user/u-dev\ttoken\nuser/u-prod\texec aws\n:4\n"),
            ("get user/u-dev user/", "user/u-prod\texec aws\n:4\n"),
            ("get dev p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
        ],
    );
}

#[test]
fn namespaces_are_those_that_kcx_has_heard_of() {
    let sandbox = Sandbox::with(THREE);
    sandbox.run("ns shop");
    sandbox.run("ns checkout");
    all(
        &sandbox,
        &[
            ("ns ", "shop\ncheckout\ndefault\n:4\n"),
            ("use -n c", "checkout\n:4\n"),
            ("use prod-eu1 -n ", "default\nweb\n:4\n"),
            ("prod-eu1 --namespace=w", "web\n:4\n"),
        ],
    );
}

/// For shells that list each group by itself, and compare what is typed themselves.
#[test]
fn each_candidate_has_its_group() {
    let sandbox = Sandbox::with(THREE);
    groups(
        &sandbox,
        &[
            (
                "d",
                "command\tdelete\tDelete contexts, clusters or users\ncommand\tdemo\tTry kcx with an example kubeconfig in a temporary folder\ncommand\tdiff\tShow the differences between two kubeconfigs, by meaning\ncommand\tdoctor\tCheck the shell hook, kubeconfigs, settings and programs for common problems\ncontext\tdev\tcurrent, cluster c-dev\n:4\n",
            ),
            (
                "v",
                "command\tversion\tPrint the version and how this kcx was built\nalias\tvalidate\tthe same as lint\n:4\n",
            ),
            (
                "help e",
                "command\tedit\tEdit a context, cluster, user or the whole kubeconfig in your editor\ncommand\tenv\tPrint the commands that pin a context, for direnv and mise\ncommand\texec\tRun a command once for each matching context\ncommand\texport\tPrint contexts as a separate kubeconfig, with their clusters and users\ntopic\tenvironment\tThe variables that kcx reads\ntopic\texit-codes\tWhat each exit code means\n:4\n",
            ),
            (
                "use ",
                "context\tdev\tcurrent, cluster c-dev\ncontext\tprod-eu1\tnamespace web, cluster c-prod\ncontext\tstale\tcluster gone\n:4\n",
            ),
            ("use -n d", "namespace\tdefault\n:4\n"),
            (
                "rename ",
                "context\tdev\tcurrent, cluster c-dev\ncontext\tprod-eu1\tnamespace web, cluster c-prod\ncontext\tstale\tcluster gone\ntype\tcontexts\tthe contexts of your kubeconfigs\ntype\tclusters\tthe clusters of your kubeconfigs\ntype\tusers\tthe users of your kubeconfigs\n:4\n",
            ),
            (
                "get clusters ",
                "cluster\tc-dev\thttps://dev.example\ncluster\tc-prod\thttps://prod.example\n:4\n",
            ),
            ("get user/", "user\tuser/u-dev\ttoken\nuser\tuser/u-prod\texec aws\n:4\n"),
            (
                "credential s",
                "command\tseal\tMove the secrets of users from the kubeconfig into the keychain\ncommand\tset\tStore a new secret for a user\n:4\n",
            ),
            ("credential seal ", "user\tu-dev\ttoken\nuser\tu-prod\texec aws\n:4\n"),
            (
                "settings s",
                "command\tschema\tPrint the JSON Schema of the settings file, for editors\ncommand\tshow\tPrint all settings, and where each value comes from\n:4\n",
            ),
            (
                "protect ",
                "command\tcheck\tJudge a command line without running it\ncommand\thelp\tPrint this message or the help of the given subcommand(s)\ncommand\tlift\tDo not ask about these contexts for a while\ncommand\trestore\tAsk about them again\n:4\n",
            ),
            (
                "lint --explain KCX20",
                "finding\tKCX201\ta cluster without a server\nfinding\tKCX202\ta server that is not a valid URL\nfinding\tKCX203\ta server without https://\nfinding\tKCX204\ta connection that is not encrypted\nfinding\tKCX205\ta URL with a user name or password\nfinding\tKCX206\ta proxy that client-go refuses\nfinding\tKCX207\tboth a path and data for one field\nfinding\tKCX208\ta file that does not exist, cannot be read, or is empty\nfinding\tKCX209\ta server whose certificate is not verified\n:4\n",
            ),
            ("-o y", "value\tyaml\tYAML\n:4\n"),
            (
                "use --un",
                "flag\t--unset\tUnset the current context; with the hook, this shell follows the kubeconfig again\n:4\n",
            ),
            ("exec dev -- ", ":0\n"),
            (
                "config get-",
                "command\tget-clusters\tDisplay clusters defined in the kubeconfig\ncommand\tget-contexts\tDescribe one or many contexts\ncommand\tget-users\tDisplay users defined in the kubeconfig\n:4\n",
            ),
            ("config use-context ", "context\tdev\ncontext\tprod-eu1\ncontext\tstale\n:4\n"),
            ("config view --mer", "flag\t--merge\tMerge the full hierarchy of kubeconfig files\n:4\n"),
            ("config view --kubeconfig ", ":0\n"),
            ("__as kubectx d", "context\tdev\tcurrent, cluster c-dev\n:4\n"),
            ("__as kubens ", "namespace\tdefault\n:4\n"),
        ],
    );
    // The word may have begun: the shell drops other names of commands where it has not.
    let all = offered(&sandbox, "__completeGroups ");
    let groups: Vec<&str> =
        all.lines().filter_map(|line| line.split_once('\t')).map(|(group, _)| group).collect();
    assert!(
        groups.is_sorted_by_key(|group| ["command", "context", "alias"].iter().position(|it| it == group))
    );
    assert!(all.contains("\nalias\tvalidate\tthe same as lint\n"), "{all}");
    assert!(!offered(&sandbox, "__complete ").contains("validate"));
}

#[test]
fn names_that_no_line_can_hold_are_left_out() {
    let config = serde_json::json!({"contexts": [
        {"name": "line\nbreak", "context": {}},
        {"name": "esc\u{1b}[2J", "context": {}},
        {"name": "fine", "context": {"cluster": "a\u{1b}[2J\tb"}},
        {"name": "", "context": {}},
    ]});
    let sandbox = Sandbox::with(&config.to_string());
    all(&sandbox, &[("use ", "fine\tcluster a[2Jb\n:4\n")]);
    all(
        &Sandbox::with("contexts: ["),
        &[
            ("use ", ":4\n"),
            ("ns ", ":4\n"),
            (
                "use --un",
                "--unset\tUnset the current context; with the hook, this shell follows the kubeconfig again\n:4\n",
            ),
        ],
    );
}

#[test]
fn answers_for_kubectx_and_kubens() {
    let sandbox = Sandbox::with(THREE);
    all(
        &sandbox,
        &[
            ("__as kubectx p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("__as kubectx new=p", "new=prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
            ("__as kubectx -d dev ", "prod-eu1\tnamespace web, cluster c-prod\nstale\tcluster gone\n:4\n"),
            ("__as kubectx --c", "--current\tshow the current context name\n:4\n"),
            ("__as kubectx dev ", ":4\n"),
            ("__as kubens ", "default\n:4\n"),
            ("__as kubens -f d", "default\n:4\n"),
            ("__as nobody ", ":4\n"),
        ],
    );
}

#[test]
fn answers_kubectl_for_its_plugins() {
    let mut sandbox = Sandbox::with(THREE);
    for (program, words, want) in [
        ("/bin/kubectl_complete-kcx", "use p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
        ("kubectl_complete-kcx", "config use-context p", ""),
        ("kubectl_complete-ctx", "p", "prod-eu1\tnamespace web, cluster c-prod\n:4\n"),
        ("kubectl_complete-ns", "", "default\n:4\n"),
        ("kubectl_complete-other", "", ":4\n"),
    ] {
        sandbox.env.program = Some(program.into());
        if want.is_empty() {
            sandbox.run(words).shows(
                "
prod-eu1
:4
--- stderr
Completion ended with directive: ShellCompDirectiveNoFileComp
--- exit 0
no file changed
",
            );
        } else {
            assert_eq!(offered(&sandbox, words), want, "{program} {words}");
        }
    }
}

/// A program with several words behind a name does not hide what comes before them.
#[test]
fn sources_and_their_kinds_are_completed() {
    let settings = "sources:\n- {name: lab, dir: ~/lab}\n- {name: eks, aws: {profile: prod}}\n";
    let mut sandbox = Sandbox::with(THREE).file("settings/config.yaml", settings);
    sandbox.env.config = Some(sandbox.path().join("settings"));
    let complete = |words: &[&str]| {
        let words = [&["__completeNoDesc"][..], words].concat();
        sandbox.run_words(&words).0.split("--- stderr").next().unwrap().to_owned()
    };
    let kinds = complete(&["source", "add", "x", ""]);
    let of_all =
        "aws\nazure\ncapi\ncluster-profile\ncommand\ndir\ngcloud\ngit\nk3d\nkind\nrancher\nssh\n:4\n";
    assert_eq!(kinds, of_all);
    assert_eq!(complete(&["source", "add", "x", "k"]), "k3d\nkind\n:4\n");
    assert_eq!(complete(&["source", "add", ""]), ":4\n");
    assert_eq!(complete(&["source", "add", "x", "dir", ""]), ":0\n");
    for command in [&["sync"][..], &["source", "remove"], &["source", "test"]] {
        let sources = complete(&[command, &[""]].concat());
        assert_eq!(sources, "lab\neks\n:4\n", "{command:?}");
    }
    assert_eq!(complete(&["sync", "lab", ""]), "eks\n:4\n");
    assert_eq!(complete(&["source", "script", "g"]), "gcloud\n:4\n");
}

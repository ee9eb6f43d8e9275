//! bash, zsh and fish complete words of kcx among names that would like to be run.

use crate::tools::{Home, KCX, fine};
use kcx::cli::command_line::COMMANDS;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");

/// The last two cannot be told apart from other lines, or would move the cursor: they are never offered.
const NAMES: [&str; 8] = [
    "-dash",
    "a$(touch PWNED)b",
    "arn:aws:eks:eu-west-1:1:cluster/prod",
    "it's",
    "me@kind",
    "my ctx",
    "line\nbreak",
    "tab\there",
];

/// The commands without their other names, which are offered only when they are typed.
fn commands() -> Vec<&'static str> {
    COMMANDS.into_iter().filter(|name| !["ctx", "list", "validate"].contains(name)).collect()
}

fn home() -> Home {
    let home = Home::new();
    let named = |name: &&str| serde_json::json!({"name": name, "context": {"cluster": "c:1", "user": "u;1"}});
    let config = serde_json::json!({
        "clusters": [{"name": "c:1", "cluster": {"server": "https://c.example"}}],
        "users": [{"name": "u;1", "user": {}}],
        "contexts": NAMES.iter().map(named).collect::<Vec<_>>(),
    });
    home.write("config", config.to_string());
    home
}

/// What a shell says that runs `script`; a minute is enough for all of them.
fn said(home: &Home, shell: &[&str], script: &str, args: &[&str]) -> Vec<String> {
    let mut path = OsString::from(Path::new(KCX).parent().unwrap());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = home.command("timeout", home.path("config"));
    command.env("PATH", path).env("LC_ALL", "C.UTF-8").env("TERM", "dumb").env("SCRIPTS", SCRIPTS);
    command.arg("60").args(shell).arg(script).args(args);
    let output = command.output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = fine(&output).lines().map(str::to_owned).collect();
    assert_eq!(complaints, "", "{args:?}");
    assert!(!home.path("PWNED").exists(), "{args:?}");
    said
}

/// The candidates for the end of a line; `word` is what readline would replace.
fn bash(home: &Home, line: &str, word: &str) -> Vec<String> {
    const SCRIPT: &str = r#"
        set -u
        source "$SCRIPTS/kcx.bash"
        before=$(compgen -v)
        COMP_LINE=$1 COMP_POINT=${#1}
        COMPREPLY=()
        _kcx kcx "$2" ''
        for name in $(compgen -v); do
            case $'\n'$before$'\n' in *$'\n'"$name"$'\n'*) continue ;; esac
            case $name in before | name | COMP* | BASH* | _) ;; *) echo "leaked: $name" ;; esac
        done
        [ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
    "#;
    said(home, &["bash", "--norc", "--noprofile", "-c"], SCRIPT, &["bash", line, word])
}

fn fish(home: &Home, line: &str) -> Vec<String> {
    let script = "source $SCRIPTS/kcx.fish; complete -C $argv[1]";
    said(home, &["fish", "--no-config", "-c"], script, &[line])
}

/// The words that kcx is given when TAB and Enter are typed behind each line.
fn zsh(home: &Home, lines: &[&str]) -> Vec<String> {
    const SCRIPT: &str = r#"
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'autoload -Uz compinit && compinit -u -D; setopt nounset; source $SCRIPTS/_kcx'
        zpty -w shell 'kcx() { printf "<%s>" "$@" >>said; echo >>said; echo DO""NE; }; echo REA""DY'
        zpty -r shell seen '*READY*'
        for line; do
            zpty -w -n shell "$line"$'\t\n'
            zpty -r shell seen '*DONE*'
        done
        zpty -d shell
        cat said
    "#;
    said(home, &["zsh", "-f", "-c"], SCRIPT, &[&["zsh"], lines].concat())
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let output = Command::new("shellcheck").arg(format!("{SCRIPTS}/kcx.bash")).output().unwrap();
    assert_eq!(fine(&output), "");
}

#[test]
fn bash_quotes_what_it_offers() {
    let home = home();
    let arn = "arn:aws:eks:eu-west-1:1:cluster/prod";
    let all = [r"a\$\(touch\ PWNED\)b", arn, r"it\'s", "me@kind", r"my\ ctx"];
    for (line, word, want) in [
        ("kcx use ", "", &all[..]),
        ("kcx ctx m", "m", &["me@kind", r"my\ ctx"]),
        ("kcx use arn:aws:e", "e", &["eks:eu-west-1:1:cluster/prod"]),
        ("kcx use me@", "@", &["@kind"]),
        (r"kcx use a\$", r"a\$", &[r"a\$\(touch\ PWNED\)b"]),
        ("kcx use 'i", "i", &[r"it'\''s"]),
        ("kcx use \"a$", "a$", &[r"a\$(touch PWNED)b"]),
        ("kcx use \"arn:a", "arn:a", &[arn]),
        ("kcx use -- -", "-", &["-dash"]),
        ("kcx use -y -n web my", "my", &[r"my\ ctx"]),
        ("kcx use nowhere", "nowhere", &[]),
        ("kcx use me@kind ", "", &[]),
        ("kcx get ", "", &["contexts", "clusters", "users"]),
        ("kcx get user/", "user/", &[r"user/u\;1"]),
        ("kcx use me@kind -n ", "", &["default"]),
        ("kcx use --glo", "--glo", &["--global"]),
        ("kcx get contexts i", "i", &[r"it\'s"]),
        ("kcx list clusters c:", "", &["1"]),
        ("kcx get users ", "", &[r"u\;1"]),
        ("kcx --output=j", "j", &["json"]),
        ("kcx -o n", "n", &["name"]),
        ("kcx --ku", "--ku", &["--kubeconfig"]),
        ("kcx --kubeconfig none use ", "", &[]),
        ("kcx completions ", "", &["bash", "elvish", "fish", "nushell", "powershell", "zsh"]),
        ("kubectx m", "m", &["me@kind", r"my\ ctx"]),
        ("kubectx new=m", "m", &["me@kind", r"my\ ctx"]),
        ("kubectx -d me@kind m", "m", &[r"my\ ctx"]),
        ("kubens ", "", &["default"]),
        ("kcx config use-context it", "it", &[r"it\'s"]),
        ("kcx config view --context=me", "me", &["me@kind"]),
        ("kcx config view --mer", "--mer", &["--merge"]),
    ] {
        assert_eq!(bash(&home, line, word), want, "{line}");
    }
    assert_eq!(bash(&home, "kcx ", ""), [&commands()[..], &all].concat());
    assert_eq!(bash(&home, "kcx va", "va"), ["validate"]);
}

#[test]
fn fish_offers_the_same() {
    let home = home();
    let arn = "arn:aws:eks:eu-west-1:1:cluster/prod";
    let all =
        ["a$(touch PWNED)b", arn, "it's", "me@kind", "my ctx"].map(|name| format!("{name}\tcluster c:1"));
    let all = all.each_ref().map(String::as_str);
    for (line, want) in [
        ("kcx use ", &all[..]),
        ("kcx ctx my", &[all[4]]),
        ("kcx use arn:aws:e", &[all[1]]),
        (r"kcx use a\$", &[all[0]]),
        ("kcx use 'i", &[all[2]]),
        ("kcx use -- -", &["-dash\tcluster c:1"]),
        ("kcx use nowhere", &[]),
        (
            "kcx get ",
            &[
                "contexts\tthe contexts of your kubeconfigs",
                "clusters\tthe clusters of your kubeconfigs",
                "users\tthe users of your kubeconfigs",
            ],
        ),
        ("kcx get clusters ", &["c:1\thttps://c.example"]),
        ("kcx get users ", &["u;1\tnone"]),
        ("kcx get user/", &["user/u;1\tnone"]),
        ("kcx --output=j", &["--output=json\tJSON"]),
        (
            "kcx use --glo",
            &[
                "--global\tSwitch for all shells: write the user's own kubeconfig (the default without the shell hook)",
            ],
        ),
        ("kcx --kubeconfig none use ", &[]),
        ("kcx config use-context it", &["it's"]),
        ("kcx config view --context=me", &["--context=me@kind"]),
        ("kcx config view --mer", &["--merge\tMerge the full hierarchy of kubeconfig files"]),
    ] {
        assert_eq!(fish(&home, line), want, "{line}");
    }
    let every: Vec<&str> = commands().into_iter().chain(all).collect();
    let told = fish(&home, "kcx ");
    let name = |line: &str| line.split('\t').next().unwrap().to_owned();
    assert_eq!(
        told.iter().map(|line| name(line)).collect::<Vec<_>>(),
        every.iter().map(|line| name(line)).collect::<Vec<_>>()
    );
    assert!(told[0].ends_with("\tcommand: Print the completion script for a shell"), "{}", told[0]);
    assert!(told.last().unwrap().ends_with("\tcontext: cluster c:1"), "{told:?}");
    assert_eq!(fish(&home, "kcx va"), ["validate\talias: the same as lint"]);
}

#[test]
fn zsh_types_what_kcx_can_read() {
    let home = home();
    home.write("dash", r#"{"contexts": [{"name": "-dash", "context": {}}]}"#);
    let typed = [
        ("kcx ar", "<arn:aws:eks:eu-west-1:1:cluster/prod>"),
        ("kcx use arn:aws:e", "<use><arn:aws:eks:eu-west-1:1:cluster/prod>"),
        ("kcx use my", "<use><my ctx>"),
        ("kcx use 'my", "<use><my ctx>"),
        ("kcx use it", "<use><it's>"),
        (r"kcx use a\$", "<use><a$(touch PWNED)b>"),
        ("kcx use -- -", "<use><--><-dash>"),
        ("kcx --kubeconfig dash use ", "<--kubeconfig><dash><use>"),
        ("kcx --kubeconfig dash use -- ", "<--kubeconfig><dash><use><--><-dash>"),
        ("kcx use nowhere", "<use><nowhere>"),
        ("kcx get contexts my", "<get><contexts><my ctx>"),
        ("kcx va", "<validate>"),
        ("kcx help exi", "<help><exit-codes>"),
        ("kcx get users ", "<get><users><u;1>"),
        ("kcx get user/", "<get><user/u;1>"),
        ("kcx use --glo", "<use><--global>"),
        ("kcx use me@kind -n ", "<use><me@kind><-n><default>"),
        ("kcx --output=j", "<--output=json>"),
        ("kcx config use-context it", "<config><use-context><it's>"),
        ("kcx config view --context=me", "<config><view><--context=me@kind>"),
        ("kcx config view --mer", "<config><view><--merge>"),
    ];
    let said = zsh(&home, &typed.map(|(line, _)| line));
    assert_eq!(said, typed.map(|(_, words)| words));
}

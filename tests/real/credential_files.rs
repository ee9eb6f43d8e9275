//! Encrypted files with a person before them: the passphrase typed on a terminal, or from a command, and `age` itself on
//! the other side.

use crate::api_server::{ApiServer, Setup, User};
use crate::screen::{Pane, Screen};
use crate::tools::KCX_CREDENTIAL;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const TOKEN: &str = "tok-7c6a180b36896a0a8c02787eeafb0e4c";
const NEW: &str = "New passphrase for kcx's encrypted files";
const OLD: &str = "Passphrase of kcx's encrypted files";
const FOLDER: &str = ".local/share/kcx/credentials";

fn shell(files: &[(&str, &str)]) -> Screen {
    let screen = Screen::new(files);
    screen.start("bash --norc --noprofile", 160, 24);
    screen.main().wait_for("$");
    screen
}

/// A command, up to its first question.
fn begin(pane: &Pane<'_>, command: &str, question: &str) {
    pane.press(&["C-l"]);
    pane.wait("a clear screen", |seen| seen.lines().count() == 1);
    pane.text(&format!("{command}; echo \"exit\"-$?"));
    pane.press(&["Enter"]);
    pane.wait_for(question);
}

/// Types what nobody may see, and waits for this.
fn answer(pane: &Pane<'_>, typed: &str, wanted: &str) -> String {
    pane.text(typed);
    pane.press(&["Enter"]);
    let seen = pane.wait_for(wanted);
    assert!(!seen.contains(typed), "{seen}");
    seen
}

/// The one file there is.
fn sealed(screen: &Screen) -> std::path::PathBuf {
    let mut files = fs::read_dir(screen.path(FOLDER)).unwrap().map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert!(files.next().is_none());
    file
}

fn config() -> String {
    format!(
        "clusters:\n- {{name: c, cluster: {{server: 'https://c'}}}}\ncontexts:\n- {{name: x, context: {{cluster: c, user: bot}}}}\n\
         users:\n- name: bot\n  user:\n    token: {TOKEN}\n"
    )
}

#[test]
fn the_passphrase_is_typed_unseen_twice_for_the_first_and_once_from_then_on() {
    let tokens = vec![(TOKEN.to_owned(), User::new("jane", &[]))];
    let server = ApiServer::start(Setup { tokens, ..Setup::default() });
    let plain = server.kubeconfig(&format!("{{token: {TOKEN}}}"));
    let screen = shell(&[(".kube/config", &plain)]);
    let pane = screen.main();

    // Who gives up gets the terminal back as it was, and nothing was done.
    begin(&pane, "kcx credential seal --all --store file", NEW);
    pane.press(&["C-c"]);
    pane.wait_for("exit-130");
    pane.run("stty -a > modes");
    assert!(screen.read("modes").contains(" echo "), "{}", screen.read("modes"));
    assert_eq!(screen.read(".kube/config"), plain);

    begin(&pane, "kcx credential seal --all --store file", NEW);
    answer(&pane, "open sesame", "Repeat the passphrase");
    answer(&pane, "open sesam", "the two inputs differ");
    let twice = |what: &str| {
        pane.wait(what, |seen| seen.matches(what).count() == 2);
    };
    twice(NEW);
    // A slip is taken back.
    pane.text("open sesamx");
    pane.press(&["BSpace"]);
    pane.text("e");
    pane.press(&["Enter"]);
    twice("Repeat the passphrase");
    let seen = answer(&pane, "open sesame", "exit-");
    assert!(seen.contains("exit-0") && seen.contains("to the encrypted files"), "{seen}");
    assert!(!screen.read(".kube/config").contains(TOKEN));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&sealed(&screen)), mode(&screen.path(FOLDER))), (0o600, 0o700));

    // kubectl hands the terminal on.
    begin(&pane, "kubectl auth whoami", OLD);
    let seen = answer(&pane, "open sesame", "exit-");
    assert!(seen.contains("exit-0") && seen.contains("jane"), "{seen}");
    begin(&pane, "kubectl auth whoami", OLD);
    let seen = answer(&pane, "open says me", "exit-");
    assert!(seen.contains("exit-1") && seen.contains("wrong passphrase"), "{seen}");

    // Who gives up the list gets nothing, and a wrong passphrase is the state.
    begin(&pane, "kcx credential list", OLD);
    pane.press(&["C-c"]);
    let seen = pane.wait_for("exit-130");
    assert!(!seen.contains("warning") && !seen.contains("STATE"), "{seen}");
    begin(&pane, "kcx credential list", OLD);
    let seen = answer(&pane, "open says me", "exit-");
    assert!(seen.contains("wrong passphrase") && seen.contains("exit-0"), "{seen}");

    // Without a terminal nobody is asked.
    let seen = pane.run("kubectl auth whoami < /dev/null 2>&1 | cat");
    assert!(seen.contains("no terminal to ask for it") && seen.contains("passphrase-command"), "{seen}");

    begin(&pane, "kcx credential unseal --all", OLD);
    let seen = answer(&pane, "open says me", "exit-");
    assert!(seen.contains("exit-6"), "{seen}");
    begin(&pane, "kcx credential unseal --all", OLD);
    let seen = answer(&pane, "open sesame", "exit-");
    assert!(seen.contains("exit-0"), "{seen}");
    assert_eq!(screen.read(".kube/config"), plain);
    assert_eq!(fs::read_dir(screen.path(FOLDER)).unwrap().count(), 0);
}

/// Another program adds a user of the same name while the passphrase is asked for: after the first decision of the import,
/// and before its lock.
#[test]
fn a_conflict_that_arises_during_an_import_is_reported_in_json() {
    let theirs = config() + "- name: guest\n  user: {token: other}\n";
    let command = "[sh, -c, 'cp \"$HOME/theirs\" \"$HOME/.kube/config\"; echo open sesame']";
    let screen = shell(&[
        (".kube/config", &config()),
        ("theirs", &theirs),
        ("new.yaml", &format!("users: [{{name: guest, user: {{token: {TOKEN}}}}}]\n")),
        (
            ".config/kcx/config.yaml",
            &format!("credential:\n  store: file\n  passphrase-command: {command}\n"),
        ),
    ]);
    let seen =
        screen.main().run("kcx import new.yaml --seal -o json > report.json 2> said; echo \"exit\"-$?");
    assert!(seen.contains("exit-4"), "{seen}\n{}", screen.read("said"));
    let report: serde_json::Value = serde_json::from_str(&screen.read("report.json")).unwrap();
    assert_eq!(report["changed"], false, "{report}");
    assert_eq!(report["entries"][0]["name"], "guest", "{report}");
    assert_eq!(report["entries"][0]["outcome"], "conflict", "{report}");
    assert_eq!(screen.read(".kube/config"), theirs);
    assert_eq!(fs::read_dir(screen.path(FOLDER)).map_or(0, Iterator::count), 0);
}

#[test]
fn the_passphrase_comes_from_a_command() {
    let settings = |command: &str| {
        format!("credential:\n  store: file\n  timeout: 1\n  passphrase-command: {command}\n")
    };
    let good = settings("[sh, -c, 'cat \"$HOME/pass\"']");
    let screen = shell(&[
        (".kube/config", &config()),
        ("pass", "open sesame\nmore\n"),
        (".config/kcx/config.yaml", &good),
    ]);
    let pane = screen.main();
    // It is not asked for on the terminal.
    let seen = pane.run("kcx credential seal bot");
    assert!(seen.contains("to the encrypted files"), "{seen}");
    let seen = pane.run("kcx credential get bot --show");
    assert_eq!(seen, TOKEN);
    let file = sealed(&screen);
    let id = file.file_stem().unwrap().to_str().unwrap();
    // The plugin reads the account's own settings: the test has an account whose home this is.
    let home = screen.path("").display().to_string();
    fs::write(screen.path("passwd"), format!("root:x:0:0:root:{}:/bin/sh\n", home.trim_end_matches('/')))
        .unwrap();
    let run = format!("exec {KCX_CREDENTIAL} exec --store=file {id}");
    let client = |variables: &str| {
        let own = format!("/usr/bin/mount --bind {home}passwd /etc/passwd && {run}");
        let info =
            r#"{"apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":"https://c"}}}"#;
        format!(
            "env KUBERNETES_EXEC_INFO='{info}' {variables} unshare --user --map-root-user --mount /bin/sh -c '{own}' </dev/null | cat"
        )
    };
    let seen = pane.run(&client(""));
    assert!(seen.contains(TOKEN), "{seen}");
    // No variable changes which settings or which program are used.
    fs::create_dir_all(screen.path("evil/kcx")).unwrap();
    fs::write(screen.path("evil/kcx/config.yaml"), settings("[touch, pwned]")).unwrap();
    fs::write(screen.path("evil/sh"), "#!/bin/sh\ntouch pwned\n").unwrap();
    fs::set_permissions(screen.path("evil/sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let evil = screen.path("evil").display().to_string();
    let seen = pane.run(&client(&format!("HOME={evil} XDG_CONFIG_HOME={evil} PATH={evil}:/usr/bin:/bin")));
    assert!(seen.contains(TOKEN), "{seen}");
    assert!(!screen.path("pwned").exists());
    for (command, why) in [
        ("[sh, -c, 'echo nonsense; exit 3']", "`sh` returned no passphrase: exit status: 3"),
        (
            "[sh, -c, 'echo $$ > waits; exec tail -f /dev/null']",
            "`sh` returned no passphrase: no response within 1 s",
        ),
        ("[not-there]", "`not-there` returned no passphrase: no such file or directory"),
        ("['true']", "the passphrase is empty"),
        ("[echo, wrong]", "wrong passphrase"),
    ] {
        fs::write(screen.path(".config/kcx/config.yaml"), settings(command)).unwrap();
        let seen = pane.run("kcx credential get bot --show; echo code $?");
        assert!(seen.contains(why) && seen.ends_with("code 6"), "{command}: {seen}");
        assert!(!seen.contains("nonsense"), "{seen}");
    }
    // Who was waited for in vain does not stay.
    assert_eq!(pane.run("kill -0 $(cat waits) 2> /dev/null; echo $?"), "1");
}

/// Both ways: `age` opens what kcx wrote, and kcx what `age` wrote.
#[test]
fn age_itself_and_kcx_read_each_other() {
    let screen = shell(&[(".kube/config", &config()), ("pass", "open sesame\n")]);
    let pane = screen.main();
    let seen = pane.run("kcx credential seal bot --store file --passphrase-file pass");
    assert!(seen.contains("to the encrypted files"), "{seen}");
    let file = sealed(&screen);
    let name = file.display();
    begin(&pane, &format!("age -d -o plain {name}"), "passphrase");
    let seen = answer(&pane, "open sesame", "exit-");
    assert!(seen.contains("exit-0"), "{seen}");
    let plain = screen.read("plain");
    assert!(plain.starts_with("kcx1 0 ") && plain.contains(TOKEN), "{plain}");

    let ours = fs::read(&file).unwrap();
    begin(&pane, &format!("age -p -o {name} plain"), "passphrase");
    answer(&pane, "open sesame", "onfirm");
    let seen = answer(&pane, "open sesame", "exit-");
    assert!(seen.contains("exit-0"), "{seen}");
    assert_ne!(fs::read(&file).unwrap(), ours);
    assert_eq!(pane.run("kcx credential get bot | cat"), TOKEN);
    assert!(pane.run("kcx credential unseal bot").contains("unsealed"));
    assert_eq!(screen.read(".kube/config"), config());
}

/// A line of the terminal has 4,095 bytes at most; a token may have more.
#[test]
fn a_long_token_is_pasted_whole_and_unseen() {
    let token = format!("tok-{}", "0123456789abcdef".repeat(512));
    let screen = shell(&[(".kube/config", &config()), ("pass", "open sesame\n")]);
    let pane = screen.main();
    begin(&pane, "kcx credential set bot --store file --passphrase-file pass", "New token of `bot`:");
    let seen = answer(&pane, &token, "exit-");
    assert!(seen.contains("exit-0") && !seen.contains("0123456789"), "{seen}");
    pane.run("kcx credential get bot > got");
    assert_eq!(screen.read("got"), format!("{token}\n"));
}

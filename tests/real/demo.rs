//! The tour on a terminal: a key leads to the next screen, and nothing is left behind however it ends.

use crate::screen::{Pane, Screen, wait_until};
use std::fs;
use std::process::Command;

/// A shell on a small terminal, with a folder for temporary files.
fn shell() -> Screen {
    let screen = Screen::new(&[(".bashrc", "PS1='$ '\nexport TMPDIR=~/tmp\n"), ("tmp/keep", "")]);
    screen.start("bash --noprofile", 80, 30);
    screen.main().wait("a prompt", |seen| seen.trim_end().ends_with('$'));
    screen
}

fn left_behind(screen: &Screen) -> Vec<String> {
    let names = fs::read_dir(screen.path("tmp")).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).filter(|name| name != "keep").collect()
}

/// Types the command, and waits for the first screen.
fn begin(pane: &Pane<'_>) {
    // The mark is put together by the shell, so that the typed line does not have it.
    pane.text("sh -c 'echo $$ >pid; exec kcx demo'; echo \"code\"-$?");
    pane.press(&["Enter"]);
    pane.wait("the first screen", |seen| seen.contains("1 of 7: ") && seen.trim_end().ends_with("q: leave"));
}

#[test]
fn each_screen_waits_for_a_key_and_fits() {
    let screen = shell();
    let pane = screen.main();
    begin(&pane);
    for number in 1..7 {
        let next = format!("{} of 7: ", number + 1);
        assert!(!pane.seen().contains(&next));
        pane.press(&["x", "Enter"]);
        let seen = pane.wait(&next, |seen| {
            seen.lines().any(|line| line.starts_with(&next))
                && (seen.trim_end().ends_with("q: leave") || seen.contains("code-"))
        });
        // The line of keys is gone, but for that of this screen.
        assert!(seen.matches("q: leave").count() <= 1, "{seen}");
    }
    let seen = pane.wait_for("code-0");
    assert!(seen.contains("kcx doctor"), "{seen}");
    let (painted, _) = pane.painted();
    assert!(painted.contains("\x1b["), "colours");
    assert_eq!(left_behind(&screen), [""; 0]);
    let home: Vec<_> = fs::read_dir(screen.path(".kube")).unwrap().collect();
    assert!(home.is_empty() && !screen.path(".local").exists() && !screen.path(".config").exists());
}

#[test]
fn nothing_is_left_behind_when_the_user_leaves() {
    for (key, code) in [("q", "code-0"), ("C-c", "code-130"), ("Escape", "code-130")] {
        let screen = shell();
        let pane = screen.main();
        begin(&pane);
        assert_eq!(left_behind(&screen).len(), 1);
        pane.press(&[key]);
        let seen = pane.wait_for(code);
        assert!(!seen.contains("2 of 7"), "{seen}");
        assert_eq!(left_behind(&screen), [""; 0], "{key}");
        // The terminal echoes again.
        pane.text("echo as\"-\"ever");
        pane.press(&["Enter"]);
        pane.wait_for("\nas-ever");
    }
}

#[test]
fn nothing_is_left_behind_after_a_signal() {
    let screen = shell();
    let pane = screen.main();
    begin(&pane);
    let pid = screen.read("pid");
    assert!(Command::new("kill").args(["-TERM", pid.trim()]).status().unwrap().success());
    pane.wait_for("code-143");
    assert!(wait_until(|| left_behind(&screen).is_empty()), "{:?}", left_behind(&screen));
}

//! Protected contexts on a terminal: the name has to be typed, and the list shows the label.

use crate::screen::Screen;
use crate::tools::TWO;

const RULES: &str = "rules:\n- {match: b, label: PROD, confirm: type-name}\n- {match: a, color: blue}\n";

#[test]
fn the_name_has_to_be_typed() {
    let config = TWO.to_owned() + "# the end\n";
    let screen = Screen::new(&[(".kube/config", &config), (".config/kcx/config.yaml", RULES)]);
    screen.start("bash --norc --noprofile", 60, 14);
    let pane = screen.main();
    pane.wait_for("$");
    let ask = |command: &str, answer: &str| {
        pane.press(&["C-l"]);
        pane.text(command);
        pane.press(&["Enter"]);
        pane.wait_for("Type its name to");
        pane.text(answer);
        pane.press(&["Enter"]);
    };
    ask("kcx use b; echo \"left: $?\"", "a");
    let seen = pane.wait_for("left: 1");
    assert!(seen.contains("`b` is protected") && seen.contains("nothing was switched"), "{seen}");
    assert!(!seen.contains("left: 130"), "{seen}");
    assert!(screen.read(".kube/config").contains("current-context: a"));
    ask("kcx use b; echo \"left: $?\"", "b");
    pane.wait_for("left: 0");
    assert!(screen.read(".kube/config").contains("current-context: b"));
    ask("kcx exec b -- true; echo \"left: $?\"", "");
    let seen = pane.wait_for("left: 1");
    assert!(!seen.contains("left: 130"), "{seen}");
    // Ctrl-C is no answer.
    pane.press(&["C-l"]);
    pane.text("kcx exec b -- true");
    pane.press(&["Enter"]);
    pane.wait_for("Type its name to");
    pane.press(&["C-c"]);
    pane.text("echo \"left: $?\"");
    pane.press(&["Enter"]);
    pane.wait_for("left: 130");
    pane.press(&["C-l"]);
    pane.text("kcx");
    pane.press(&["Enter"]);
    let seen = pane.wait_for("2/2");
    assert!(seen.lines().any(|line| line.contains("*b  PROD")), "{seen}");
    // Names and labels are in the color of their rule.
    let painted = pane.painted().0;
    for wanted in ["\x1b[1m\x1b[34ma\n", "\x1b[1m\x1b[31mb\x1b[", "\x1b[1m\x1b[31mPROD\n"] {
        assert!(painted.contains(wanted), "{wanted:?}: {painted:?}");
    }
    pane.press(&["Escape"]);
}

#[test]
fn fzf_shows_labels_in_the_color_of_their_rule() {
    // It keeps what it was given, and chooses nothing.
    let fzf = "#!/bin/sh\ncat > ~/lines\necho \"$@\" > ~/args\nexit 130\n";
    let files = [(".kube/config", TWO), (".config/kcx/config.yaml", RULES), ("bin/fzf", fzf)];
    let screen = Screen::new(&files);
    screen.start("bash --norc --noprofile", 60, 14);
    let pane = screen.main();
    pane.wait_for("$");
    pane.run("chmod +x ~/bin/fzf; export PATH=~/bin:$PATH KCX_PICKER=fzf");
    pane.run("kcx use");
    assert_eq!(screen.read("lines"), "0\t\x1b[1;31mb\x1b[0m  \x1b[1;31mPROD\x1b[0m\n1\t\x1b[34ma\x1b[0m *\n");
    assert!(screen.read("args").contains("--ansi"));
    pane.run("NO_COLOR=1 kcx use");
    assert_eq!(screen.read("lines"), "0\tb  PROD\n1\ta *\n");
    assert!(!screen.read("args").contains("--ansi"));
    // A numbered list has the labels, too.
    pane.press(&["C-l"]);
    pane.text("TERM=dumb KCX_PICKER=builtin kcx use");
    pane.press(&["Enter"]);
    let seen = pane.wait_for("number or name");
    assert!(seen.contains("1   b  PROD\n2 * a\n"), "{seen}");
}

#[test]
fn what_was_typed_before_the_question_answers_none() {
    let screen = Screen::new(&[(".kube/config", TWO)]);
    screen.start("bash --norc --noprofile", 80, 14);
    let pane = screen.main();
    pane.wait_for("$");
    let (before, go) = (screen.read(".kube/config"), screen.path("go"));
    pane.run(&format!("mkfifo '{}'", go.display()));
    pane.text("read -r < ~/go; kcx delete 'b*'; echo \"left: $?\"");
    pane.press(&["Enter"]);
    // Opens when the shell does.
    let mut gate = std::fs::OpenOptions::new().write(true).open(&go).unwrap();
    pane.text("yes, typed ahead");
    pane.wait_for("yes, typed ahead");
    std::io::Write::write_all(&mut gate, b"\n").unwrap();
    let asked = pane.wait_for("[y/N]");
    assert!(asked.trim_end().ends_with("[y/N]"), "{asked}");
    pane.text("n");
    pane.wait_for("left: 1");
    assert_eq!(screen.read(".kube/config"), before);
}

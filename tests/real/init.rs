//! `kcx init` on a terminal: it explains the line, and writes it only after a yes.

use crate::screen::Screen;

#[test]
fn the_line_is_explained_before_the_question() {
    let screen = Screen::new(&[(".bashrc", "# mine\n")]);
    screen.start("bash --norc --noprofile", 100, 20);
    let pane = screen.main();
    pane.wait_for("$");
    let ask = |answer: &str| {
        pane.press(&["C-l"]);
        pane.text("kcx init; echo \"left: $?\"");
        pane.press(&["Enter"]);
        let asked = pane.wait_for("[y/N]");
        assert!(asked.contains("eval \"$(kcx init bash)\""), "{asked}");
        pane.text(answer);
        pane.wait_for("left: 0")
    };
    ask("n");
    assert_eq!(screen.read(".bashrc"), "# mine\n");
    let seen = ask("y");
    assert!(seen.contains("+eval \"$(kcx init bash)\""), "{seen}");
    assert_eq!(screen.read(".bashrc"), "# mine\neval \"$(kcx init bash)\"\n");
}

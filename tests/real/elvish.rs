//! elvish with the hook: a context of its own, as in the other shells.

use crate::screen::{Pane, Screen, wait_until};
use crate::tools::TWO;

const RC: &str = "set edit:prompt = { put '$ ' }\nset edit:rprompt = { }\neval (kcx init elvish | slurp)\n";

fn typed(pane: &Pane<'_>, command: &str, answer: &str) {
    pane.text(command);
    pane.press(&["Enter"]);
    pane.wait_for(answer);
}

fn sessions(screen: &Screen) -> usize {
    std::fs::read_dir(screen.path("run/kcx")).unwrap().count()
}

#[test]
fn each_shell_has_its_own_context_and_kubectl_follows() {
    let screen = Screen::new(&[(".kube/config", TWO), (".config/elvish/rc.elv", RC)]);
    screen.start("elvish", 120, 40);
    let (here, there) = (screen.main(), screen.pane("elvish"));
    here.wait_for("a:default $");
    there.wait_for("a:default $");
    typed(&here, "kcx use b -n web", "switched to context `b`, namespace `web`");
    here.wait_for("b:web $");
    typed(&here, "echo here:(kubectl config current-context)", "\nhere:b\n");
    typed(&there, "echo there:(kubectl config current-context)", "\nthere:a\n");
    typed(&here, "kubectl config use-context a", "Switched to context \"a\".");
    here.wait_for("a:default $");
    typed(&here, "kubectl config set-context --current --namespace=db", "Context \"a\" modified.");
    here.wait_for("a:db $");
    assert_eq!(screen.read(".kube/config"), TWO);
    typed(&here, "kubectl config set-cluster kind --server=https://kind.example", "Cluster \"kind\" set.");
    assert!(wait_until(|| screen.read(".kube/config").contains("https://kind.example")));
    here.text("exit");
    here.press(&["Enter"]);
    // What an elvish that is too old to tidy up leaves goes with the next shell.
    assert!(wait_until(|| {
        let next = screen.pane("elvish");
        next.wait_for("a:default $");
        let left = sessions(&screen);
        next.text("exit");
        next.press(&["Enter"]);
        left <= 2
    }));
}

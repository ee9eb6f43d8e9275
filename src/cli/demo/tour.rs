//! The screens of the tour, and the files that it begins with.

use std::path::Path;

/// A part of the tour that fits a terminal of 80 columns and 30 rows.
pub(super) struct Screen {
    /// Its heading.
    pub(super) title: &'static str,
    /// True if it shows both terminals, each with a session of its own from here on.
    pub(super) both: bool,
    /// What is shown, in this order.
    pub(super) steps: &'static [Step],
}

/// A step of a screen.
pub(super) enum Step {
    /// A comment.
    Say(&'static str),
    /// The number of a terminal, and a command.
    Run(usize, &'static str),
}

use Step::{Run, Say};

pub(super) const SCREENS: [Screen; 7] = [
    Screen {
        title: "Switch",
        both: false,
        steps: &[
            Say("The contexts; * marks the current one:"),
            Run(1, "get"),
            Say("Switch. This changes one word of the file, no comment and no order:"),
            Run(1, "staging"),
            Say("A typo changes nothing:"),
            Run(1, "prodction"),
            Say("Return to the previous context:"),
            Run(1, "-"),
        ],
    },
    Screen {
        title: "Two terminals, two contexts",
        both: true,
        steps: &[
            Say("With the hook of `kcx init` each terminal has a context of its own:"),
            Run(1, "staging"),
            Run(2, "current -o name"),
            Run(2, "ns payments"),
            Say("kubectl follows; `kcx config` answers as `kubectl config` does:"),
            Run(1, "config current-context"),
            Run(2, "config current-context"),
            Run(1, "current"),
        ],
    },
    Screen {
        title: "Import a colleague's kubeconfig",
        both: false,
        steps: &[
            Say("A name that means something else here is a conflict, and nothing is written:"),
            Run(1, "import ~/colleague.yaml"),
            Say("Keep both:"),
            Run(1, "import ~/colleague.yaml --on-conflict=rename"),
            Run(1, "get"),
        ],
    },
    Screen {
        title: "What is wrong with it?",
        both: false,
        steps: &[
            Say("kubectl would only say that you must be logged in to the server:"),
            Run(1, "lint ~/colleague.yaml"),
        ],
    },
    Screen {
        title: "Undo",
        both: false,
        steps: &[
            Say("Every change is recorded, and can be undone, here the import:"),
            Run(1, "history"),
            Run(1, "undo"),
            Say("The file is again what it was, byte for byte:"),
            Run(1, "get"),
        ],
    },
    Screen {
        title: "No token in the file",
        both: false,
        steps: &[
            Say("Whoever gets this file can use the token of `me`:"),
            Run(1, "get users"),
            Say("Move it into the keychain; here into an encrypted file:"),
            Run(1, "credential seal me --store=file"),
            Say("kubectl, helm and others now get it from the program kcx-credential:"),
            Run(1, "get users"),
        ],
    },
    Screen {
        title: "Production asks first",
        both: true,
        steps: &[
            Say("A rule of the settings protects it. On a terminal you type its name; here:"),
            Run(2, "production"),
            Run(2, "production --yes-i-mean production"),
            Say("The prompt shows where you are, in red; the other terminal stays where it was:"),
            Run(2, "protect"),
            Run(1, "current -o name"),
        ],
    },
];

const KUBECONFIG: &str = include_str!("kubeconfig.yaml");
const COLLEAGUE: &str = include_str!("colleague.yaml");
const SETTINGS: &str = include_str!("settings.yaml");

/// The files of this home folder.
pub(super) fn files(home: &Path) -> [(&'static str, String); 4] {
    // YAML reads no escapes in single quotes, which a path on Windows would need.
    let passphrase = home.join("passphrase").to_string_lossy().replace('\'', "''");
    [
        (".kube/config", KUBECONFIG.to_owned()),
        ("colleague.yaml", COLLEAGUE.to_owned()),
        ("config/config.yaml", SETTINGS.replace("PASSPHRASE", &passphrase)),
        ("passphrase", "correct horse battery staple\n".to_owned()),
    ]
}

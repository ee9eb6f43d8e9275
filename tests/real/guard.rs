//! `kcx init --guard`: kubectl and helm, as typed in a shell, ask before they write in a protected context.

use crate::other_shells::NUSHELL;
use crate::screen::{Pane, Screen};
use crate::tools::{Home, KCX, TWO, complaint, fine, nushell};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};

const RULES: &str = "rules: [{match: b, label: PROD, confirm: type-name}, {match: c, confirm: yes}]\n";

/// A program that says how it was called, and gives back what it reads where it is told to.
const FAKE: &str = "#!/bin/sh\necho \"<$(basename \"$0\") $*>${KCX_YES_I_MEAN-}\"\n\
    case \"$*\" in *'-f -'*) cat;; *fail*) exit 7;; esac\n";

struct Kind {
    program: &'static str,
    rc: &'static str,
    hook: &'static str,
    /// What runs a command with a variable.
    with: fn(&str) -> String,
}

const SHELLS: [Kind; 5] = [
    Kind {
        program: "bash",
        rc: ".bashrc",
        hook: "PS1='$ '\nalias k=kubectl\neval \"$(kcx init bash --guard)\"\n",
        with: |command| format!("KCX_YES_I_MEAN=b {command}"),
    },
    Kind {
        program: "zsh",
        rc: ".zshrc",
        hook: "PROMPT='$ '\nalias k=kubectl\neval \"$(kcx init zsh --guard)\"\n",
        with: |command| format!("KCX_YES_I_MEAN=b {command}"),
    },
    Kind {
        program: "fish",
        rc: ".config/fish/config.fish",
        hook: "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nkcx init fish --guard | source\nalias k=kubectl\n",
        with: |command| format!("KCX_YES_I_MEAN=b {command}"),
    },
    Kind {
        program: "elvish",
        rc: ".config/elvish/rc.elv",
        hook: "set edit:prompt = { put '$ ' }\nset edit:rprompt = { }\neval (kcx init elvish --guard | slurp)\n\
               set edit:insert:binding[Ctrl-L] = { edit:clear }\n",
        with: |command| format!("{{ tmp E:KCX_YES_I_MEAN = b; {command} }}"),
    },
    Kind {
        program: "nu",
        rc: ".config/nushell/config.nu",
        hook: NUSHELL,
        with: |command| format!("KCX_YES_I_MEAN=b {command}"),
    },
];

fn screen(kind: &Kind) -> Screen {
    let screen =
        Screen::new(&[(".kube/config", TWO), (".config/kcx/config.yaml", RULES), (kind.rc, kind.hook)]);
    if kind.program == "nu" {
        screen.link(&nushell(), "nu");
        let mut init = Command::new(KCX);
        init.env_clear().env("HOME", screen.path("")).args(["init", "nushell", "--guard"]);
        fs::write(screen.path(".kcx.nu"), fine(&init.output().unwrap())).unwrap();
        let rc = fs::read_to_string(screen.path(kind.rc)).unwrap() + "alias k = kubectl\n";
        fs::write(screen.path(kind.rc), rc).unwrap();
    }
    // The link leads to the real one.
    fs::remove_file(screen.path("bin/kubectl")).unwrap();
    for name in ["kubectl", "helm"] {
        fs::write(screen.path("bin").join(name), FAKE).unwrap();
        fs::set_permissions(screen.path("bin").join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    screen.start(kind.program, 140, 24);
    screen.main().wait_for("a:default $");
    screen
}

/// Types a command on an empty screen.
fn type_in(pane: &Pane<'_>, command: &str) {
    pane.wait("the prompt", |seen| seen.trim_end().ends_with('$'));
    pane.press(&["C-l"]);
    pane.wait("a clear screen", |seen| seen.lines().count() == 1);
    pane.text(command);
    pane.press(&["Enter"]);
}

#[test]
fn a_write_in_a_protected_context_asks_in_every_shell() {
    for kind in &SHELLS {
        let (screen, name) = (screen(kind), kind.program);
        let pane = screen.main();
        // Nothing asks on a context that is not protected, also through an alias.
        // An alias of elvish is a function of the line that is typed.
        let k = if name == "elvish" { "kubectl" } else { "k" };
        type_in(&pane, &format!("{k} delete pod one"));
        pane.wait_for("<kubectl delete pod one>");
        // A write that names a protected context asks wherever the shell is.
        type_in(&pane, "helm uninstall web --kube-context b");
        pane.wait_for("Type its name to run this in it");
        pane.text("a");
        pane.press(&["Enter"]);
        let seen = pane.wait_for("nothing was run");
        assert!(!seen.contains("<helm uninstall"), "{name}: {seen}");
        type_in(&pane, "kcx use b --yes-i-mean b");
        pane.wait_for("b:default [PROD] $");
        // A read is not asked about.
        type_in(&pane, "kubectl get pods");
        pane.wait_for("<kubectl get pods>");
        type_in(&pane, &format!("{k} delete pod two"));
        let seen = pane.wait_for("Type its name to run this in it");
        assert!(seen.contains("`b` is protected"), "{name}: {seen}");
        pane.text("b");
        pane.press(&["Enter"]);
        pane.wait_for("<kubectl delete pod two>");
        // stdin is that of the program.
        type_in(&pane, "echo from-stdin | kubectl apply -f -");
        pane.wait_for("Type its name to run this in it");
        pane.text("b");
        pane.press(&["Enter"]);
        let seen = pane.wait_for("<kubectl apply -f ->");
        pane.wait("what it reads", |seen| seen.lines().any(|line| line.trim() == "from-stdin"));
        assert!(!seen.contains("nothing was run"), "{name}: {seen}");
        // Named beforehand, it asks nothing, and the program does not see the name.
        type_in(&pane, &(kind.with)("kubectl delete pod three"));
        pane.wait_for("<kubectl delete pod three>\n");
        // A lift, too.
        type_in(&pane, "kcx protect lift 10m b");
        pane.wait_for("b:default [PROD] (lifted) $");
        type_in(&pane, "kubectl delete pod four");
        pane.wait_for("<kubectl delete pod four>");
        type_in(&pane, "kcx protect restore");
        pane.wait_for("b:default [PROD] $");
        type_in(&pane, "kubectl delete pod five");
        pane.wait_for("Type its name to run this in it");
        pane.press(&["C-c"]);
    }
}

/// A home for scripts that run the hook.
struct Scripts {
    home: Home,
}

impl Scripts {
    fn new() -> Scripts {
        let home = Home::new();
        for folder in [".kube", ".config/kcx", "bin"] {
            fs::create_dir_all(home.path(folder)).unwrap();
        }
        home.write(".kube/config", TWO.replace("current-context: a", "current-context: b"));
        home.write(".config/kcx/config.yaml", RULES);
        symlink(KCX, home.path("bin/kcx")).unwrap();
        for name in ["kubectl", "helm"] {
            let path = home.write(&format!("bin/{name}"), FAKE);
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Scripts { home }
    }

    fn run(&self, program: &[&str], script: &str) -> Output {
        let file = self.home.write("script", script);
        let mut command = self.home.command(program[0], "");
        let path = format!("{}:{}", self.home.path("bin").display(), std::env::var("PATH").unwrap());
        command.env_remove("KUBECONFIG").env("PATH", path).args(&program[1..]).arg(file).output().unwrap()
    }
}

const BASH: &str = "eval \"$(kcx init bash --guard --no-completions)\"\n";

#[test]
fn without_a_terminal_it_refuses_unless_the_context_is_named() {
    let scripts = Scripts::new();
    let output = scripts.run(&["bash"], &format!("{BASH}kubectl delete pod x; echo rc=$?"));
    assert_eq!(fine(&output), "rc=2\n");
    let said = complaint(&output);
    for wanted in [
        "error: `b` is protected; nothing was run\n",
        "hint: `KCX_YES_I_MEAN=b kubectl …` confirms it here\n",
        "hint: `kcx protect lift 10m b` stops kcx asking about it for 10 minutes\n",
    ] {
        assert!(said.contains(wanted), "no {wanted} in {said}");
    }
    for (line, answer) in [
        ("KCX_YES_I_MEAN=b kubectl delete pod x", "<kubectl delete pod x>\n"),
        ("KCX_YES_I_MEAN=a kubectl delete pod x", ""),
        ("kubectl get pods", "<kubectl get pods>\n"),
        ("kubectl --context a delete pod x", "<kubectl --context a delete pod x>\n"),
        ("kubectl __complete delete pod ''", "<kubectl __complete delete pod >\n"),
        ("helm upgrade web ./chart", ""),
        ("helm list", "<helm list>\n"),
        // By its path, and in another program, it is the program itself.
        ("~/bin/kubectl delete pod x", "<kubectl delete pod x>\n"),
        ("command kubectl delete pod x", "<kubectl delete pod x>\n"),
        ("sh -c 'kubectl delete pod x'", "<kubectl delete pod x>\n"),
    ] {
        let output = scripts.run(&["bash"], &format!("{BASH}{line}; true"));
        assert_eq!(fine(&output), answer, "{line}: {}", complaint(&output));
    }
    // Settings that cannot be read may protect the context.
    scripts.home.write(".config/kcx/config.yaml", "nonsense: 1\n");
    let output = scripts.run(&["bash"], &format!("{BASH}kubectl delete pod x; echo rc=$?"));
    assert!(!fine(&output).contains("<kubectl"), "{}", complaint(&output));
}

#[test]
fn exit_codes_arguments_and_streams_are_those_of_the_program() {
    let scripts = Scripts::new();
    scripts.home.write(".kube/config", TWO);
    let awkward = "kubectl get '' 'a b' '*' -- \"it's\" fail";
    let shells: [(&[&str], &str, &str); 3] = [
        (&["bash"], "eval \"$(kcx init bash --guard)\"", "echo rc=$?"),
        (&["zsh", "-f"], "eval \"$(kcx init zsh --guard)\"", "echo rc=$?"),
        (&["fish", "-N"], "kcx init fish --guard | source", "echo rc=$status"),
    ];
    for (program, hook, code) in shells {
        let output = scripts.run(program, &format!("{hook}\n{awkward}\n{code}\n"));
        let said = fine(&output);
        assert_eq!(said, "<kubectl get  a b * -- it's fail>\nrc=7\n", "{program:?}: {}", complaint(&output));
        let output =
            scripts.run(program, &format!("{hook}\nprintf 'in\\n' | kubectl apply -f - | tr a-z A-Z\n"));
        assert_eq!(fine(&output), "<KUBECTL APPLY -F ->\nIN\n", "{program:?}: {}", complaint(&output));
    }
    // A program that does not exist is told as a shell tells it.
    fs::remove_file(scripts.home.path("bin/helm")).unwrap();
    let output = scripts.run(
        &["bash"],
        "PATH=$HOME/bin:/usr/bin:/bin\neval \"$(kcx init bash --guard)\"\nhelm list; echo rc=$?",
    );
    assert_eq!(fine(&output), "rc=127\n");
}

/// An alias or a function of the user stays, and the shell says that it is not guarded.
#[test]
fn what_is_not_guarded_is_said() {
    let scripts = Scripts::new();
    let said = "kcx: helm is an alias or a function of this shell already, so the guard does not see it\n";
    for (program, script) in [
        (&["bash"][..], "helm() { echo mine; }\neval \"$(kcx init bash --guard)\"\nhelm\n"),
        (&["zsh", "-f"], "helm() { echo mine; }\neval \"$(kcx init zsh --guard)\"\nhelm\n"),
        (&["fish", "-N"], "function helm; echo mine; end\nkcx init fish --guard | source\nhelm\n"),
    ] {
        let output = scripts.run(program, script);
        assert_eq!(fine(&output), "mine\n", "{program:?}");
        assert_eq!(complaint(&output), said, "{program:?}");
    }
    let output = scripts.run(&["bash"], BASH);
    assert_eq!(complaint(&output), "");
    let output = scripts.home.command(KCX, "").args(["init", "powershell", "--guard"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("PowerShell has no guard"), "{}", complaint(&output));
}

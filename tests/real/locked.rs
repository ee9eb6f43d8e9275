//! Shells and runs that are locked to one context, and `kcx exec --global`.

use crate::api_server::{ApiServer, Setup, User, kubeconfig};
use crate::other_shells::{self, NUSHELL};
use crate::tools::{Home, KCX, TWO, complaint, fine, kubectl, sessions, which};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Output;

const TOKEN: &str = "tok-77aa01c2e94b6d35";

struct World {
    home: Home,
    servers: Vec<ApiServer>,
}

impl World {
    fn new() -> World {
        let home = Home::new();
        fs::create_dir_all(home.path(".kube")).unwrap();
        fs::create_dir(home.path("bin")).unwrap();
        let servers: Vec<ApiServer> = ["dev", "prod"]
            .map(|name| {
                let tokens = vec![(TOKEN.to_owned(), User::new(name, &[]))];
                ApiServer::start(Setup { tokens, ..Setup::default() })
            })
            .into();
        let clusters: Vec<String> = servers.iter().map(ApiServer::cluster).collect();
        let user = format!("{{token: {TOKEN}}}");
        home.write(
            ".kube/config",
            kubeconfig(&[("dev", &clusters[0], &user), ("prod", &clusters[1], &user)]),
        );
        let world = World { home, servers };
        symlink(KCX, world.home.path("bin/kcx")).unwrap();
        symlink(KCX, world.home.path("bin/kubectx")).unwrap();
        symlink(KCX, world.home.path("bin/kubens")).unwrap();
        let script =
            world.home.write("bin/kubectl", format!("#!/bin/sh\nexec {} \"$@\"\n", which(&kubectl())));
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
        world
    }

    fn sh(&self, script: &str) -> Output {
        let mut command = self.home.command("bash", "");
        let path = format!("{}:{}", self.home.path("bin").display(), std::env::var("PATH").unwrap());
        command.env_remove("KUBECONFIG").env("PATH", path).env("KUBECACHEDIR", self.home.path("cache"));
        command.env("SHELL", "/bin/bash").args(["-c", script]).output().unwrap()
    }

    /// What a shell that is started like this prints for a script.
    fn shell(&self, how: &str, script: &str) -> Output {
        self.sh(&format!("cat <<'END' | {how}\n{script}\nEND\n"))
    }
}

#[test]
fn a_locked_shell_sees_one_context_and_refuses_to_switch() {
    let world = World::new();
    let output = world.shell(
        "kcx shell --locked dev",
        "kubectl config get-contexts -o name; kubectl auth whoami -o 'jsonpath={.status.userInfo.username}'; echo\n\
         for switch in 'use prod' prod - 'use --global prod' 'config use-context prod' 'shell prod' 'use --unset' \
         'exec --global -- true'; do kcx $switch; echo rc=$?; done\n\
         kubectx prod; echo rc=$?; kubectl --context prod get pods; echo rc=$?\n\
         kcx ns -q shop; kubectl config view --minify -o 'jsonpath={..namespace}'; echo; echo $KCX_LOCKED $KUBECTX_ISOLATED_SHELL",
    );
    let (said, complaint) = (fine(&output), complaint(&output));
    assert_eq!(said, format!("dev\ndev\n{}rc=1\nrc=1\nshop\ndev 1\n", "rc=1\n".repeat(8)), "{complaint}");
    for wanted in [
        "a shell locked to context `dev`",
        "error: this shell is locked to context `dev`; nothing was switched\nhint: `exit` leaves it",
        "no shell was started",
        "nothing was run",
        "error: you are in a locked single-context shell (\"dev\"), use 'exit' to leave",
    ] {
        assert!(complaint.contains(wanted), "no `{wanted}` in {complaint}");
    }
    // Wrong usage is told first.
    let output = world.shell("kcx shell -q --locked dev", "kcx use a b; kcx use; kubectx -x; kubectx a b");
    let said = self::complaint(&output);
    assert!(said.contains("unexpected argument") && said.contains("no context was named"), "{said}");
    assert!(said.contains("unsupported option '-x'") && said.contains("too many arguments"), "{said}");
    assert!(!said.contains("locked"), "{said}");
    let config = fs::read_to_string(world.home.path(".kube/config")).unwrap();
    assert!(config.contains("current-context: dev") && !config.contains("shop"), "{config}");
    assert_eq!(world.shell("kcx shell -q --locked dev", "exit 7").status.code(), Some(7));
    assert_eq!(sessions(world.home.dir.path()).len(), 0);
}

#[test]
fn a_locked_run_sees_one_context() {
    let world = World::new();
    let said = fine(&world.sh(
        "kcx exec '*' --locked -- sh -c 'kubectl config get-contexts -o name; grep -c tok- $KUBECONFIG; true'",
    ));
    assert_eq!(said, "dev\n0\nprod\n0\n");
    let output = world.sh("kcx exec dev --locked -- kcx use prod");
    assert_eq!(output.status.code(), Some(1));
    assert!(complaint(&output).contains("locked to context `dev`"), "{}", complaint(&output));
    // What a tool creates there is moved home.
    fine(&world.sh("kcx exec dev --locked -- kubectl config set-cluster kind --server=https://kind.example"));
    assert!(fs::read_to_string(world.home.path(".kube/config")).unwrap().contains("https://kind.example"));
}

/// A job that outlives a locked shell or a session with one file stays on its context.
#[test]
fn a_job_of_such_a_shell_stays_on_its_context() {
    let world = World::new();
    for how in ["kcx shell -q prod --locked", "kcx shell -q prod --single-file"] {
        let job = "read x <go; kubectl auth whoami -o 'jsonpath={.status.userInfo.username}'";
        let script = format!(
            "mkfifo go; echo \"nohup sh -c \\\"{job} >said; mv said done\\\" >/dev/null 2>&1 &\" | {how}; \
             kcx get >/dev/null; echo >go; until [ -e done ]; do read -t 0.05 x <>go; done; cat done; rm done go"
        );
        assert_eq!(fine(&world.sh(&script)), "prod", "{how}");
    }
}

#[test]
fn kubectx_starts_a_locked_shell_as_kubectx_does() {
    let world = World::new();
    let output = world.shell(
        "kubectx -s prod",
        "kubectl config get-contexts -o name; kubens -c; kubectx -c; kubectx -s dev; exit 3",
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "prod\ndefault\n");
    let locked = "error: you are in a locked single-context shell (\"prod\"), use 'exit' to leave\n";
    assert_eq!(
        complaint(&output),
        format!(
            "[ISOLATED SHELL] kubectl context is prod in this shell — type 'exit' to leave.\n{locked}{locked}\
             [ISOLATED SHELL EXITED] kubectl context is now dev.\n"
        )
    );
    let output = world.shell(
        "kubectx -r prod",
        "kubectl auth whoami -o 'jsonpath={.status.userInfo.username}'; echo; \
        kubectl create namespace x; echo rc=$?; echo $KUBECTX_READONLY_SHELL; grep -c tok- $KUBECONFIG",
    );
    let said = complaint(&output);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "prod\nrc=1\n1\n0\n", "{said}");
    assert!(
        said.starts_with(
            "[READONLY SHELL] kubectl context is prod in READ-ONLY mode — type 'exit' to leave.\n"
        ),
        "{said}"
    );
    assert!(said.ends_with("[READONLY SHELL EXITED] kubectl context is now dev.\n"), "{said}");
    let output = world.sh("kubectx -s nowhere");
    assert_eq!(complaint(&output), "error: no context exists with the name: \"nowhere\"\n");
    assert!(
        world
            .servers
            .iter()
            .all(|server| server.lines().iter().all(|line| !line.starts_with("POST /api/v1/namespaces")))
    );
}

#[test]
fn the_real_kubeconfig_on_purpose() {
    let world = World::new();
    let show = "sh -c 'echo \"${KUBECONFIG-unset} ${KCX_SESSION-unset}\"'";
    let hook = "eval \"$(kcx init bash --no-completions)\"; kcx use -q prod;";
    assert_eq!(fine(&world.sh(&format!("{hook} kcx exec --global -- {show}"))), "unset unset\n");
    let list = "export KUBECONFIG=.kube/config:other;";
    assert_eq!(
        fine(&world.sh(&format!("{list} {hook} kcx exec --global -- {show}"))),
        ".kube/config:other unset\n"
    );
    assert_eq!(fine(&world.sh(&format!("{list} kcx exec --global -- {show}"))), ".kube/config:other unset\n");
    // In a shell and a run below it.
    for below in ["kcx exec dev --", "kcx exec dev --single-file --"] {
        assert_eq!(
            fine(&world.sh(&format!("{list} {hook} {below} kcx exec --global -- {show}"))),
            ".kube/config:other unset\n"
        );
    }
    // A list that was changed since.
    let changed = format!("{hook} export KUBECONFIG=$KUBECONFIG:/extra; kcx exec --global -- {show}");
    assert_eq!(
        fine(&world.sh(&changed)),
        format!("{}:/extra unset\n", world.home.path(".kube/config").display())
    );
    fine(&world.sh(&format!("{hook} kcx exec --global -- kubectl config set-context mine")));
    assert!(fs::read_to_string(world.home.path(".kube/config")).unwrap().contains("name: mine"));
    for (script, code) in [
        ("kcx exec --global -- sh -c 'exit 7'", 7),
        ("kcx exec --global -- no-such-program", 127),
        ("kcx exec --global -- ./.kube/config", 126),
        ("kcx exec dev -- no-such-program", 127),
        ("kcx exec dev -- ./.kube/config", 126),
        ("kcx exec dev --global -- true", 2),
        ("kcx exec --global -n x -- true", 2),
    ] {
        assert_eq!(world.sh(script).status.code(), Some(code), "{script}");
    }
}

/// `kcx init --own`: a function in each shell that runs the program past the session, and hands on all arguments.
#[test]
fn a_program_of_init_own_gets_the_real_kubeconfig() {
    let world = World::new();
    let tool = world.home.write("bin/mini-tool", "#!/bin/sh\necho \"<${KUBECONFIG-unset}> $*\"\nexit 3\n");
    fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
    let (call, answer) = ("mini-tool start -- --flag 'a b'", "<unset> start -- --flag a b\n");
    for (program, evaluated) in [
        ("bash", "eval \"$(kcx init bash --own mini-tool,other)\""),
        ("zsh -f", "eval \"$(kcx init zsh --own mini-tool,other)\""),
        ("fish -N", "kcx init fish --own mini-tool,other | source"),
    ] {
        let script = world.home.write("script", format!("{evaluated}\nkcx use -q prod\n{call}\n"));
        let output = world.sh(&format!("{program} {}", script.display()));
        assert_eq!(output.status.code(), Some(3), "{program}: {}", complaint(&output));
        assert_eq!(String::from_utf8_lossy(&output.stdout), answer, "{program}");
    }
    fine(&world.sh("kcx init nushell --own mini-tool --no-completions >hook.nu"));
    let nu = crate::tools::nushell();
    let script = world.home.write("script.nu", format!("source hook.nu\n{call}\n"));
    let output = world.sh(&format!("{nu} -n {}", script.display()));
    assert!(String::from_utf8_lossy(&output.stdout).contains(answer), "{}", complaint(&output));
    // The setting does the same; what is no name of a program is refused.
    fs::create_dir_all(world.home.path(".config/kcx")).unwrap();
    world.home.write(".config/kcx/config.yaml", "hook: {own: [mini-tool]}\n");
    let script = format!("eval \"$(kcx init bash)\"; kcx use -q prod; {call}");
    assert_eq!(String::from_utf8_lossy(&world.sh(&script).stdout), answer);
    assert_eq!(world.sh("kcx init bash --own 'a;b'").status.code(), Some(2));
}

#[test]
fn a_shell_is_without_variables_that_lead_elsewhere() {
    let world = World::new();
    let set = "export HELM_KUBECONTEXT=dev HELM_NAMESPACE=old KUBE_CTX=dev KUBIE_ACTIVE=1 K8S_AUTH_HOST=h KUBECTX_IGNORE_FZF=1;";
    let show = "env | grep -E '^(HELM|KUBE_CTX|KUBIE|K8S|KUBECTX)' | sort";
    let output = world.sh(&format!("{set} echo \"{show}\" | kcx shell prod"));
    assert_eq!(fine(&output), "KUBECTX_IGNORE_FZF=1\n");
    let said = "so the shell is without them: HELM_KUBECONTEXT, HELM_NAMESPACE, K8S_AUTH_HOST, KUBE_CTX, KUBIE_ACTIVE\n";
    assert!(complaint(&output).contains(said), "{}", complaint(&output));
    let output = world.sh(&format!("{set} echo \"{show}\" | kcx shell -q prod --locked"));
    assert_eq!(fine(&output), "KUBECTX_IGNORE_FZF=1\nKUBECTX_ISOLATED_SHELL=1\n");
    assert_eq!(complaint(&output), "");
    // Behind the proxy, the cluster of the pod is out of reach, too.
    let output = world.sh(&format!(
        "export KUBERNETES_SERVICE_HOST=10.0.0.1; {set} echo \"env | grep -cE '^(KUBERNETES_SERVICE_HOST|K8S_AUTH_HOST)'; \
         echo \\$HELM_KUBECONTEXT\" | kcx shell -q prod --read-only"
    ));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\nprod\n", "{}", complaint(&output));
}

/// A start-up file that sets `KUBECONFIG`, and a person who does: the hook puts the file of the locked shell back.
#[test]
fn a_locked_shell_goes_back_to_its_file_in_every_shell() {
    const WARNING: &str = "KUBECONFIG was set in a shell that is locked to context `a`";
    for (program, rc, text, set) in [
        (
            "bash",
            ".bashrc",
            "PS1='$ '\nexport KUBECONFIG=$HOME/.kube/config\neval \"$(kcx init bash)\"\n",
            "export KUBECONFIG=$HOME/.kube/config",
        ),
        (
            "zsh",
            ".zshrc",
            "PROMPT='$ '\nexport KUBECONFIG=$HOME/.kube/config\neval \"$(kcx init zsh)\"\n",
            "export KUBECONFIG=$HOME/.kube/config",
        ),
        (
            "fish",
            ".config/fish/config.fish",
            "set fish_greeting\nfunction fish_prompt; printf '$ '; end\nset -gx KUBECONFIG ~/.kube/config\nkcx init fish | source\n",
            "set -gx KUBECONFIG ~/.kube/config",
        ),
        (
            "elvish",
            ".config/elvish/rc.elv",
            "set edit:prompt = { put '$ ' }\nset edit:rprompt = { }\nset E:KUBECONFIG = ~/.kube/config\neval (kcx init elvish | slurp)\nset edit:insert:binding[Ctrl-L] = { edit:clear }\n",
            "set E:KUBECONFIG = ~/.kube/config",
        ),
        ("nu", ".config/nushell/config.nu", NUSHELL, "$env.KUBECONFIG = $\"($env.HOME)/.kube/config\""),
    ] {
        let text = text.replace("source ~", "$env.KUBECONFIG = $\"($env.HOME)/.kube/config\"\nsource ~");
        let screen = other_shells::home(&[(".kube/config", TWO), (rc, &text)], program);
        screen.start(program, 160, 30);
        let pane = screen.main();
        pane.wait_for("a:default $");
        pane.text("kcx shell -q --locked a");
        pane.press(&["Enter"]);
        let seen = pane.wait_for("a:default (locked) $");
        assert_eq!(seen.matches(WARNING).count(), 1, "{program}: {seen}");
        for at in 2..4 {
            pane.press(&["C-l"]);
            pane.text(&format!("kubectl config get-contexts -o name; echo end-{at}"));
            pane.press(&["Enter"]);
            let seen = pane.wait_for(&format!("\nend-{at}"));
            assert!(seen.contains("\na\nend-"), "{program}: {seen}");
            pane.press(&["C-l"]);
            pane.text(set);
            pane.press(&["Enter"]);
            pane.wait("the warning, and the prompt", |seen| {
                seen.contains(WARNING) && seen.ends_with("a:default (locked) $\n")
            });
        }
        // A shell in it is locked, too.
        pane.press(&["C-l"]);
        pane.text(program);
        pane.press(&["Enter"]);
        pane.wait("its prompt", |seen| seen.ends_with("a:default (locked) $\n") && seen.lines().count() > 1);
        for command in ["kcx b", "kcx shell b", "kubectl config use-context b", "kubectx b"] {
            pane.press(&["C-l"]);
            pane.text(command);
            pane.press(&["Enter"]);
            let words =
                ["locked to context `a`", "no context exists", "locked single-context shell", "not found"];
            let refused = |seen: &str| words.iter().any(|word| seen.contains(word));
            pane.wait(command, |seen| refused(seen) && seen.ends_with("(locked) $\n"));
        }
        assert_eq!(screen.read(".kube/config"), TWO, "{program}");
    }
}

/// What `kubectl config` changes in a locked shell with the hook: kcx does it, and refuses another cluster.
#[test]
fn the_real_tools_find_no_other_context_in_a_locked_shell() {
    let world = World::new();
    let debians = "/usr/bin/kubectx";
    let script = format!(
        "eval \"$(kcx init bash --no-completions)\"\n{debians} prod; echo rc=$?; kubectl config use-context prod; echo rc=$?\n\
         kubectl config set-context --current --cluster=c; echo rc=$?\n\
         kubectl config set-context --current --namespace=web; echo rc=$?; kubectl config view --minify -o 'jsonpath={{..namespace}}'"
    );
    for how in ["kcx shell -q --locked dev", "kcx shell -q --read-only dev"] {
        let output = world.shell(how, &script);
        let said = fine(&output);
        let rest = said.trim_start_matches(|c| c != 'r');
        assert_eq!(rest.matches("rc=1\n").count(), 3, "{how}: {said}{}", complaint(&output));
        assert!(said.ends_with("rc=0\nweb"), "{how}: {said}{}", complaint(&output));
        let config = fs::read_to_string(world.home.path(".kube/config")).unwrap();
        assert!(config.contains("current-context: dev") && !config.contains("web"), "{config}");
    }
    // A run that can only read is locked, too.
    let show = "echo \"$KCX_LOCKED $KCX_READ_ONLY\"; kcx use prod";
    let output = world.sh(&format!("kcx exec dev --read-only -- sh -c '{show}'"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "dev 1\n");
    assert!(complaint(&output).contains("this shell is locked to context `dev`; nothing was switched"));
}

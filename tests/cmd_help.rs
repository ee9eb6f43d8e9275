//! The help: every command is in one group, fits a screen, and has examples that run.

use crate::common::{Sandbox, THREE};
use kcx::cli::help::{GROUPS, command, examples::EXAMPLES};
use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

const DEMO: &str = include_str!("../src/cli/demo/kubeconfig.yaml");

/// The names of all commands, those below others included.
fn names(command: &clap::Command, parent: &str) -> Vec<String> {
    let mut all = Vec::new();
    for command in command.get_subcommands().filter(|it| it.get_name() != "help" && !it.is_hide_set()) {
        let name = format!("{parent} {}", command.get_name()).trim().to_owned();
        all.extend(names(command, &name));
        all.push(name);
    }
    all
}

#[test]
fn every_command_is_in_one_group() {
    let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
    grouped.sort_unstable();
    let mut all = names(&command(), "");
    all.retain(|name| !name.contains(' '));
    all.sort_unstable();
    assert_eq!(grouped, all);
}

#[test]
fn help_fits_a_screen() {
    let sandbox = Sandbox::new();
    let mut wrong = Vec::new();
    for name in names(&command(), "") {
        // `kcx config` has kubectl's help.
        if name == "config" {
            continue;
        }
        let text = sandbox.run(&format!("{name} --help")).0;
        let lines = text.split("--- stderr").next().unwrap().lines().count();
        let widest = text.lines().map(str::len).max().unwrap_or_default();
        if lines > 40 || widest > 104 {
            wrong.push(format!("{name}: {lines} lines, {widest} columns"));
        }
        let long = sandbox.run(&format!("help {name}")).0;
        assert_eq!(text, long, "`kcx help {name}` and `kcx {name} --help`");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_overview_and_the_topics() {
    let sandbox = Sandbox::new();
    sandbox.run("--help").shows(
        "
kcx switches Kubernetes contexts, for one shell or for all, and edits
kubeconfigs without losing comments or order.

Usage: kcx [COMMAND]         kcx alone lists the contexts to choose from
       kcx NAME [-n NAMESPACE]   switches to a context; `kcx -` goes back

Switch:
  use          Switch to another context [alias: ctx]
  ns           Switch the namespace of the current context
  shell        Start a shell with a context of its own
  exec         Run a command once for each matching context
  env          Print the commands that pin a context, for direnv and mise
  protect      List protected contexts, or lift their protection for a while

Look:
  get          List contexts, clusters, users or namespaces [alias: list]
  current      Show the current context, its namespace, cluster and user
  diff         Show the differences between two kubeconfigs, by meaning
  history      List the changes that kcx made to kubeconfigs

Change:
  config       Do what `kubectl config` does, but keep comments and order
  copy         Copy a context, cluster or user under another name
  delete       Delete contexts, clusters or users
  edit         Edit a context, cluster, user or the whole kubeconfig in your editor
  prune        Remove clusters and users that no context uses
  rename       Rename a context, cluster or user
  undo         Undo the last change

Check:
  lint         Report all problems of a kubeconfig, with their positions [alias: validate]
  doctor       Check the shell hook, kubeconfigs, settings and programs for common problems

Share:
  export       Print contexts as a separate kubeconfig, with their clusters and users
  import       Add the entries of other kubeconfigs to yours
  merge        Merge several kubeconfigs into one
  source       List, add, remove and try the sources of `kcx sync`
  split        Write a separate kubeconfig for each context
  sync         Keep the contexts of sources in step

Ask clusters:
  status       Query clusters: whether they respond, and which user they see
  whoami       Show which user the cluster sees

Secrets:
  credential   Store credentials in the keychain instead of the kubeconfig

Set up:
  init         Print the hook for a shell's start-up file
  settings     Show, edit and check the settings of kcx
  prompt       Print the current context for a prompt
  completions  Print the completion script for a shell
  demo         Try kcx with an example kubeconfig in a temporary folder
  version      Print the version and how this kcx was built

`kcx COMMAND --help` shows a command's flags and examples. `kcx help flags`
lists the flags that all commands have, `kcx help exit-codes` the exit codes.
New here? `kcx demo` shows kcx at work.
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("help flags").shows(
        "
The flags that all commands have. They can be given anywhere before `--`.

Global options:
      --kubeconfig <FILE>     Use only this kubeconfig
  -o, --output <FORMAT>       The output format: name, wide, json or yaml
  -q, --quiet                 Print nothing on success
      --color <WHEN>          Use colors: auto (on a terminal), always or never
  -y, --yes                   Answer yes to every question
      --yes-i-mean <CONTEXT>  Act although CONTEXT is protected (see `kcx protect`); can be repeated

Writing:
      --lock-timeout <DURATION>      Wait this long for the lock of another program: `500ms`, `5s`,
                                     `1m`, `0` [default: 5s]
      --break-lock                   Remove an existing lock, whichever program created it
      --break-lock-after <DURATION>  Remove an existing lock that is older than this
      --no-journal                   Do not record the change: `kcx undo` cannot undo it
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("help permissions").shows(
        "
A kubeconfig can run programs, read files and send credentials somewhere. These flags permit what kcx
would otherwise ask about; `kcx import --dry-run FILE` shows it.

Permissions:
      --allow-exec[=<CMD>]      Permit the new users to run this program; without CMD, any program.
                                Can be repeated
      --allow-env[=<NAME>]      Permit the programs to get this environment variable; without NAME,
                                any variable
      --allow-file[=<FILE>]     Permit the new entries to send this file as a token, or to embed it
                                as a certificate; without FILE, any file
      --allow-user[=<NAME>]     Permit the new contexts to log in as this user of yours; without
                                NAME, as any user
      --allow-cluster[=<NAME>]  Permit the new contexts to connect to this cluster of yours; without
                                NAME, any cluster
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("help limits").shows(
        "
With these flags, `kcx exec` and `kcx shell` limit what programs can read in the cluster. Each of them
includes `--read-only`.

Limits:
      --no-secrets       Refuse Secrets and tokens, and leave them out of all answers
      --hide <KIND>      The same for these kinds: `configmaps`, `certificates.cert-manager.io`
      --namespaces <NS>  Refuse what is in no namespace or in another one, and leave it out of all
                         answers
      --verbs <VERB>     Allow only these verbs: get, list, watch, logs, dry-run, review
      --audit <FILE>     Append a line of JSON for each request to FILE
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("help exit-codes").shows(
        "
0    done; also when there was nothing to do
1    failed; a check found errors; or a question was answered with no
2    the command line is wrong, or `-y` is missing; `kcx diff`: cannot compare
3    there is no such context, cluster, user or file
4    a name is already used by something else, or the file was changed in the meantime
5    kcx could not get the lock of a file, or a file cannot be written
6    the keychain is missing or locked
126  `kcx exec`, `kcx shell`: the command cannot be run
127  `kcx exec`, `kcx shell`: the command does not exist
130  Ctrl-C, or Esc in a list; another signal: 128 plus its number

`kcx exec` returns the exit code of a command that runs once.
--- stderr
--- exit 0
no file changed
",
    );
    sandbox.run("get -h").shows(
        "
List contexts, clusters, users or namespaces

TYPE is `contexts` (the default), `clusters` or `users`, also in the singular; `ctx` is short for
contexts. NAME can be a pattern (`prod-*`), or TYPE/NAME as in kubectl. A context named `user/x`
takes precedence; if there is also a user `x`, write the type as a separate word. `-o wide` adds the
file and line of each entry. Only `namespaces` (or `ns`) queries a cluster: that of the current
context.

Usage: kcx get [OPTIONS] [TYPE|NAME]...

Arguments:
  [TYPE|NAME]...  A type, and names or patterns of entries; `'!x'` leaves x out [default: all]

Options:
      --exclude <PATTERN>  Leave these out, too: the same as the word `'!PATTERN'`
      --label <LABEL>      Only contexts with this label: KEY, KEY=VALUE or KEY!=VALUE

Examples:
  kcx get                   list the contexts
  kcx get users -o wide     list the users, how they log in, and their files
  kcx get 'prod*' -o json   contexts by pattern, for a script

`kcx help flags` lists the flags that all commands have.
--- stderr
--- exit 0
no file changed
",
    );
}

/// The words of a line, which may be in single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// What examples return that cannot succeed here: no cluster responds, nothing is protected, files differ.
const EXPECTED: [(&str, i32); 10] = [
    ("kcx diff edge.yaml", 1),
    ("kcx diff edge.yaml other.yaml", 1),
    ("kcx protect lift 10m staging", 3),
    ("kcx delete 'old-*' --dry-run", 3),
    ("kcx export dev --as-service-account ci/bot -O bot.yaml", 1),
    ("kcx status", 1),
    ("kcx status 'prod*' --timeout 3s -o json", 1),
    ("kcx whoami staging", 1),
    ("kcx credential exec 1b4e28ba", 6),
    ("kcx lint edge.yaml --fail-on warning", 1),
];

/// A home with the kubeconfig of the demo, files to import, an encrypted store of credentials, and programs.
fn home(sealed: bool) -> Sandbox {
    let edge = "\
apiVersion: v1
kind: Config
current-context: edge
clusters:
- name: edge
  cluster: {server: 'https://edge.example'}
users:
- name: edge
  user: {token: t}
contexts:
- name: edge
  context: {cluster: edge, user: edge}
";
    let sandbox =
        Sandbox::with(DEMO).file("edge.yaml", edge).file("other.yaml", &edge.replace("edge", "other"));
    let passphrase = sandbox.path().join("passphrase");
    let settings = format!(
        "credential: {{store: file, passphrase-file: {}}}\nsources:\n- {{name: lab, dir: ~/lab}}\n",
        passphrase.display()
    );
    let sandbox =
        sandbox.file("passphrase", "a long passphrase\n").file(".config/kcx/config.yaml", &settings);
    let sandbox = sandbox.file("lab/edge.yaml", edge).file("bin/kubectl", "#!/bin/sh\nexit 0\n");
    let private = |file: &str, mode| {
        let file = sandbox.path().join(file);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    private("passphrase", 0o600);
    private("bin/kubectl", 0o755);
    // A state to go back from: a context, a namespace, changes.
    for before in ["use production", "use dev", "ns web", "copy dev old", "delete old --keep"] {
        succeeds(&sandbox, before);
    }
    if sealed {
        succeeds(&sandbox, "credential seal me");
    }
    sandbox
}

fn succeeds(sandbox: &Sandbox, line: &str) {
    let output = kcx(sandbox, line.split(' '));
    assert!(output.status.success(), "{line}: {output:?}");
}

fn kcx<S: AsRef<std::ffi::OsStr>>(sandbox: &Sandbox, words: impl IntoIterator<Item = S>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kcx"));
    command.args(words).current_dir(sandbox.path()).env_clear().env("HOME", sandbox.path());
    command.env("EDITOR", "/bin/true").env("PATH", sandbox.path().join("bin")).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Most commands read nothing.
    let _ = child.stdin.take().unwrap().write_all(b"exit\n");
    child.wait_with_output().unwrap()
}

#[test]
fn every_command_has_examples_that_run() {
    let all: BTreeSet<String> = names(&command(), "").into_iter().collect();
    let with_examples: BTreeSet<String> = EXAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing: Vec<&String> = all.difference(&with_examples).collect();
    let unknown: Vec<&String> = with_examples.difference(&all).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "without examples: {missing:?}; no commands: {unknown:?}"
    );
    let mut wrong = Vec::new();
    for (name, lines) in EXAMPLES {
        for (line, _) in *lines {
            let words = words(line);
            assert_eq!(words[0], "kcx", "{line}");
            assert!(words[1..].join(" ").starts_with(name), "{line} is an example of {name}");
            let sealed =
                name.starts_with("credential ") && *name != "credential seal" || line.contains("unseal");
            let output = kcx(&home(sealed), &words[1..]);
            let want = EXPECTED.iter().find(|(known, _)| known == line).map_or(0, |(_, code)| *code);
            if output.status.code() != Some(want) {
                wrong.push(format!("{line}: not {want}: {output:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_of_other_tools_lead_to_the_right_command() {
    let sandbox = Sandbox::with(DEMO);
    sandbox.run("ls").shows(
        "
--- stderr
error: `ls` is neither a command nor a context
hint: `kcx get` lists contexts, `kcx get users` users
--- exit 3
no file changed
",
    );
    sandbox.run("rm").shows(
        "
--- stderr
error: `rm` is neither a command nor a context
hint: `kcx delete NAME` deletes a context with its cluster and user
--- exit 3
no file changed
",
    );
    sandbox.run("redo").shows(
        "
--- stderr
error: `redo` is neither a command nor a context
hint: an undo is a change, too: `kcx undo` undoes it
--- exit 3
no file changed
",
    );
}

#[test]
fn mistakes_are_explained() {
    let sandbox = Sandbox::with(DEMO);
    for line in [
        "rename dev",
        "dev web",
        "use dev web",
        "get -o jsn",
        "get --foo",
        "get --kubeconfg x",
        "exec dev kubectl get pods",
        "use x --unset",
        "undo x",
        "status --timeout 3",
        "protect lif",
        "credential",
        "import",
        "use --namespace",
    ] {
        let text = sandbox.run(line).0;
        assert!(text.contains("--- exit 2") || line == "dev web", "{line}: {text}");
    }
    sandbox.run("rename dev").shows(
        "
--- stderr
error: `kcx rename` needs `OLD` and `NEW`; 1 was given
hint: usage: kcx rename [TYPE] OLD NEW
hint: `kcx rename --help` shows its flags and examples
--- exit 2
no file changed
",
    );
    sandbox.run("use dev web").shows(
        "
--- stderr
error: `kcx use`: unexpected argument `web`
hint: `-n web` sets the namespace, too
--- exit 2
no file changed
",
    );
    sandbox.run("get -o jsn").shows(
        "
--- stderr
error: `kcx get` does not support `-o jsn`; use `-o name`, `wide`, `json` or `yaml`
--- exit 2
no file changed
",
    );
    sandbox.run("get --kubeconfg x").shows(
        "
--- stderr
error: `kcx get` has no flag `--kubeconfg`
hint: did you mean `--kubeconfig`?
hint: `kcx get --help` shows its flags and examples, `kcx help flags` those of all commands
--- exit 2
no file changed
",
    );
    sandbox.run("exec dev kubectl get pods").shows(
        "
--- stderr
error: there is no command to run
hint: put `--` before it: `kcx exec dev -- kubectl get pods`
hint: `kcx exec --help` shows its flags and examples
--- exit 2
no file changed
",
    );
    sandbox.run("use x --unset").shows(
        "
--- stderr
error: `NAME|-` cannot be used together with `--unset`
--- exit 2
no file changed
",
    );
    sandbox.run("undo x").shows(
        "
--- stderr
error: `N` must be a number, not `x`
--- exit 2
no file changed
",
    );
    sandbox.run("status --timeout 3").shows(
        "
--- stderr
error: `3` is not a valid value of `--timeout`: durations look like `500ms`, `5s`, `1h30m`, `30d`, `0`
--- exit 2
no file changed
",
    );
    sandbox.run("protect lif").shows(
        "
--- stderr
error: `kcx protect` has no command `lif`
hint: did you mean `kcx protect lift`?
hint: `kcx protect --help` lists its commands
--- exit 2
no file changed
",
    );
    sandbox.run("import").shows(
        "
--- stderr
error: `kcx import` needs `SRC`
hint: usage: kcx import <SRC>...
hint: `kcx import --help` shows its flags and examples
--- exit 2
no file changed
",
    );
}

#[test]
fn words_of_kubectl_and_other_tools_lead_to_the_command() {
    let sandbox = Sandbox::with(THREE);
    for (words, hint) in [
        (
            "use-context dev",
            "`kcx use NAME` switches to a context; `kcx config use-context` works as in kubectl",
        ),
        ("get-contexts", "`kcx get` lists them; `kcx config get-contexts` works as in kubectl"),
        ("show", "`kcx get NAME` shows a context; `kcx config view` prints the kubeconfig, as kubectl does"),
        ("logout", "kcx does not log out: use your provider's tool"),
        ("help rm", "`kcx delete NAME` deletes a context with its cluster and user"),
        (
            "get pods",
            "`kcx get` lists contexts, clusters, users and namespaces; `kubectl get pods` lists pods",
        ),
        ("use dev --ns web", "did you mean `-n` or `--namespace`?"),
    ] {
        let said = sandbox.run(words).0;
        assert!(said.contains(&format!("hint: {hint}\n")), "{words}: {said}");
        assert!(!said.contains("--- exit 0\n"), "{words}: {said}");
    }
}

#[test]
fn wrong_numbers_and_missing_names_are_named() {
    let sandbox = Sandbox::with(THREE);
    for (words, error) in [
        ("rename", "`kcx rename` needs `OLD` and `NEW`"),
        ("copy a", "`kcx copy` needs `OLD` and `NEW`; 1 was given"),
        ("delete", "`kcx delete` needs `NAME`"),
        ("undo x", "`N` must be a number, not `x`"),
        ("status --parallel 0", "`--parallel` must be at least 1"),
        ("exec dev --global -- env", "`--global` runs once and takes no context"),
    ] {
        let said = sandbox.run(words).0;
        assert!(said.contains(&format!("error: {error}\n")), "{words}: {said}");
        assert!(said.contains("--- exit 2\n"), "{words}: {said}");
    }
    for words in ["help help", "help undo extra", "help environment"] {
        let said = sandbox.run(words).0;
        assert!(said.contains("--- stderr\n--- exit 0\n"), "{words}: {said}");
    }
}

//! The front door: every line is read in one way, wherever its flags stand.

use super::super::command_line::{FLAGS, Owner};
use super::super::globals::Color;
use super::*;
use clap::CommandFactory;
use proptest::prelude::*;

fn words(line: &str) -> Vec<String> {
    line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn read(line: &[String]) -> Invocation {
    Invocation::read(line, &Env::default())
}

fn shown(invocation: &Invocation) -> String {
    match invocation {
        Invocation::Explain { answer, .. } => panic!("{answer}"),
        other => format!("{other:?}"),
    }
}

/// The flags of a clap command, as the table has them.
fn defined<'c>(args: impl Iterator<Item = &'c clap::Arg>) -> Vec<(String, Option<char>, bool)> {
    let row = |arg: &clap::Arg| {
        let behind_equals = arg.is_require_equals_set();
        let long = arg.get_long().expect("a long name").to_owned();
        (long, arg.get_short(), arg.get_action().takes_values() && !behind_equals)
    };
    let mut rows: Vec<_> = args.map(row).collect();
    rows.sort();
    rows
}

#[test]
fn the_table_of_flags_is_claps() {
    let table = |of: &dyn Fn(Owner) -> bool| {
        let flags = FLAGS.iter().filter(|flag| of(flag.owner));
        let mut rows: Vec<_> =
            flags.map(|flag| (flag.name.to_owned(), flag.short, flag.takes_value)).collect();
        rows.sort();
        rows
    };
    let cli = Cli::command();
    let global = cli.get_arguments().filter(|arg| arg.is_global_set());
    assert_eq!(table(&|owner| owner != Owner::Use), defined(global));
    let switch = cli.find_subcommand("use").expect("`kcx use`");
    assert_eq!(
        table(&|owner| owner == Owner::Use),
        defined(switch.get_arguments().filter(|arg| !arg.is_positional()))
    );
}

#[test]
fn the_journal_names_the_command_that_runs() {
    for (line, called) in [
        ("ctx-1 -n delete", "kcx use"),
        ("ctx-1", "kcx use"),
        ("-", "kcx use"),
        ("use prompt", "kcx use"),
        ("ctx delete", "kcx use"),
        ("--kubeconfig lint rename context ctx-1 zz", "kcx rename"),
        ("--kubeconfig prompt use ctx-2", "kcx use"),
        ("-n delete ctx-1", "kcx use"),
        ("config set-cluster view --server https://x", "kcx config set-cluster"),
        ("--context view config use-context get", "kcx config use-context"),
        ("config --kubeconfig view unset users", "kcx config unset"),
        ("__sync bash", "shell hook"),
        ("__as kubectx delete", "kubectx"),
        ("exec dev -- kcx delete x", "kcx exec"),
    ] {
        assert_eq!(read(&words(line)).called(), called, "{line}");
    }
}

#[test]
fn the_forms_without_clap_are_what_clap_would_read() {
    for line in [
        "prompt",
        "use dev",
        "use -",
        "ctx dev",
        "ns web",
        "ns -",
        "current -o name",
        "current --output=name",
    ] {
        let line = words(line);
        let quick = without_clap(&line).expect("a form without clap");
        assert_eq!(shown(&quick), shown(&parsed(&line, Called::Command)), "{line:?}");
    }
    for name in ["dev", "-"] {
        let quick = without_clap(&words(name)).expect("a form without clap");
        assert_eq!(shown(&quick), shown(&bare(name, &words(name))));
    }
    for line in
        ["use", "use --unset", "ns -n", "get", "dev web", "--help", "-q", "current -o name -q", "help"]
    {
        assert!(without_clap(&words(line)).is_none(), "{line}");
    }
}

#[test]
fn a_prompt_is_one_only_in_the_place_of_the_command() {
    for line in
        ["prompt --bogus", "--color never prompt --bogus", "--kubeconfig f prompt x", "--bogus prompt"]
    {
        let invocation = read(&words(line));
        let prompt = matches!(invocation, Invocation::Explain { called: Called::Prompt, .. });
        assert!(prompt, "{line}: {invocation:?}");
    }
    for line in ["use prompt --bogus", "--kubeconfig prompt get --bogus", "exec a --bogus -- prompt"] {
        let invocation = read(&words(line));
        let other = matches!(invocation, Invocation::Explain { called: Called::Command, .. });
        assert!(other, "{line}: {invocation:?}");
    }
}

#[test]
fn of_a_flag_given_twice_the_last_one_counts_and_lists_grow() {
    let line = words("--yes-i-mean a --color never -q use x --yes-i-mean b --color always -q");
    match read(&line) {
        Invocation::Kcx { globals, .. } => {
            assert_eq!((globals.yes_i_mean, globals.color), (words("a b"), Color::Always));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn help_for_a_verb_of_config_is_kubectls() {
    match read(&words("help config set-cluster")) {
        Invocation::Config { words: said, .. } => assert_eq!(said, words("config set-cluster --help")),
        other => panic!("{other:?}"),
    }
}

/// Command lines, none of them with a global flag: what is in one string is not torn apart.
const LINES: [&[&str]; 14] = [
    &["dev"],
    &["dev", "-n web", "--force"],
    &["-", "--global"],
    &["use", "dev", "-n web"],
    &["ns", "web"],
    &["prompt", "--format {context}"],
    &["current"],
    &["get", "users", "u1", "u2"],
    &["rename", "context", "a", "b"],
    &["delete", "dev", "--dry-run"],
    &["credential", "seal", "u1", "u2"],
    &["protect", "lift", "10m", "dev"],
    &["exec", "a", "b", "--parallel 2", "-- kubectl -q get -o yaml --yes"],
    &["import", "a.yaml", "--into b"],
];

const GLOBAL: [&str; 14] = [
    "--kubeconfig f",
    "--kubeconfig=delete",
    "-o json",
    "--output=name",
    "-q",
    "--quiet",
    "--color never",
    "--color=always",
    "-y",
    "--yes-i-mean dev",
    "--yes-i-mean=prompt",
    "--lock-timeout 0",
    "--break-lock",
    "--no-journal",
];

const WRITING: [&str; 5] =
    ["--lock-timeout 0", "--lock-timeout=1m", "--break-lock", "--break-lock-after 1h", "--no-journal"];

const CONFIG: [&[&str]; 4] = [
    &["config", "view", "-o json"],
    &["config", "set-credentials", "u", "--token --break-lock"],
    &["--context use", "config", "use-context", "delete"],
    &["config", "set-cluster", "c", "--embed-certs", "-- --no-journal"],
];

/// The line with each flag put in front of the piece with its number; the flags keep their order.
fn placed(line: &[&str], flags: &[&str], mut places: Vec<usize>) -> Vec<String> {
    places.sort_unstable();
    let end = line.iter().position(|piece| piece.starts_with("-- ")).unwrap_or(line.len());
    let mut pieces = Vec::new();
    for at in 0..=line.len() {
        let here = flags.iter().zip(&places).filter(|(_, place)| (**place).min(end) == at);
        pieces.extend(here.map(|(flag, _)| *flag));
        pieces.extend(line.get(at));
    }
    words(&pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_global_flag_means_the_same_wherever_it_stands(
        line in 0..LINES.len(),
        flags in proptest::collection::vec((0..GLOBAL.len(), 0..8_usize), 0..5),
    ) {
        let (which, places): (Vec<usize>, Vec<usize>) = flags.into_iter().unzip();
        let flags: Vec<&str> = which.iter().map(|at| GLOBAL[*at]).collect();
        let front = placed(LINES[line], &flags, vec![0; flags.len()]);
        let spread = placed(LINES[line], &flags, places);
        prop_assert_eq!(shown(&read(&spread)), shown(&read(&front)), "{:?}", spread);
    }

    #[test]
    fn a_flag_about_writing_means_the_same_on_both_sides_of_config(
        line in 0..CONFIG.len(),
        flags in proptest::collection::vec((0..WRITING.len(), 0..8_usize), 0..4),
    ) {
        let (which, places): (Vec<usize>, Vec<usize>) = flags.into_iter().unzip();
        let flags: Vec<&str> = which.iter().map(|at| WRITING[*at]).collect();
        let front = placed(CONFIG[line], &flags, vec![0; flags.len()]);
        let spread = placed(CONFIG[line], &flags, places);
        prop_assert_eq!(shown(&read(&spread)), shown(&read(&front)), "{:?}", spread);
    }
}

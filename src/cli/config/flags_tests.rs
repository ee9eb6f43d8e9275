//! Recorded answers of kubectl 1.37.1 to invalid and valid command lines.

use super::*;

/// Words separated by `|`, and stderr with `kcx config` for `kubectl config`.
const REFUSED: &[(&str, &str)] = &[
    ("config|bogus", "error: unknown command \"bogus\"\nSee 'kcx config -h' for help and examples\n"),
    (
        "config|bogus|extra",
        "error: unknown command \"bogus extra\"\nSee 'kcx config -h' for help and examples\n",
    ),
    ("config|VIEW", "error: unknown command \"VIEW\"\nSee 'kcx config -h' for help and examples\n"),
    ("config|help|view", "error: unknown command \"help view\"\nSee 'kcx config -h' for help and examples\n"),
    ("config|--raw|view", "error: unknown flag: --raw\nSee 'kcx config --help' for usage.\n"),
    ("config|--|view", "error: unknown command \"view\"\nSee 'kcx config -h' for help and examples\n"),
    ("config|-x|view", "error: unknown shorthand flag: 'x' in -x\nSee 'kcx config --help' for usage.\n"),
    ("config|bogus|--raw", "error: unknown flag: --raw\nSee 'kcx config --help' for usage.\n"),
    ("config|bogus|--profile=x", "error: unknown profile 'x'\n"),
    ("config|view|--bogus", "error: unknown flag: --bogus\nSee 'kcx config view --help' for usage.\n"),
    ("config|view|--minif", "error: unknown flag: --minif\nSee 'kcx config view --help' for usage.\n"),
    ("config|view|---x", "error: bad flag syntax: ---x\nSee 'kcx config view --help' for usage.\n"),
    ("config|view|--=", "error: bad flag syntax: --=\nSee 'kcx config view --help' for usage.\n"),
    ("config|view|--=x", "error: bad flag syntax: --=x\nSee 'kcx config view --help' for usage.\n"),
    ("config|view|--bogus=1", "error: unknown flag: --bogus\nSee 'kcx config view --help' for usage.\n"),
    ("config|view|--help|--bogus", "error: unknown flag: --bogus\nSee 'kcx config view --help' for usage.\n"),
    ("config|view|--Raw", "error: unknown flag: --Raw\nSee 'kcx config view --help' for usage.\n"),
    (
        "config|view|--raw=maybe",
        "error: invalid argument \"maybe\" for \"--raw\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--raw=",
        "error: invalid argument \"\" for \"--raw\" flag: strconv.ParseBool: parsing \"\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--merge=x",
        "error: invalid argument \"x\" for \"--merge\" flag: strconv.ParseBool: parsing \"x\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--help=maybe",
        "error: invalid argument \"maybe\" for \"-h, --help\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|-h=x",
        "error: invalid argument \"x\" for \"-h, --help\" flag: strconv.ParseBool: parsing \"x\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--raw=é\u{1}\"",
        "error: invalid argument \"é\\x01\\\"\" for \"--raw\" flag: strconv.ParseBool: parsing \"é\\x01\\\"\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--warnings_as_errors=q",
        "error: invalid argument \"q\" for \"--warnings-as-errors\" flag: strconv.ParseBool: parsing \"q\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--disable-compression=2",
        "error: invalid argument \"2\" for \"--disable-compression\" flag: strconv.ParseBool: parsing \"2\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    ("config|view|-o", "error: flag needs an argument: 'o' in -o\nSee 'kcx config view --help' for usage.\n"),
    (
        "config|view|-ho",
        "error: flag needs an argument: 'o' in -o\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|-hn",
        "error: flag needs an argument: 'n' in -n\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--kubeconfig",
        "error: flag needs an argument: --kubeconfig\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|-no|--template",
        "error: flag needs an argument: --template\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|--kubeconfig|config|view|--as",
        "error: flag needs an argument: --as\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|set-context|-n",
        "error: flag needs an argument: 'n' in -n\nSee 'kcx config set-context --help' for usage.\n",
    ),
    (
        "config|view|--as_uid",
        "error: flag needs an argument: --as_uid\nSee 'kcx config view --help' for usage.\n",
    ),
    ("config|view|-x", "error: unknown shorthand flag: 'x' in -x\nSee 'kcx config view --help' for usage.\n"),
    (
        "config|view|-xo",
        "error: unknown shorthand flag: 'x' in -xo\nSee 'kcx config view --help' for usage.\n",
    ),
    ("config|view|-é", "error: unknown shorthand flag: 'Ã' in -é\nSee 'kcx config view --help' for usage.\n"),
    (
        "config|view|-'x",
        "error: unknown shorthand flag: '\\'' in -'x\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|-\"",
        "error: unknown shorthand flag: '\"' in -\"\nSee 'kcx config view --help' for usage.\n",
    ),
    ("config|view|-=", "error: unknown shorthand flag: '=' in -=\nSee 'kcx config view --help' for usage.\n"),
    (
        "config|view|-\\",
        "error: unknown shorthand flag: '\\\\' in -\\\nSee 'kcx config view --help' for usage.\n",
    ),
    ("config|set|a|-1", "error: unknown shorthand flag: '1' in -1\nSee 'kcx config set --help' for usage.\n"),
    (
        "config|use|-o",
        "error: unknown shorthand flag: 'o' in -o\nSee 'kcx config use-context --help' for usage.\n",
    ),
    (
        "config|get-clusters|-o|name",
        "error: unknown shorthand flag: 'o' in -o\nSee 'kcx config get-clusters --help' for usage.\n",
    ),
    (
        "config|set-cluster|a|-s|x",
        "error: unknown shorthand flag: 's' in -s\nSee 'kcx config set-cluster --help' for usage.\n",
    ),
    (
        "-s|x|config|set-cluster|a",
        "error: unknown shorthand flag: 's' in -s\nSee 'kcx config set-cluster --help' for usage.\n",
    ),
    (
        "config|set-context|a|--current=no",
        "error: invalid argument \"no\" for \"--current\" flag: strconv.ParseBool: parsing \"no\": invalid syntax\nSee 'kcx config set-context --help' for usage.\n",
    ),
    (
        "config|view|-v=x",
        "error: invalid argument \"x\" for \"-v, --v\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    ("config|view|-v", "error: flag needs an argument: 'v' in -v\nSee 'kcx config view --help' for usage.\n"),
    (
        "config|view|-v=",
        "error: invalid argument \"=\" for \"-v, --v\" flag: strconv.ParseInt: parsing \"=\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|-v|99999999999",
        "error: invalid argument \"99999999999\" for \"-v, --v\" flag: strconv.ParseInt: parsing \"99999999999\": value out of range\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--v=2147483648",
        "error: invalid argument \"2147483648\" for \"-v, --v\" flag: strconv.ParseInt: parsing \"2147483648\": value out of range\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|-vv",
        "error: invalid argument \"v\" for \"-v, --v\" flag: strconv.ParseInt: parsing \"v\": invalid syntax\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--log-flush-frequency=5",
        "error: invalid argument \"5\" for \"--log-flush-frequency\" flag: parse error\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--log-flush-frequency=",
        "error: invalid argument \"\" for \"--log-flush-frequency\" flag: parse error\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--vmodule=a",
        "error: invalid argument \"a\" for \"--vmodule\" flag: syntax error: expect comma-separated list of filename=N\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--vmodule=a=-1",
        "error: invalid argument \"a=-1\" for \"--vmodule\" flag: negative value for vmodule level\nSee 'kcx config view --help' for usage.\n",
    ),
    (
        "config|view|--vmodule==1",
        "error: invalid argument \"=1\" for \"--vmodule\" flag: syntax error: expect comma-separated list of filename=N\nSee 'kcx config view --help' for usage.\n",
    ),
    ("config|view|--profile=bogus", "error: unknown profile 'bogus'\n"),
    (
        "config|set-credentials|a|--exec-arg=a\"b",
        "error: invalid argument \"a\\\"b\" for \"--exec-arg\" flag: parse error on line 1, column 2: bare \" in non-quoted-field\nSee 'kcx config set-credentials --help' for usage.\n",
    ),
    (
        "config|set-credentials|a|--exec_arg=\"a",
        "error: invalid argument \"\\\"a\" for \"--exec-arg\" flag: parse error on line 1, column 3: extraneous or missing \" in quoted-field\nSee 'kcx config set-credentials --help' for usage.\n",
    ),
    (
        "config|set-credentials|a|--exec-arg=\"a\n",
        "error: invalid argument \"\\\"a\\n\" for \"--exec-arg\" flag: parse error on line 1, column 4: extraneous or missing \" in quoted-field\nSee 'kcx config set-credentials --help' for usage.\n",
    ),
    (
        "config|set-credentials|a|--exec-arg=\n",
        "error: invalid argument \"\\n\" for \"--exec-arg\" flag: EOF\nSee 'kcx config set-credentials --help' for usage.\n",
    ),
    (
        "config|set-credentials|a|--exec-arg=\"a\nb\"c",
        "error: invalid argument \"\\\"a\\nb\\\"c\" for \"--exec-arg\" flag: record on line 1; parse error on line 2, column 2: extraneous or missing \" in quoted-field\nSee 'kcx config set-credentials --help' for usage.\n",
    ),
    (
        "config|set-credentials|a|--auth-provider-arg=a,\"b\"c",
        "error: invalid argument \"a,\\\"b\\\"c\" for \"--auth-provider-arg\" flag: parse error on line 1, column 5: extraneous or missing \" in quoted-field\nSee 'kcx config set-credentials --help' for usage.\n",
    ),
    (
        "config|set-credentials|a|--exec-installhint=q",
        "error: unknown flag: --exec-installhint\nSee 'kcx config set-credentials --help' for usage.\n",
    ),
];

fn parse_line(line: &str) -> Result<Invocation, UsageError> {
    let words: Vec<String> = line.split('|').map(str::to_owned).collect();
    parse(&words)
}

#[test]
fn refuses_in_kubectls_words() {
    for (line, want) in REFUSED {
        match parse_line(line) {
            Err(error) => assert_eq!(error.to_string(), *want, "{line}"),
            Ok(typed) => panic!("{line} was taken as {typed:?}"),
        }
    }
}

#[test]
fn finds_the_verb_and_its_arguments() {
    for (line, verb, args) in [
        ("config", None, &[][..]),
        ("config|view", Some(Verb::View), &[]),
        ("config|use|a", Some(Verb::UseContext), &["a"]),
        ("--kubeconfig|f|config|set-context|a|-n|x|b", Some(Verb::SetContext), &["a", "b"]),
        ("config|-n|view|view|view", Some(Verb::View), &["view"]),
        ("config|-o|json|view|x", Some(Verb::View), &["x"]),
        ("config|--raw=1|view", Some(Verb::View), &[]),
        ("config|--disable-compression|view", Some(Verb::View), &[]),
        ("config|set|a|--|-x|--set-raw-bytes", Some(Verb::Set), &["a", "-x", "--set-raw-bytes"]),
        ("config|use-context|-", Some(Verb::UseContext), &["-"]),
        ("config|use-context|", Some(Verb::UseContext), &[""]),
        ("config|view|-test.v", Some(Verb::View), &[]),
        ("config|set-cluster|c|--insecure-skip-tls-verify|true", Some(Verb::SetCluster), &["c", "true"]),
    ] {
        let typed = parse_line(line).unwrap();
        assert_eq!(
            (typed.verb, typed.args),
            (verb, args.iter().map(|arg| (*arg).to_owned()).collect()),
            "{line}"
        );
    }
}

#[test]
fn reads_values_every_way_they_can_be_written() {
    for (line, want) in [
        ("config|view|-o|json", "json"),
        ("config|view|-ojson", "json"),
        ("config|view|-o=json", "json"),
        ("config|view|-o=", "="),
        ("config|view|--output=", ""),
        ("config|view|--output|--raw", "--raw"),
        ("config|view|-o|yaml|--output=json", "json"),
    ] {
        assert_eq!(parse_line(line).unwrap().flags.string("output"), Some(want), "{line}");
    }
    let typed = parse_line("config|view|--raw|--merge=F|--minify=1|--minify=0").unwrap();
    let bools = ["raw", "merge", "minify", "flatten"].map(|name| typed.flags.bool(name));
    assert_eq!(bools, [Some(true), Some(false), Some(false), None]);
}

#[test]
fn lists_split_as_csv_and_arrays_do_not() {
    let typed = parse_line(
        r#"config|set-credentials|u|--exec-arg=a,"b,c"|--exec_arg=|--exec-arg|d|--exec-env=k=v,w"#,
    );
    let flags = typed.unwrap().flags;
    assert_eq!(flags.list("exec-arg"), ["a", "b,c", "d"]);
    assert_eq!(flags.list("exec-env"), ["k=v,w"]);
    assert!(flags.is_given("exec-arg") && !flags.is_given("exec-command"));
}

#[test]
fn help_wins_over_arguments_but_not_over_bad_flags() {
    for line in [
        "config|-h",
        "config|bogus|--help",
        "config|-h|view",
        "config|view|a|-h",
        "config|view|--help|--profile=x",
    ] {
        assert!(parse_line(line).unwrap().help, "{line}");
    }
    assert_eq!(parse_line("config|--help=false|view").map(|typed| typed.help), Ok(false));
}

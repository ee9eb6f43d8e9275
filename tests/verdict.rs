//! The verdicts of `kcx protect check`, by a table.

use clap::CommandFactory;
use kcx::cli::args::Cli;
use kcx::kuberc::{Alias, Defaults, Kuberc, OptionDefault};
use kcx::verdict::{Arity, Finding, KCX, Place, Surroundings, Verdict, line};

struct Fixed;

fn option(name: &str, default: &str) -> Vec<OptionDefault> {
    vec![OptionDefault { name: name.to_owned(), default: default.to_owned() }]
}

impl Surroundings for Fixed {
    fn kuberc(&self, _: Option<&str>) -> Option<Kuberc> {
        let alias = |name: &str, command: &str, words: &[&str], options| Alias {
            name: name.to_owned(),
            command: command.to_owned(),
            prepend_args: words.iter().map(|word| (*word).to_owned()).collect(),
            options,
            ..Alias::default()
        };
        let defaults = |command: &str, options| Defaults { command: command.to_owned(), options };
        Some(Kuberc {
            aliases: vec![
                alias("getn", "get", &["nodes"], vec![]),
                alias("ns", "delete", &["ns"], vec![]),
                alias("rmns", "delete", &["ns"], vec![]),
                alias("zap", "delete", &[], option("force", "true")),
            ],
            defaults: vec![
                defaults("replace", option("force", "true")),
                defaults("annotate", option("dry-run", "client")),
            ],
            ..Kuberc::default()
        })
    }

    fn variable(&self, name: &str) -> Option<String> {
        (name == "KUBECONFIG").then(|| "/srv/clusters".to_owned())
    }

    fn protected(&self) -> Option<Vec<String>> {
        Some(vec!["production".to_owned()])
    }
}

/// The worst verdict, with all contexts of the commands that have it.
fn told(findings: &[Finding]) -> (Verdict, String) {
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Read);
    let mut places: Vec<String> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.verdict == worst) {
        for place in &finding.places {
            let shown: Vec<String> = match place {
                Place::Current => vec![".".to_owned()],
                Place::Named(name) => vec![name.clone()],
                Place::Matching(words) => words.iter().map(|word| format!("%{word}")).collect(),
                Place::Elsewhere(file) => vec![format!("~{file}")],
                Place::Unknown => vec!["?".to_owned()],
            };
            for shown in shown {
                if !places.contains(&shown) {
                    places.push(shown);
                }
            }
        }
    }
    (worst, if places.is_empty() { "-".to_owned() } else { places.join(",") })
}

#[test]
fn each_line_of_the_table_gets_its_verdict() {
    let table = include_str!("verdict/table.txt");
    let (mut count, mut wrong) = (0, Vec::new());
    for row in table.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let [verdict, contexts, text] = row.splitn(3, " | ").collect::<Vec<_>>()[..] else { panic!("{row}") };
        let findings = line(&text.replace('␤', "\n"), &Fixed);
        let (found, places) = told(&findings);
        if (found.word(), places.as_str()) != (verdict, contexts) {
            let why = findings
                .iter()
                .filter(|it| it.verdict == found)
                .map(|it| it.why.as_str())
                .collect::<Vec<_>>();
            wrong.push(format!("{row}\n    found {} | {places}: {}", found.word(), why.join("; ")));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 400, "{count}");
}

fn verdict(text: &str) -> Verdict {
    told(&line(text, &Fixed)).0
}

#[test]
fn what_is_too_deep_or_too_long_is_unknown() {
    let deep = |open: &str, close: &str, count: usize| {
        open.repeat(count) + "kubectl delete ns x" + &close.repeat(count)
    };
    let mut wrong = Vec::new();
    for (open, close) in [
        ("( ", " )"),
        ("(", ")"),
        ("{ ", "; }"),
        ("$(", ")"),
        ("echo $(", ")"),
        ("echo \"$(", ")\""),
        ("if true; then ", "; fi"),
        ("while true; do ", "; done"),
        ("for x in y; do ", "; done"),
        ("case x in x) ", ";; esac"),
        ("${x:-", "}"),
        ("echo ${x:-$(", ")}"),
        ("f() { ", "; }"),
        ("sh -c '", "'"),
        ("eval ", ""),
        ("! ", ""),
        ("env ", ""),
        ("nohup ", ""),
        ("<(", ")"),
        ("$((", "))"),
        ("[[ ( ", " ) ]]"),
        ("`", "`"),
        ("\\", ""),
        ("a && ", ""),
        ("a | ", ""),
        ("a; ", ""),
        ("a=", ""),
        ("coproc ", ""),
        ("alias a=b; ", ""),
        ("kubectl exec x -- ", ""),
    ] {
        for count in [1, 2, 10, 40, 100, 1000, 20_000] {
            let found = verdict(&deep(open, close, count));
            // Twice, the quotes end before `kubectl`, and `sh -c 'sh -c kubectl'` prints its help.
            // `a=kubectl delete …` runs a program `delete`.
            let is_harmless = open == "a=" || (open == "sh -c '" && count > 1);
            if found == Verdict::Read && !is_harmless {
                wrong.push(format!("{count} times {open:?}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(verdict(&format!("echo {}", "x".repeat(1 << 20))), Verdict::Unknown);
    assert_eq!(verdict(&"kubectl get pods\n".repeat(3000)), Verdict::Read);
    assert_eq!(
        verdict(&format!("{}kubectl delete ns x", "kubectl get pods -n x\n".repeat(2500))),
        Verdict::Dangerous
    );
    assert_eq!(verdict(""), Verdict::Read);
    assert_eq!(verdict("kubectl get\0pods"), Verdict::Unknown);
}

/// A small generator of numbers, so that a failure can be repeated.
fn random(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed >> 11) as usize
}

#[test]
fn no_text_makes_it_panic() {
    let lines: Vec<&str> =
        include_str!("verdict/table.txt").lines().filter_map(|row| row.splitn(3, " | ").nth(2)).collect();
    let odd = [
        "$(", ")", "`", "'", "\"", "\\", "\n", ";", "&", "|", "<<", "<<<", "{", "}", "${", "((", "))", "[[",
        "]]", "#", "=", "-", "--", "é", "\u{feff}", "*", "~", "!", "\t", "if", "do", "esac", "in", "<(", ">",
        "@", "$'", "\\x", "\\u12",
    ];
    let mut seed = 0x5eed;
    for _ in 0..20_000 {
        let mut text: Vec<char> = lines[random(&mut seed) % lines.len()].chars().collect();
        for _ in 0..1 + random(&mut seed) % 4 {
            let at = random(&mut seed) % (text.len() + 1);
            match random(&mut seed) % 3 {
                0 => drop(text.splice(at..at, odd[random(&mut seed) % odd.len()].chars())),
                1 if at < text.len() => drop(text.remove(at)),
                _ => {
                    let other: Vec<char> = lines[random(&mut seed) % lines.len()].chars().collect();
                    let from = random(&mut seed) % (other.len() + 1);
                    text.truncate(at);
                    text.extend_from_slice(&other[from..]);
                }
            }
        }
        let text: String = text.into_iter().collect();
        let _ = line(&text, &Fixed);
    }
}

/// What is wrong with the table of kcx's own commands and flags, compared with clap's.
fn differences(command: &clap::Command, path: &str, wrong: &mut Vec<String>) {
    if !path.is_empty() && KCX.commands().all(|(known, _)| known != path) {
        wrong.push(format!("the command {path} is missing"));
    }
    for flag in command.get_arguments().filter(|arg| !arg.is_positional()) {
        let takes_value = flag.get_action().takes_values();
        let needs_one = flag.get_num_args().is_none_or(|range| range.min_values() > 0);
        let want = match (takes_value, needs_one && !flag.is_require_equals_set()) {
            (false, _) => Arity::None,
            (true, false) => Arity::Optional,
            (true, true) => Arity::One,
        };
        let names = flag.get_long().map(str::to_owned).into_iter().chain(flag.get_short().map(String::from));
        for name in names {
            let found = KCX.arity(path, &name);
            if found != Some(want) {
                wrong.push(format!("{path}: {name} is {want:?}, not {found:?}"));
            }
        }
    }
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        for alias in sub.get_visible_aliases() {
            if !KCX.aliases.contains(&(sub.get_name(), alias)) {
                wrong.push(format!("the alias {alias} of {} is missing", sub.get_name()));
            }
        }
        differences(sub, format!("{path} {}", sub.get_name()).trim_start(), wrong);
    }
}

#[test]
fn the_table_of_kcx_is_that_of_clap() {
    let mut wrong = Vec::new();
    differences(&Cli::command(), "", &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

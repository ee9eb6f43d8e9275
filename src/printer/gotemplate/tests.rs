//! Templates with the recorded output of kubectl 1.37 for `sample.json`.

mod broken;
mod failing;
mod printed;

use proptest::prelude::*;
use serde_json::Value;

use super::Template;

/// A template, whether missing keys are errors, and the expected output or error.
type Case = (&'static str, bool, Result<&'static str, &'static str>);

fn sample() -> Value {
    serde_json::from_str(include_str!("../sample.json")).unwrap()
}

fn print(template: &str, strict: bool) -> Result<String, String> {
    let template = Template::parse(template).map_err(|error| error.to_string())?;
    let printed = template.print(&sample(), strict).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&printed).into_owned())
}

fn check(cases: &[Case]) {
    for &(template, strict, expected) in cases {
        assert_eq!(print(template, strict), expected.map(str::to_owned).map_err(str::to_owned), "{template}");
    }
}

#[test]
fn prints_what_kubectl_prints() {
    check(printed::CASES);
}

#[test]
fn refuses_what_kubectl_cannot_parse() {
    check(broken::CASES);
}

#[test]
fn fails_where_kubectl_fails() {
    check(failing::CASES);
}

#[test]
fn bytes_pass_unchanged() {
    for (template, expected) in
        [(r#"{{"\xff\x00"}}"#, &b"\xff\x00"[..]), (r#"{{base64decode "/wAB"}}"#, b"\xff\x00\x01")]
    {
        assert_eq!(Template::parse(template).unwrap().print(&sample(), false).unwrap(), expected);
    }
}

#[test]
fn an_error_never_shows_the_data() {
    for template in [
        "{{range (index .users 0).user.token}}{{end}}",
        "{{eq .users .users}}",
        "{{eq . .users}}",
        "{{(index .users 0).user.token | call}}",
        "{{base64decode (index .users 0).user.token}}",
        "{{index . (index .users 0).user.token 0}}",
    ] {
        let error = print(template, true).unwrap_err();
        assert!(!error.contains("secret-token"), "{error}");
    }
}

#[test]
fn time_and_output_are_limited() {
    let nested = |open: &str, close: &str| open.repeat(5000) + "1" + &close.repeat(5000);
    for (template, cause) in [
        (r#"{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}"#.to_owned(), "maximum template depth"),
        ("{{range 1000000000000}}{{end}}".to_owned(), "takes too long"),
        (r#"{{range 100000}}{{printf "%100000d" 1}}{{end}}"#.to_owned(), "prints too much"),
        (r#"{{$x := "abcdefgh"}}{{range 40}}{{$x = print $x $x}}{{end}}"#.to_owned(), "error calling print"),
        (
            r#"{{$x := "%900000[1]d"}}{{range 9}}{{$x = print $x $x}}{{end}}{{printf $x 1}}"#.to_owned(),
            "error calling printf",
        ),
        (
            r#"{{define "a"}}{{range 1}}{{with 1}}{{if (and 1 (and 1 1))}}{{template "a" .}}{{end}}{{end}}{{end}}{{end}}{{template "a"}}"#
                .to_owned(),
            "maximum template depth",
        ),
        (format!("{{{{{}}}}}", nested("(", ")")), "max expression depth"),
        (nested("{{if 1}}", "{{end}}"), "max expression depth"),
        (format!("{{{{if 0}}}}{}{{{{end}}}}", "{{else if 0}}".repeat(5000)), "max expression depth"),
    ] {
        let error = print(&template, false).unwrap_err();
        assert!(error.contains(cause), "{cause}: {}", &error[error.len().saturating_sub(300)..]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(
        start in any::<prop::sample::Index>(),
        piece in "(\\{\\{|\\}\\}|- | -|\\(|\\)|\\||\\$x|:=|=|\\.|\"|`|'|\\\\|%|[0-9]{1,3}|range |if |else|end|define |nil|index |slice |printf |[ \n,x]|.){0,4}",
        cut in any::<prop::sample::Index>(),
        dropped in 0..4_usize,
    ) {
        let seeds = || printed::CASES.iter().chain(broken::CASES).chain(failing::CASES);
        let seed = seeds().nth(start.index(seeds().count())).unwrap().0;
        let boundary = |at: usize| (0..=at.min(seed.len())).rev().find(|&at| seed.is_char_boundary(at)).unwrap();
        let at = boundary(cut.index(seed.len() + 1));
        let mutated = format!("{}{piece}{}", &seed[..at], &seed[boundary(at + dropped).max(at)..]);
        let _ = print(&mutated, false);
        let _ = print(&mutated, true);
    }
}

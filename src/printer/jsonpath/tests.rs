//! Templates with the recorded output of kubectl 1.37 for `sample.json`.

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
    template.print(&sample(), !strict).map_err(|error| error.to_string())
}

#[test]
fn prints_what_kubectl_prints() {
    for &(template, strict, expected) in PRINTED {
        assert_eq!(print(template, strict), expected.map(str::to_owned).map_err(str::to_owned), "{template}");
    }
}

#[test]
fn prints_as_json_what_kubectl_prints() {
    for &(text, strict, expected) in PRINTED_AS_JSON {
        let template = Template::parse(text).unwrap();
        let printed = template.print_as_json(&sample(), !strict).map_err(|error| error.to_string());
        assert_eq!(printed, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
}

#[test]
fn a_map_is_walked_in_sorted_order() {
    assert_eq!(print("{.contexts[0].context.*}", false).unwrap(), "c1 ns u1");
    assert_eq!(print("{..name}", false).unwrap(), "c1 x1 c2 a b c3 u1 u2");
}

#[test]
fn an_error_never_shows_the_data() {
    for template in
        ["{.users[0].user[?(@.x)]}", "{.users[0].user.token[?(@.x)]}", "{.users[*].user.token[0]}"]
    {
        let error = print(template, false).unwrap_err();
        assert!(!error.contains("secret-token"), "{error}");
    }
}

#[test]
fn unlimited_output_is_refused() {
    for (template, cause) in [
        // Every pair of wildcards doubles the results.
        (format!("{{.clusters{}}}", "[0:2,0:2]".to_owned() + &"['x','x']".repeat(40)), None),
        (format!("{{.kind{}}}", ".*".repeat(40)), None),
        (format!("{{{}}}", "[\"x\"".repeat(5000)), Some("unterminated array")),
        (format!("{{{}}}", "..*".repeat(60)), None),
        ("{range .clusters[*]}".repeat(60), Some("too many results")),
        ("{range @}".repeat(5000), Some("nested too deep")),
    ] {
        let printed = print(&template, false);
        if let Some(cause) = cause {
            assert!(printed.as_ref().is_err_and(|error| error.contains(cause)), "{cause}: {printed:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(
        start in any::<prop::sample::Index>(),
        pieces in prop::collection::vec("[{}\\[\\].*?()@$'\"\\\\:,!<>=0-9a-c \n-]{0,6}|\\{range |\\{end\\}|\\.\\.|\\[\\?\\(|.", 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let seed = start.get(PRINTED).0;
        let at = (0..=cut.index(seed.len() + 1)).rev().find(|&at| seed.is_char_boundary(at)).unwrap_or(0);
        let mutated = format!("{}{}{}", &seed[..at], pieces.concat(), &seed[at..]);
        let _ = print(&mutated, false);
        let _ = print(&mutated, true);
    }
}

#[rustfmt::skip]
const PRINTED: &[Case] = &[
    ("{.current-context}", false, Ok("a")),
    ("ctx={.current-context}!", false, Ok("ctx=a!")),
    (".x", false, Ok(".x")),
    ("x", false, Ok("x")),
    ("{.}", false, Ok("")),
    ("{$.kind}", false, Ok("Config")),
    ("{@.kind}", false, Ok("Config")),
    ("{.kind}{.apiVersion}", false, Ok("Configv1")),
    ("{.kind .apiVersion}", false, Ok("")),
    ("{kind}", false, Err("error executing jsonpath \"{kind}\": Error executing template: unrecognized identifier kind")),
    ("{.nope}", false, Ok("")),
    ("{.nope.x}", false, Ok("")),
    ("{.kind.x}", false, Ok("")),
    ("{.clusters[-1].name}", false, Ok("c2")),
    ("{.clusters[-2].name}", false, Ok("c1")),
    ("{.clusters[-3].name}", false, Err("error executing jsonpath \"{.clusters[-3].name}\": Error executing template: array index out of bounds: index -1, length 2")),
    ("{.clusters[9]}", false, Err("error executing jsonpath \"{.clusters[9]}\": Error executing template: array index out of bounds: index 9, length 2")),
    ("{.clusters[0:1].name}", false, Ok("c1")),
    ("{.clusters[0:].name}", false, Ok("c1 c2")),
    ("{.clusters[:1].name}", false, Ok("c1")),
    ("{.clusters[:].name}", false, Ok("c1 c2")),
    ("{.clusters[::2].name}", false, Ok("c1")),
    ("{.clusters[0:2:2].name}", false, Ok("c1")),
    ("{.clusters[::0].name}", false, Err("error executing jsonpath \"{.clusters[::0].name}\": Error executing template: step must be > 0")),
    ("{.clusters[::-1].name}", false, Err("error executing jsonpath \"{.clusters[::-1].name}\": Error executing template: step must be > 0")),
    ("{.clusters[1:0].name}", false, Err("error executing jsonpath \"{.clusters[1:0].name}\": Error executing template: starting index 1 is greater than ending index 0")),
    ("{.clusters[1:1].name}", false, Ok("")),
    ("{.clusters[0:9].name}", false, Err("error executing jsonpath \"{.clusters[0:9].name}\": Error executing template: array index out of bounds: index 8, length 2")),
    ("{.clusters[-1:].name}", false, Ok("c2")),
    ("{.contexts[0:-1].name}", false, Ok("a b")),
    ("{.contexts[-2:-1].name}", false, Ok("b")),
    ("{.clusters[].name}", false, Ok("c1")),
    ("{.clusters[*].name}", false, Ok("c1 c2")),
    ("{.clusters.*.name}", false, Ok("c1 c2")),
    ("{.clusters[0]..n}", false, Ok("")),
    ("{..n}", false, Ok("")),
    ("{..server}", false, Ok("https://c1.example:6443 https://c2.example:6443")),
    ("{....}", false, Err("error parsing jsonpath {....}, invalid multiple recursive descent")),
    ("{.. ..x}", false, Err("error parsing jsonpath {.. ..x}, invalid multiple recursive descent")),
    ("{..*}", false, Err("error parsing jsonpath {..*}, unrecognized character in action: U+002A '*'")),
    ("{..[0]}", false, Err("error executing jsonpath \"{..[0]}\": Error executing template: map[string]interface {} is not array or slice")),
    ("{.kind.*}", false, Ok("67 111 110 102 105 103")),
    ("{.kind[0]}", false, Err("error executing jsonpath \"{.kind[0]}\": Error executing template: string is not array or slice")),
    ("{.kind[*]}", false, Err("error executing jsonpath \"{.kind[*]}\": Error executing template: string is not array or slice")),
    ("{\"abc\".*}", false, Ok("97 98 99")),
    ("{\"abc\"}", false, Ok("abc")),
    ("{'abc'}", false, Ok("abc")),
    ("{\"a\\tb\"}", false, Ok("a\tb")),
    ("{'a\\'b'}", false, Ok("a'b")),
    ("{\"a\\\"b\"}", false, Ok("a\"b")),
    ("{\"a\\\\\"}", false, Err("error parsing jsonpath {\"a\\\\\"}, unterminated quoted string")),
    ("{\"a\\\\ \"}", false, Ok("a\\ ")),
    ("{\"\\x41\\u00e9\\101\"}", false, Ok("AéA")),
    ("{\"\\q\"}", false, Err("error parsing jsonpath {\"\\q\"}, unquote string \"\\q\" error invalid syntax")),
    ("{\"a'b\"}", false, Ok("a'b")),
    ("{'a\"b'}", false, Ok("a\"b")),
    ("{'a\"\\n'}", false, Ok("a\"\n")),
    ("{\"unterminated", false, Err("error parsing jsonpath {\"unterminated, unterminated quoted string")),
    ("{\"\\ud800\"}", false, Err("error parsing jsonpath {\"\\ud800\"}, unquote string \"\\ud800\" error invalid syntax")),
    ("{.clusters[0]['name']}", false, Ok("c1")),
    ("{.clusters[0][\"name\"]}", false, Err("error parsing jsonpath {.clusters[0][\"name\"]}, invalid array index \"name\"")),
    ("{.clusters[0]['name', 'nope']}", false, Ok("c1")),
    ("{.clusters[0,1].name}", false, Ok("c1 c2")),
    ("{.clusters[1,0].name}", false, Ok("c2 c1")),
    ("{.clusters[0,9].name}", false, Err("error executing jsonpath \"{.clusters[0,9].name}\": Error executing template: array index out of bounds: index 9, length 2")),
    ("{.clusters[0:1,1].name}", false, Ok("c1 c2")),
    ("{['kind','apiVersion']}", false, Ok("Config v1")),
    ("{[kind]}", false, Err("error parsing jsonpath {[kind]}, invalid array index kind")),
    ("{.clusters[a]}", false, Err("error parsing jsonpath {.clusters[a]}, invalid array index a")),
    ("{.clusters[1.5]}", false, Err("error parsing jsonpath {.clusters[1.5]}, invalid array index 1.5")),
    ("{.clusters[--1]}", false, Err("error parsing jsonpath {.clusters[--1]}, invalid array index --1")),
    ("{.clusters[-]}", false, Err("error parsing jsonpath {.clusters[-]}, array index - is not a number")),
    ("{.clusters[0:1:2:3]}", false, Err("error parsing jsonpath {.clusters[0:1:2:3]}, invalid array index 0:1:2:3")),
    ("{.clusters[99999999999999999999]}", false, Err("error parsing jsonpath {.clusters[99999999999999999999]}, array index 99999999999999999999 is not a number")),
    ("{.clusters[0", false, Err("error parsing jsonpath {.clusters[0, unterminated array")),
    ("{.clusters[", false, Err("error parsing jsonpath {.clusters[, unterminated array")),
    ("{.clusters]", false, Err("error parsing jsonpath {.clusters], unrecognized character in action: U+005D ']'")),
    ("{{.clusters}", false, Err("error parsing jsonpath {{.clusters}, unrecognized character in action: U+007B '{'")),
    ("{{.kind}}", false, Err("error parsing jsonpath {{.kind}}, unrecognized character in action: U+007B '{'")),
    ("a}b", false, Ok("a}b")),
    ("{.kind", false, Err("error parsing jsonpath {.kind, unclosed action")),
    ("{.kind}{", false, Err("error parsing jsonpath {.kind}{, unclosed action")),
    ("{#}", false, Err("error parsing jsonpath {#}, unrecognized character in action: U+0023 '#'")),
    ("{.#}", false, Ok("")),
    ("{!}", false, Err("error parsing jsonpath {!}, unrecognized character in action: U+0021 '!'")),
    ("{é}", false, Err("error executing jsonpath \"{é}\": Error executing template: unrecognized identifier é")),
    ("{.é}", false, Ok("")),
    ("{1}", false, Ok("1")),
    ("{-1}", false, Ok("-1")),
    ("{+1}", false, Ok("1")),
    ("{1.5}", false, Ok("1.5")),
    ("{-1.5}", false, Ok("-1.5")),
    ("{1.}", false, Ok("1")),
    ("{1.5.5}", false, Err("error parsing jsonpath {1.5.5}, cannot parse number 1.5.5")),
    ("{+}", false, Err("error parsing jsonpath {+}, cannot parse number +")),
    ("{-}", false, Err("error parsing jsonpath {-}, cannot parse number -")),
    ("{00012}", false, Ok("12")),
    ("{12345678901}", false, Ok("12345678901")),
    ("{12345678901.0}", false, Ok("1.2345678901e+10")),
    ("{99999999999999999999}", false, Ok("1e+20")),
    ("{1000000}", false, Ok("1000000")),
    ("{true}", false, Ok("true")),
    ("{false}", false, Ok("false")),
    ("{truex}", false, Err("error executing jsonpath \"{truex}\": Error executing template: unrecognized identifier truex")),
    ("{null}", false, Err("error executing jsonpath \"{null}\": Error executing template: unrecognized identifier null")),
    ("{nil}", false, Err("error executing jsonpath \"{nil}\": Error executing template: unrecognized identifier nil")),
    ("{range}", false, Ok("")),
    ("{end}", false, Err("error executing jsonpath \"{end}\": Error executing template: not in range, nothing to end")),
    ("{range .clusters[*]}{.name}{end}", false, Ok("c1c2")),
    ("{range .clusters[*]}{.name}{\"\\n\"}{end}", false, Ok("c1\nc2\n")),
    ("{range .clusters[*]}{.name}", false, Ok("c1c2")),
    ("{range .clusters[*]}[{.name}, {.cluster.server}] {end}done", false, Ok("[c1, https://c1.example:6443] [c2, https://c2.example:6443] done")),
    ("{range .contexts[*]}{range .context}{.user}{end}{end}", false, Ok("u1u2u1")),
    ("{range .nope[*]}{.name}{end}tail", false, Ok("tail")),
    ("{range .nope[*]}{.name}{range .x}y{end}{end}tail", false, Ok("tail")),
    ("{range .nope[*]}{@}{end}tail", false, Ok("tail")),
    ("{range .clusters[*]}{.name}{end}{end}", false, Err("error executing jsonpath \"{range .clusters[*]}{.name}{end}{end}\": Error executing template: not in range, nothing to end")),
    ("{range .clusters[*]}{range .cluster.extensions[*]}{.name}{end}{end}!", false, Ok("x1!")),
    ("{range .clusters[*]}{range .cluster.extensions[*]}{.name}{end}-{.name} {end}!", false, Ok("x1-c1 -c2 !")),
    ("{range .clusters}{.[0].name}{end}", false, Ok("")),
    ("{range .clusters}{[0].name}{end}", false, Ok("c1")),
    ("{range .clusters[0]}{.name}{end}", false, Ok("c1")),
    ("{range .clusters[*]}a{end}b{range .users[*]}c{end}d", false, Ok("aabccd")),
    ("{range .users[*]}{.name}{\"\\t\"}{.user.token}{\"\\n\"}{end}", false, Ok("u1\tsecret-token\nu2\t\n")),
    ("{.users[?(@.name==\"u1\")].user.token}", false, Ok("secret-token")),
    ("{.users[?(@.name=='u1')].user.token}", false, Ok("secret-token")),
    ("{.users[?(@.name == \"u1\")].user.token}", false, Ok("secret-token")),
    ("{.users[?( @.name == \"u1\" )].user.token}", false, Ok("secret-token")),
    ("{.users[?(@.name!=\"u1\")].name}", false, Ok("u2")),
    ("{.users[?(@.name<\"u2\")].name}", false, Ok("u1")),
    ("{.users[?(@.name<=\"u2\")].name}", false, Ok("u1 u2")),
    ("{.users[?(@.name>\"u1\")].name}", false, Ok("u2")),
    ("{.users[?(@.name>=\"u1\")].name}", false, Ok("u1 u2")),
    ("{.users[?(@.name=~\"u1\")].name}", false, Err("error parsing jsonpath {.users[?(@.name=~\"u1\")].name}, unrecognized character in action: U+007E '~'")),
    ("{.users[?(@.name===\"u1\")].name}", false, Err("error executing jsonpath \"{.users[?(@.name===\\\"u1\\\")].name}\": Error executing template: unrecognized filter operator ===")),
    ("{.users[?(@.name==\"u1\" && @.user)].name}", false, Err("error parsing jsonpath {.users[?(@.name==\"u1\" && @.user)].name}, unrecognized character in action: U+0026 '&'")),
    ("{.users[?(@.name==\"u1\" || @.name==\"u2\")].name}", false, Err("error parsing jsonpath {.users[?(@.name==\"u1\" || @.name==\"u2\")].name}, unrecognized character in action: U+007C '|'")),
    ("{.users[?(@.user.token)].name}", false, Ok("u1")),
    ("{.users[?(@.nope)].name}", false, Ok("")),
    ("{.users[?(@.user.token==\"secret-token\")].name}", false, Ok("u1")),
    ("{.users[?(.name==\"u1\")].name}", false, Ok("u1")),
    ("{.users[?($.name==\"u1\")].name}", false, Ok("u1")),
    ("{.users[?(@.name==@.name)].name}", false, Ok("u1 u2")),
    ("{.users[?(@.name==@.nope)].name}", false, Ok("")),
    ("{.users[?(\"u1\"==@.name)].name}", false, Ok("u1")),
    ("{.users[?(@.name)]}", false, Ok("{\"name\":\"u1\",\"user\":{\"token\":\"secret-token\",\"username\":\"un\"}} {\"name\":\"u2\",\"user\":{\"client-key-data\":\"S0VZ\"}}")),
    ("{.users[?(@)].name}", false, Ok("u1 u2")),
    ("{.users[?()].name}", false, Ok("u1 u2")),
    ("{.users[?(]", false, Err("error parsing jsonpath {.users[?(], unterminated filter")),
    ("{.users[?(@.name==\"u1\")", false, Err("error parsing jsonpath {.users[?(@.name==\"u1\"), unclosed array expect ]")),
    ("{.users[?(@.name==\"u1\"]", false, Err("error parsing jsonpath {.users[?(@.name==\"u1\"], unterminated filter")),
    ("{.users[?(@.name==\"u1\").name}", false, Err("error parsing jsonpath {.users[?(@.name==\"u1\").name}, unclosed array expect ]")),
    ("{.users[?(@.name==)].name}", false, Err("error parsing jsonpath {.users[?(@.name==)].name}, unrecognized character in action: U+003D '='")),
    ("{.users[?(==\"x\")].name}", false, Err("error parsing jsonpath {.users[?(==\"x\")].name}, unrecognized character in action: U+003D '='")),
    ("{.users[?(@.name=\"u1\")].name}", false, Err("error executing jsonpath \"{.users[?(@.name=\\\"u1\\\")].name}\": Error executing template: unrecognized filter operator =")),
    ("{.users[?(@.name!\"u1\")].name}", false, Err("error executing jsonpath \"{.users[?(@.name!\\\"u1\\\")].name}\": Error executing template: unrecognized filter operator !")),
    ("{.users[?(@.name==1)].name}", false, Err("error executing jsonpath \"{.users[?(@.name==1)].name}\": Error executing template: incompatible types for comparison")),
    ("{.users[?(@.name==true)].name}", false, Err("error executing jsonpath \"{.users[?(@.name==true)].name}\": Error executing template: incompatible types for comparison")),
    ("{.users[?(@.user==\"x\")].name}", false, Err("error executing jsonpath \"{.users[?(@.user==\\\"x\\\")].name}\": Error executing template: invalid type for comparison")),
    ("{.users[?(@.name==\"u)1\")].name}", false, Ok("")),
    ("{.users[?(@.name==\"u\\\"1\")].name}", false, Ok("")),
    ("{.users[?(@.name==u1)].name}", false, Err("error executing jsonpath \"{.users[?(@.name==u1)].name}\": Error executing template: unrecognized identifier u1")),
    ("{.users[?(@.*==\"u1\")].name}", false, Err("error executing jsonpath \"{.users[?(@.*==\\\"u1\\\")].name}\": Error executing template: can only compare one element at a time")),
    ("{.users[?(@[0])].name}", false, Ok("u1 u2")),
    ("{.clusters[?(@.cluster.insecure-skip-tls-verify)].name}", false, Ok("c2")),
    ("{.clusters[?(@.cluster.insecure-skip-tls-verify==true)].name}", false, Ok("c2")),
    ("{.clusters[?(@.cluster.insecure-skip-tls-verify<true)].name}", false, Err("error executing jsonpath \"{.clusters[?(@.cluster.insecure-skip-tls-verify<true)].name}\": Error executing template: invalid type for comparison")),
    ("{.clusters[?(@.cluster.insecure-skip-tls-verify!=true)].name}", false, Ok("")),
    ("{.contexts[?(@.context.cluster==\"c2\")].name}", false, Ok("b c3")),
    ("{.contexts[?(@.context.cluster==\"c2\")].context.user}", false, Ok("u2 u1")),
    ("{.contexts[?(@.name in \"a\")].name}", false, Ok("a b c3")),
    ("{.clusters[0].cluster.extensions[0].extension.n}", false, Ok("")),
    ("{.clusters[0].cluster.extensions[0].extension.f}", false, Ok("1.5")),
    ("{.clusters[0].cluster.extensions[0].extension.big}", false, Ok("1e+21")),
    ("{.clusters[0].cluster.extensions[0].extension.neg}", false, Ok("-7")),
    ("{.clusters[0].cluster.extensions[0].extension.t}", false, Ok("true")),
    ("{.clusters[0].cluster.extensions[0].extension.z}", false, Ok("null")),
    ("{.clusters[0].cluster.extensions[0].extension.z.x}", false, Ok("")),
    ("{.clusters[0].cluster.extensions[0].extension.z[0]}", false, Ok("")),
    ("{.clusters[0].cluster.extensions[0].extension.z[?(@.a)]}", false, Err("error executing jsonpath \"{.clusters[0].cluster.extensions[0].extension.z[?(@.a)]}\": Error executing template: <nil> is not array or slice and cannot be filtered")),
    ("{.clusters[0].cluster.extensions[0].extension.z.*}", false, Ok("")),
    ("{range .clusters[0].cluster.extensions[0].extension.z}x{@}{.y}{end}", false, Ok("x<no value>")),
    ("{.clusters[0].cluster.extensions[0].extension.e}", false, Ok("[]")),
    ("{.clusters[0].cluster.extensions[0].extension.em}", false, Ok("{}")),
    ("{.clusters[0].cluster.extensions[0].extension.s}", false, Ok("a\"b<c>&é\n\ttab\u{2028}\u{1}")),
    ("{.clusters[0].cluster.extensions[0].extension.l}", false, Ok("[1,2,3,\"four\",[5,6],{\"k\":\"v\"}]")),
    ("{.clusters[0].cluster.extensions[0].extension.l[*]}", false, Ok("1 2 3 four [5,6] {\"k\":\"v\"}")),
    ("{.clusters[0].cluster.extensions[0].extension.l[4][1]}", false, Ok("6")),
    ("{.clusters[0].cluster.extensions[0].extension.l[?(@==1)]}", false, Err("error executing jsonpath \"{.clusters[0].cluster.extensions[0].extension.l[?(@==1)]}\": Error executing template: incompatible types for comparison")),
    ("{.clusters[0].cluster.extensions[0].extension.l[0:3]}", false, Ok("1 2 3")),
    ("{.clusters[0].cluster.extensions[0].extension.l[?(@>1.0)]}", false, Err("error executing jsonpath \"{.clusters[0].cluster.extensions[0].extension.l[?(@>1.0)]}\": Error executing template: incompatible types for comparison")),
    ("{.clusters[0].cluster.extensions[0].extension.l[?(@.k)]}", false, Ok("{\"k\":\"v\"}")),
    ("{.clusters[0].cluster.extensions[0].extension.l[::2]}", false, Ok("1 3 [5,6]")),
    ("{.clusters[0].cluster.extensions[0].extension.l[::99999]}", false, Ok("1")),
    ("{.clusters[0].cluster.extensions[0].extension.dotted\\.key/x}", false, Ok("dk")),
    ("{.clusters[0].cluster.extensions[0].extension['dotted\\.key/x']}", false, Ok("dk")),
    ("{.clusters[0].cluster.extensions[0].extension['dotted.key/x']}", false, Ok("")),
    ("{.clusters[0].cluster.extensions[0].extension['a b']}", false, Err("error executing jsonpath \"{.clusters[0].cluster.extensions[0].extension['a b']}\": Error executing template: unrecognized identifier b")),
    ("{.clusters[0].cluster.extensions[0].extension.a\\ b}", false, Ok("ab")),
    ("{.clusters[0].cluster.extensions[?(@.extension.n>1.0)].name}", false, Ok("")),
    ("{.clusters[0].cluster.extensions[?(@.extension.n==12345678901.0)].name}", false, Ok("")),
    ("{.clusters[0].cluster.extensions[?(@.extension.n==12345678901)].name}", false, Ok("")),
    ("{.clusters[0].cluster.extensions[?(@.extension.l[9])].name}", false, Ok("x1")),
    ("{.clusters[0].cluster.extensions[?(@.extension.l[?(@.k)])].name}", false, Err("error parsing jsonpath {.clusters[0].cluster.extensions[?(@.extension.l[?(@.k)])].name}, unterminated filter")),
    ("{.clusters[0].name}{.clusters[1].name}", false, Ok("c1c2")),
    ("{.clusters[0].name }x", false, Ok("c1x")),
    ("{ .kind }", false, Ok("Config")),
    ("{\t.kind}", false, Err("error parsing jsonpath {\t.kind}, unrecognized character in action: U+0009")),
    ("{.kind,.apiVersion}", false, Err("error parsing jsonpath {.kind,.apiVersion}, unrecognized character in action: U+002C ','")),
    ("{.kind;}", false, Ok("")),
    ("{.kind|x}", false, Ok("")),
    ("{.a(b)}", false, Ok("")),
    ("{.'kind'}", false, Ok("")),
    ("{'kind'.x}", false, Ok("")),
    ("{$.clusters[*]['name']}", false, Ok("c1 c2")),
    ("{.clusters[ 0 ].name}", false, Err("error parsing jsonpath {.clusters[ 0 ].name}, invalid array index  0 ")),
    ("{.clusters[ *].name}", false, Err("error parsing jsonpath {.clusters[ *].name}, invalid array index  *")),
    ("{.contexts[*].context['cluster','user']}", false, Ok("c1 c2 c2 u1 u2 u1")),
    ("{.contexts[*].context.namespace}", false, Ok("ns other")),
    ("{.contexts[*].context.nope}", false, Ok("")),
    ("{.contexts[*].nope.nope}", false, Ok("")),
    ("{foo .x}", false, Err("error executing jsonpath \"{foo .x}\": Error executing template: unrecognized identifier foo")),
    ("{if .x}", false, Err("error executing jsonpath \"{if .x}\": Error executing template: unrecognized identifier if")),
    ("{range .x}{else}{end}", false, Err("error executing jsonpath \"{range .x}{else}{end}\": Error executing template: unrecognized identifier else")),
    ("{.clusters[?(@.name==\"c1\")]..server}", false, Ok("https://c1.example:6443")),
    ("{.clusters[?(@.name==\"c1\")].cluster['server']}", false, Ok("https://c1.example:6443")),
    ("{.users[?(@.user[0])].name}", false, Ok("u1 u2")),
    ("{.users[?(@.name[0])].name}", false, Ok("u1 u2")),
    ("{.users[*].user.[token]}", false, Err("error parsing jsonpath {.users[*].user.[token]}, invalid array index token")),
    ("{.users[0].user.token}", false, Ok("secret-token")),
    ("{..token}", false, Ok("secret-token")),
    ("{..user.token}", false, Ok("secret-token")),
    ("{..users[0].name}", false, Ok("u1")),
    ("{..users[*].name}", false, Ok("u1 u2")),
    ("{@.clusters[0]@.name}", false, Ok("c1")),
    ("{.clusters[0]$.name}", false, Ok("c1")),
    ("{\"a\nb\"}", false, Err("error parsing jsonpath {\"a\nb\"}, unterminated quoted string")),
    ("{.clusters\n}", false, Err("error parsing jsonpath {.clusters\n}, unclosed action")),
    ("{range .clusters[*]}\n{.name}\n{end}\n", false, Ok("\nc1\n\nc2\n\n")),
    ("{.clusters[0\n]}", false, Err("error parsing jsonpath {.clusters[0\n]}, unterminated array")),
    ("a\nb{.kind}\nc\n", false, Ok("a\nbConfig\nc\n")),
    ("{\r}", false, Err("error parsing jsonpath {\r}, unclosed action")),
    ("{.kind\t}", false, Err("error parsing jsonpath {.kind\t}, unrecognized character in action: U+0009")),
    ("{.users[?(@.name\n==\"u1\")]}", false, Err("error parsing jsonpath {.users[?(@.name\n==\"u1\")]}, unterminated filter")),
    ("{.users[?(@.a\"[?(@.b')\"]')]}", false, Err("error parsing jsonpath {.users[?(@.a\"[?(@.b')\"]')]}, unterminated filter")),
    ("{.nope}", true, Err("error executing jsonpath \"{.nope}\": Error executing template: nope is not found")),
    ("{.nope.x}", true, Err("error executing jsonpath \"{.nope.x}\": Error executing template: nope is not found")),
    ("{.clusters[0]..n}", true, Err("error executing jsonpath \"{.clusters[0]..n}\": Error executing template: n is not found")),
    ("{..n}", true, Err("error executing jsonpath \"{..n}\": Error executing template: n is not found")),
    ("{range .clusters[*]}{.name}", true, Err("error executing jsonpath \"{range .clusters[*]}{.name}\": Error executing template: name is not found")),
    ("{range .nope[*]}{.name}{end}tail", true, Err("error executing jsonpath \"{range .nope[*]}{.name}{end}tail\": Error executing template: nope is not found")),
    ("{range .nope[*]}{.name}{range .x}y{end}{end}tail", true, Err("error executing jsonpath \"{range .nope[*]}{.name}{range .x}y{end}{end}tail\": Error executing template: nope is not found")),
    ("{range .nope[*]}{@}{end}tail", true, Err("error executing jsonpath \"{range .nope[*]}{@}{end}tail\": Error executing template: nope is not found")),
    ("{range .clusters[*]}{range .cluster.extensions[*]}{.name}{end}{end}!", true, Err("error executing jsonpath \"{range .clusters[*]}{range .cluster.extensions[*]}{.name}{end}{end}!\": Error executing template: extensions is not found")),
    ("{range .clusters[*]}{range .cluster.extensions[*]}{.name}{end}-{.name} {end}!", true, Err("error executing jsonpath \"{range .clusters[*]}{range .cluster.extensions[*]}{.name}{end}-{.name} {end}!\": Error executing template: extensions is not found")),
    ("{range .clusters}{.[0].name}{end}", true, Err("error executing jsonpath \"{range .clusters}{.[0].name}{end}\": Error executing template:  is not found")),
    ("{range .users[*]}{.name}{\"\\t\"}{.user.token}{\"\\n\"}{end}", true, Err("error executing jsonpath \"{range .users[*]}{.name}{\\\"\\\\t\\\"}{.user.token}{\\\"\\\\n\\\"}{end}\": Error executing template: token is not found")),
    ("{.users[?(@.user.token==\"secret-token\")].name}", true, Err("error executing jsonpath \"{.users[?(@.user.token==\\\"secret-token\\\")].name}\": Error executing template: token is not found")),
    ("{.users[?(@.name==@.nope)].name}", true, Err("error executing jsonpath \"{.users[?(@.name==@.nope)].name}\": Error executing template: nope is not found")),
    ("{.clusters[?(@.cluster.insecure-skip-tls-verify==true)].name}", true, Err("error executing jsonpath \"{.clusters[?(@.cluster.insecure-skip-tls-verify==true)].name}\": Error executing template: insecure-skip-tls-verify is not found")),
    ("{.clusters[?(@.cluster.insecure-skip-tls-verify<true)].name}", true, Err("error executing jsonpath \"{.clusters[?(@.cluster.insecure-skip-tls-verify<true)].name}\": Error executing template: insecure-skip-tls-verify is not found")),
    ("{.clusters[?(@.cluster.insecure-skip-tls-verify!=true)].name}", true, Err("error executing jsonpath \"{.clusters[?(@.cluster.insecure-skip-tls-verify!=true)].name}\": Error executing template: insecure-skip-tls-verify is not found")),
    ("{range .clusters[0].cluster.extensions[0].extension.z}x{@}{.y}{end}", true, Err("error executing jsonpath \"{range .clusters[0].cluster.extensions[0].extension.z}x{@}{.y}{end}\": Error executing template: y is not found")),
    ("{.clusters[0].cluster.extensions[?(@.extension.n>1.0)].name}", true, Err("error executing jsonpath \"{.clusters[0].cluster.extensions[?(@.extension.n>1.0)].name}\": Error executing template: n is not found")),
    ("{.clusters[0].cluster.extensions[?(@.extension.n==12345678901.0)].name}", true, Err("error executing jsonpath \"{.clusters[0].cluster.extensions[?(@.extension.n==12345678901.0)].name}\": Error executing template: n is not found")),
    ("{.clusters[0].cluster.extensions[?(@.extension.n==12345678901)].name}", true, Err("error executing jsonpath \"{.clusters[0].cluster.extensions[?(@.extension.n==12345678901)].name}\": Error executing template: n is not found")),
    ("{.contexts[*].context.nope}", true, Err("error executing jsonpath \"{.contexts[*].context.nope}\": Error executing template: nope is not found")),
    ("{.contexts[*].nope.nope}", true, Err("error executing jsonpath \"{.contexts[*].nope.nope}\": Error executing template: nope is not found")),
    ("{range .x}{else}{end}", true, Err("error executing jsonpath \"{range .x}{else}{end}\": Error executing template: x is not found")),
];

#[rustfmt::skip]
const PRINTED_AS_JSON: &[Case] = &[
    ("x", false, Ok("[\n    \"x\"\n]\n")),
    ("{.nope}", false, Ok("[]\n")),
    ("{range}", false, Ok("")),
    ("{range .clusters[*]}{.name}{end}", false, Ok("[\n    \"c1\"\n]\n[\n    \"c2\"\n]\n")),
    ("{range .clusters[*]}{.name}{\"\\n\"}{end}", false, Ok("[\n    \"c1\"\n]\n[\n    \"\\n\"\n]\n[\n    \"c2\"\n]\n[\n    \"\\n\"\n]\n")),
    ("{range .clusters[*]}{.name}", false, Ok("[\n    \"c1\"\n]\n[\n    \"c2\"\n]\n[]\n")),
    ("{range .contexts[*]}{range .context}{.user}{end}{end}", false, Ok("[\n    \"u1\"\n]\n[\n    \"u2\"\n]\n[\n    \"u1\"\n]\n")),
    ("{range .nope[*]}{.name}{end}tail", false, Ok("[\n    \"tail\"\n]\n")),
    ("{range .nope[*]}{.name}{range .x}y{end}{end}tail", false, Ok("[\n    \"tail\"\n]\n")),
    ("{range .nope[*]}{@}{end}tail", false, Ok("[\n    \"tail\"\n]\n")),
    ("{range .clusters[*]}{range .cluster.extensions[*]}{.name}{end}{end}!", false, Ok("[\n    \"x1\"\n]\n[\n    \"!\"\n]\n")),
    ("{range .clusters}{.[0].name}{end}", false, Ok("[]\n")),
    ("{range .clusters}{[0].name}{end}", false, Ok("[\n    \"c1\"\n]\n")),
    ("{range .clusters[0]}{.name}{end}", false, Ok("[\n    \"c1\"\n]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.n}", false, Ok("[]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.f}", false, Ok("[\n    1.5\n]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.big}", false, Ok("[\n    1e+21\n]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.neg}", false, Ok("[\n    -7\n]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.t}", false, Ok("[\n    true\n]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.z}", false, Ok("[\n    null\n]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.z.x}", false, Ok("[]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.z[0]}", false, Ok("[]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.z.*}", false, Ok("[]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.e}", false, Ok("[\n    []\n]\n")),
    ("{.clusters[0].cluster.extensions[0].extension.em}", false, Ok("[\n    {}\n]\n")),
];

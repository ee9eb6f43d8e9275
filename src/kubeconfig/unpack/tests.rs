//! Tests of [`super::unpack`].

use super::*;
use crate::codec::base64;

const WHOLE: &str = "\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
    server: https://one.example
  name: one
contexts:
- context:
    cluster: one
    user: admin
  name: dev
current-context: dev
kind: Config
preferences: {}
users:
- name: admin
  user:
    token: s3cr3t-t0ken
";

fn found(text: &str) -> Result<Vec<(String, Vec<String>)>, UnpackError> {
    let names = |document: &Document| document.names(Kind::Context).map(str::to_owned).collect();
    let unpacked = unpack(text.as_bytes().to_vec())?;
    let from = |carrier: &Carrier| {
        format!("{} {}/{} {}", carrier.kind, carrier.namespace, carrier.name, carrier.key)
    };
    let of = |part: &Part| (part.carrier.as_ref().map(from).unwrap_or_default(), names(&part.document));
    Ok(unpacked.parts.iter().map(of).collect())
}

fn contexts(text: &str) -> Vec<Vec<String>> {
    found(text).unwrap().into_iter().map(|(_, contexts)| contexts).collect()
}

#[test]
fn every_document_is_read() {
    let one = "contexts: [{name: a, context: {}}]\n";
    let two = "contexts: [{name: b, context: {}}]\n";
    assert_eq!(contexts(one), [["a"]]);
    assert_eq!(contexts(&format!("{one}---\n{two}")), [["a"], ["b"]]);
    assert_eq!(contexts(&format!("---\n{one}--- # second\n{two}")), [["a"], ["b"]]);
    let json = |name: &str| format!("{{\"contexts\": [{{\"name\": \"{name}\", \"context\": {{}}}}]}}");
    assert_eq!(contexts(&json("a")), [["a"]]);
    assert_eq!(contexts(&format!("{}\n{}\n", json("a"), json("b"))), [["a"], ["b"]]);
    assert_eq!(contexts(&format!("\n{}{}", json("a"), json("b"))), [["a"], ["b"]]);
    let wrapped = base64::encode(format!("{one}---\n{two}"));
    let (left, right) = wrapped.split_at(20);
    assert_eq!(contexts(&format!("{left}\n{right}\n")), [["a"], ["b"]]);
}

#[test]
fn an_error_names_the_line_of_the_whole_text() {
    let error = unpack(b"kind: Config\n---\nkind: Config\na: [\n".to_vec()).unwrap_err();
    let UnpackError::Parse(error) = error else { panic!("{error}") };
    assert_eq!(error.place.map(|place| place.position.line >= 4), Some(true));
}

/// However a base64 text is cut, its kubeconfig is refused, or said to be doubtful: no half of it is taken for the whole.
#[test]
fn no_cut_of_base64_is_taken_for_the_whole() {
    let once = base64::encode(WHOLE);
    for whole in [once.clone(), base64::encode(&once), once.trim_end_matches('=').to_owned()] {
        assert_eq!(contexts(&whole), [["dev"]]);
        let end = whole.trim_end_matches('=').len();
        let mut doubtful = 0;
        for length in 16..end {
            match unpack(whole.as_bytes()[..length].to_vec()) {
                Err(UnpackError::Cut(told)) => assert!(told <= length),
                // So little may be a word.
                Err(UnpackError::Parse(_)) if length < 32 => {}
                Err(error) => panic!("{length}: {error:?}"),
                Ok(unpacked) => {
                    // Without the end of the padding inside, nothing of the kubeconfig is missing.
                    let is_whole = unpacked.parts[0].document.text() == WHOLE;
                    let is_doubtful = unpacked.parts.iter().any(|part| part.may_be_cut);
                    assert!(is_doubtful || is_whole, "{length} of {end}");
                    doubtful += usize::from(is_doubtful);
                }
            }
        }
        // Only a cut inside of the last value, the token, cannot be told from the whole.
        assert!((1..12).contains(&doubtful), "{doubtful}");
    }
}

#[test]
fn a_text_without_its_last_line_end_is_doubtful_only_if_it_lacks_something() {
    let doubtful = |text: &str| unpack(text.as_bytes().to_vec()).unwrap().parts[0].may_be_cut;
    assert!(!doubtful(WHOLE));
    assert!(!doubtful(WHOLE.trim_end()));
    assert!(doubtful("contexts:\n- name: d"));
    assert!(!doubtful("contexts:\n- name: d\n"));
}

#[test]
fn objects_carry_kubeconfigs() {
    let value = base64::encode(WHOLE);
    let twice = base64::encode(&value);
    let indented = WHOLE.replace('\n', "\n    ");
    for (text, from) in [
        (
            format!(
                "kind: Secret\nmetadata: {{name: a, namespace: x}}\ndata:\n  ca.crt: Q0E=\n  value: {value}\n"
            ),
            "Secret x/a value",
        ),
        (
            format!("kind: Secret\nmetadata: {{name: a}}\ndata: {{kubeconfig: {twice}}}\n"),
            "Secret /a kubeconfig",
        ),
        (
            format!(
                "kind: Secret\nmetadata: {{name: a}}\ndata: {{k: Q0E=}}\nstringData:\n  k: |\n    {indented}\n"
            ),
            "Secret /a k",
        ),
        (
            format!(
                "kind: ConfigMap\nmetadata: {{name: cluster-info}}\ndata:\n  kubeconfig: |\n    {indented}\n"
            ),
            "ConfigMap /cluster-info kubeconfig",
        ),
        (format!("kind: ConfigMap\nmetadata: {{name: b}}\nbinaryData: {{k: {value}}}\n"), "ConfigMap /b k"),
        (
            format!(
                "{{\"kind\":\"Secret\",\"metadata\":{{\"name\":\"a\"}},\"data\":{{\"value\":\"{value}\"}}}}"
            ),
            "Secret /a value",
        ),
        (format!("{{\"value\":\"{value}\",\"ca.crt\":\"Q0E=\"}}"), "Secret / value"),
        (
            format!("kind: List\nitems:\n- {{kind: Secret, metadata: {{name: a}}, data: {{v: {value}}}}}\n"),
            "Secret /a v",
        ),
        (
            format!("kind: SecretList\nitems:\n- {{metadata: {{name: a}}, data: {{v: {value}}}}}\n"),
            "Secret /a v",
        ),
        (
            format!("kind: AdminKubeconfigRequest\nmetadata: {{name: s}}\nstatus: {{kubeconfig: {value}}}\n"),
            "AdminKubeconfigRequest /s kubeconfig",
        ),
        (
            format!("kind: Namespace\nmetadata: {{name: n}}\n---\nkind: Secret\ndata: {{value: {value}}}\n"),
            "Secret / value",
        ),
    ] {
        let want = vec![(from.to_owned(), vec!["dev".to_owned()])];
        assert_eq!(found(&text).as_ref(), Ok(&want), "{text}");
        assert_eq!(found(&base64::encode(&text)).as_ref(), Ok(&want), "base64 of {text}");
    }
}

#[test]
fn objects_without_a_kubeconfig_are_named() {
    let barren = |text: &str| match unpack(text.as_bytes().to_vec()) {
        Err(UnpackError::Barren(barren)) => {
            barren.into_iter().map(|it| (it.name, it.keys)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let text = "kind: Secret\nmetadata: {name: a}\ndata: {ca.crt: Q0E=, token: YTogYg==}\n";
    assert_eq!(barren(text), [("a".to_owned(), vec!["ca.crt".to_owned(), "token".to_owned()])]);
    assert_eq!(barren("kind: Secret\nmetadata: {name: a}\ndata: null\n"), [("a".to_owned(), vec![])]);
    assert_eq!(barren("{\"kind\": \"List\", \"items\": []}\n"), []);
    // Of another kind, its name says nothing.
    let error = unpack(b"kind: Deployment\nmetadata: {name: a}\n".to_vec()).unwrap_err();
    assert!(matches!(error, UnpackError::Parse(_)), "{error}");
}

#[test]
fn a_broken_value_of_an_object_is_no_value_of_another_kind() {
    let value = base64::encode(WHOLE);
    let secret = |key: &str, value: &str| {
        format!(
            "kind: Secret\nmetadata: {{name: a}}\ndata:\n  a: {}\n  {key}: {value}\n",
            base64::encode(WHOLE)
        )
    };
    assert!(found(&secret("value", &value)).is_ok());
    for (value, at) in [
        (value[..401].to_owned(), "cut off after 401 characters"),
        (base64::encode("clusters:\n- a: [\n"), "line"),
    ] {
        match unpack(secret("value", &value).into_bytes()) {
            Err(UnpackError::Inside(carrier, error)) => {
                assert_eq!(carrier.key, "value");
                assert!(error.to_string().contains(at), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }
    for other in ["Q0E=", "YTogWw==", "ENC[AES256_GCM]", "AAECAwQFBgcICQoL"] {
        assert_eq!(contexts(&secret("other", other)), [["dev"]], "{other}");
    }
}

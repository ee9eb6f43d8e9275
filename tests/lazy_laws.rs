//! A document opened where somebody looks gives what the full parser gives, and is edited to the same bytes.

use crate::generate::{Random, kubeconfig};
use kcx::kubeconfig::patch::{Op, PathStep, apply};
use kcx::kubeconfig::{Document, Kind, Merged, Source, View, scan};

/// The same text, but for a comment that the scanner does not take.
fn slow(text: &str) -> Document {
    let newline = match text {
        "" => "",
        text if text.ends_with('\n') => "",
        text if text.contains('\r') => "\r\n",
        _ => "\n",
    };
    let text = format!("{text}{newline}# \u{e9}");
    assert!(scan::skeleton(&text).is_none());
    Document::parse(text.into_bytes()).unwrap()
}

fn view(document: &Document) -> View {
    View::of(&Merged::new(vec![Source { path: "f".into(), document: Some(document.clone()) }])).unwrap()
}

#[test]
fn lazy_and_full_parsing_give_equal_values_and_edits() {
    let cases = if std::env::var_os("KCX_LONG").is_some() { 100_000 } else { 1_000 };
    let mut accepted = 0;
    for seed in 0..cases {
        let text = kubeconfig(&mut Random::new(seed), false);
        if scan::skeleton(&text).is_none() {
            continue;
        }
        accepted += 1;
        let lazy = Document::parse(text.clone().into_bytes()).unwrap();
        let full = slow(&text);
        assert_eq!(view(&lazy), view(&full), "seed {seed}\n{text}");
        for kind in Kind::ALL {
            for op in ops(&lazy, kind) {
                match (apply(&lazy, std::slice::from_ref(&op)), apply(&full, std::slice::from_ref(&op))) {
                    (Ok(a), Ok(b)) => {
                        let b = b.text().strip_suffix("# \u{e9}").unwrap();
                        assert_eq!(a.text().trim_end(), b.trim_end(), "seed {seed} {op:?}\n{text}");
                    }
                    (Err(a), Err(b)) => assert_eq!(a.reason, b.reason, "seed {seed} {op:?}\n{text}"),
                    (a, b) => panic!("seed {seed} {op:?}: {a:?} against {b:?}\n{text}"),
                }
            }
        }
    }
    assert!(accepted * 4 > cases, "only {accepted} of {cases} were in the narrow style");
}

fn ops(document: &Document, kind: Kind) -> Vec<Op> {
    let mut ops = vec![
        Op::SetTop { key: "current-context".into(), value: "other".into() },
        Op::UnsetTop { key: "current-context".into() },
        Op::Insert { kind, name: "brand-new".into(), body: serde_json::Map::new() },
    ];
    if let Some(name) = document.names(kind).last().map(str::to_owned) {
        let field = match kind {
            Kind::Cluster => "server",
            Kind::User => "token",
            Kind::Context => "namespace",
        };
        let path = vec![PathStep::Key(field.into())];
        ops.push(Op::Set { kind, name: name.clone(), path: path.clone(), value: "value".into() });
        ops.push(Op::Unset { kind, name: name.clone(), path });
        ops.push(Op::Rename { kind, from: name.clone(), to: "renamed".into() });
        ops.push(Op::Remove { kind, name });
    }
    ops
}

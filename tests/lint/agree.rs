//! An error about reading a file is found exactly where kubectl refuses to load it. The loader stands for kubectl: other
//! tests hold the two together (`corpus`, `real/lint`).

use super::{Made, World, findings};
use crate::corpus::{REFUSED, fixtures, name};
use crate::generate::{Random, kubeconfig, mutate};
use crate::laws_random::{files, seeds, tell, wounded};
use kcx::kubeconfig::Document;
use kcx::kubeconfig::lint::{Code, Finding, NoEnvironment, Severity, check};
use std::fs;
use std::num::NonZero;

/// True if a finding says that kubectl does not load the file.
pub(crate) fn refuses(finding: &Finding) -> bool {
    finding.code.is_reading() && finding.code.severity() == Severity::Error
}

fn found(bytes: &[u8]) -> Vec<Finding> {
    let (merged, problems) = super::merged(&[bytes]);
    check(&merged, &problems, &NoEnvironment, NonZero::<usize>::MIN)
}

#[test]
fn errors_are_found_in_the_files_of_the_corpus_that_kubectl_refuses_and_in_no_other() {
    let mut wrong = Vec::new();
    for (folder, refused) in [("valid", false), ("invalid", true)] {
        for path in fixtures(folder) {
            let found = found(&fs::read(&path).unwrap());
            if found.iter().any(refuses) != refused {
                wrong.push(format!(
                    "{folder}/{}: {:?}",
                    name(&path),
                    found.iter().map(|it| it.code).collect::<Vec<_>>()
                ));
            }
            // What kcx does not read either is never passed over in silence.
            if REFUSED.contains(&name(&path)) {
                assert!(found.iter().any(|it| it.code == Code::Ambiguous), "{}", name(&path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Holds what is found in a file against what the loader says. It is refused, or doubtful: kcx does not read it; whether
/// kubectl does, nobody can tell.
fn agrees(seed: u64, bytes: &[u8]) -> (bool, bool) {
    let found = found(bytes);
    let loaded = Document::parse(bytes.to_vec());
    let refused = found.iter().any(refuses);
    let doubtful = !refused && found.iter().any(|it| it.code == Code::Ambiguous);
    let agreed = loaded.is_err() == (refused || doubtful);
    assert!(agreed, "seed {seed}: {loaded:?}\n{found:#?}\n{}", String::from_utf8_lossy(bytes));
    (refused, doubtful)
}

#[test]
fn errors_are_found_in_damaged_files_exactly_where_they_cannot_be_loaded() {
    let (mut cases, mut broken, mut doubts) = (0, 0, 0);
    for seed in seeds(10_000) {
        let random = &mut Random::new(seed);
        let odd = random.one_in(3);
        let text = kubeconfig(random, odd);
        let text = mutate(random, &text);
        let (refused, doubtful) = agrees(seed, text.as_bytes());
        cases += 1;
        doubts += usize::from(doubtful);
        broken += usize::from(refused);
    }
    assert!(broken * 10 > cases && doubts * 50 < cases, "{broken} of {cases} are broken, {doubts} doubtful");
    tell("lint agrees with the loader", cases as u64);
}

#[test]
fn whatever_the_bytes_they_are_looked_through() {
    let files = files();
    let mut cases = 0;
    for seed in seeds(2_000) {
        let bytes = wounded(&mut Random::new(seed), &files);
        agrees(seed, &bytes);
        cases += 1;
    }
    tell("lint of any bytes", cases);
}

#[test]
fn a_file_with_problems_is_still_looked_through() {
    let made = Made::new();
    let text = "apiVersion: v1\nkind: Config\nclusters:\n- name: yes\n  cluster: {server: 5}\n- name: b\n  cluster: {server: 'htps://b'}\n\
        contexts:\n- name: a\n  context: {cluster: b, user: [x]}\nusers:\n- name: a\n- name: a\n";
    let world = World { made: &made, trouble: None };
    let codes: Vec<Code> = findings(&[text.as_bytes()], &world).iter().map(|it| it.code).collect();
    assert_eq!(codes, [Code::Yaml11, Code::Yaml11, Code::BadServer, Code::WrongType, Code::DuplicateName]);
}

#[test]
fn where_readers_part_it_is_an_error_only_if_kubectl_refuses_it_however_it_reads() {
    for (text, codes) in [
        ("current-context: a\n... b\n", &[Code::Ambiguous][..]),
        ("extensions: [{name: e, extension: {?a: 1}}]\n", &[Code::Ambiguous]),
        ("{}kind: Config\n", &[Code::Ambiguous]),
        ("contexts: [{name: a, context: {cluster:}}]\n", &[Code::Ambiguous]),
        ("current-context:\n|-\n a\n", &[Code::Ambiguous]),
        // A string, and what follows it is not looked at.
        (" >#c\nkind: Config\n", &[Code::WrongType]),
        ("x: [?]\n", &[Code::Syntax]),
        // With line ends of YAML 1.1, what is wrong is said as elsewhere.
        ("kind: Config\u{2028}users:\u{85}- name: yes\n", &[Code::NoHeader, Code::Yaml11]),
    ] {
        let found = found(text.as_bytes());
        assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), codes, "{text}");
    }
}

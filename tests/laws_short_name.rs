//! The short names that a prompt shows.

use kcx::prompt::{ShortNames, short, short_among};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn only_generated_names_are_shortened() {
    for (name, want) in [
        ("arn:aws-cn:eks:cn-north-1:1:cluster/a", "a"),
        ("arn:aws:iam::1:cluster/a", "arn:aws:iam::1:cluster/a"),
        ("arn:aws:eks:r:1:cluster/", "arn:aws:eks:r:1:cluster/"),
        ("gke_p_z_a_b", "a_b"),
        ("gke_p", "gke_p"),
        ("/api-crc-testing:6443/kubeadmin", "crc-testing"),
        ("a/b/c", "a/b/c"),
    ] {
        assert_eq!(short(name), want);
    }
}

#[track_caller]
fn check<const N: usize>(pairs: [(&str, &str); N]) {
    for (name, want) in pairs {
        assert_eq!(short_among(name, pairs.map(|(name, _)| name)), want);
    }
}

#[test]
fn a_short_name_shows_what_differs() {
    check([
        ("arn:aws:eks:eu-central-1:111122223333:cluster/main", "main@111122223333"),
        ("arn:aws:eks:eu-central-1:444455556666:cluster/main", "main@444455556666"),
        ("arn:aws:eks:eu-central-1:444455556666:cluster/test", "test"),
    ]);
    check([
        ("arn:aws:eks:eu-central-1:1:cluster/main", "main@eu-central-1"),
        ("arn:aws:eks:eu-west-1:1:cluster/main", "main@1/eu-west-1"),
        ("arn:aws:eks:eu-west-1:2:cluster/main", "main@2"),
    ]);
    check([
        ("arn:aws:eks:r:1:cluster/main", "arn:aws:eks:r:1:cluster/main"),
        ("arn:aws-cn:eks:r:1:cluster/main", "arn:aws-cn:eks:r:1:cluster/main"),
    ]);
    check([
        ("gke_dev_europe-west1_shop", "dev/shop"),
        ("gke_prod_europe-west1_shop", "prod/europe-west1/shop"),
        ("gke_prod_europe-west2_shop", "europe-west2/shop"),
    ]);
    check([
        ("web/api-shop:6443/admin", "web/shop"),
        ("default/api-shop:6443/admin", "default/shop/admin"),
        ("default/api-shop:6443/jane", "shop/jane"),
        ("default/api-shop:6444/admin/", "default/api-shop:6444/admin/"),
    ]);
}

#[test]
fn the_name_of_another_context_is_no_short_name() {
    check([
        ("arn:aws:eks:r:1:cluster/shop", "shop@1"),
        ("gke_p_z_shop", "p/shop"),
        ("shop", "shop"),
        ("x/api-shop:1/u", "shop/u"),
    ]);
    check([("gke_p_z_shop", "z/shop"), ("shop", "shop"), ("p/shop", "p/shop")]);
}

fn names() -> impl Strategy<Value = BTreeSet<String>> {
    let part = || prop::sample::select(vec!["", "a", "b", "api-a", "a@b", "a/b", "1"]);
    let name = (0..5u8, part(), part(), part(), part()).prop_map(|(family, a, b, c, d)| match family {
        0 => format!("arn:aws:eks:{a}:{b}:cluster/{c}"),
        1 => format!("arn:aws-{d}:eks:{a}:{b}:cluster/{c}"),
        2 => format!("gke_{a}_{b}_{c}"),
        3 => format!("{a}/{b}:1{}/{c}", d.len()),
        _ => [a, "/", b].concat(),
    });
    prop::collection::btree_set(name, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_contexts_never_have_the_same_short_name(names in names()) {
        let all = || names.iter().map(String::as_str);
        let shorts: BTreeSet<String> = all().map(|name| short_among(name, all())).collect();
        prop_assert_eq!(shorts.len(), names.len(), "{:?}", shorts);
        let at_once = ShortNames::new(all());
        for name in all() {
            prop_assert_eq!(at_once.of(name).unwrap_or_else(|| name.to_owned()), short_among(name, all()));
        }
    }
}

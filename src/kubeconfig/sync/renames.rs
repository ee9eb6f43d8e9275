//! The renames of one round: a source may give a context the name that another one of its contexts gives up at the same time.

use std::collections::{HashSet, VecDeque};

/// A rename that a source asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// The index of the context.
    pub(super) own: usize,
    pub(super) from: String,
    pub(super) to: String,
}

/// The contexts that get the names they are to have, if all are renamed at once. `is_taken` is true for a name that an entry
/// has; of two contexts for one name, the first gets it.
pub(super) fn granted(mut wishes: Vec<Wish>, is_taken: impl Fn(&str) -> bool) -> HashSet<usize> {
    let mut claimed = HashSet::new();
    wishes.retain(|wish| claimed.insert(wish.to.clone()));
    loop {
        let before = wishes.len();
        let given_up: HashSet<String> = wishes.iter().map(|wish| wish.from.clone()).collect();
        wishes.retain(|wish| given_up.contains(&wish.to) || !is_taken(&wish.to));
        if wishes.len() == before {
            return wishes.into_iter().map(|wish| wish.own).collect();
        }
    }
}

/// The same renames one after the other, so that no two contexts ever have one name. In a circle, one of them gets a name in
/// between, which `free` makes of its own.
pub(super) fn in_order(
    renames: Vec<(String, String)>,
    free: impl Fn(&str) -> String,
) -> Vec<(String, String)> {
    let mut held: HashSet<String> = renames.iter().map(|(from, _)| from.clone()).collect();
    let (mut left, mut ordered, mut waited) = (VecDeque::from(renames), Vec::new(), 0);
    while let Some((from, to)) = left.pop_front() {
        if !held.contains(&to) {
            held.remove(&from);
            ordered.push((from, to));
            waited = 0;
        } else if waited <= left.len() {
            left.push_back((from, to));
            waited += 1;
        } else {
            let between = free(&from);
            held.remove(&from);
            ordered.push((from, between.clone()));
            left.push_back((between, to));
            waited = 0;
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(pairs: &[(&str, &str)]) -> Vec<Wish> {
        let wish = |(own, (from, to)): (usize, &(&str, &str))| Wish {
            own,
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        };
        pairs.iter().enumerate().map(wish).collect()
    }

    fn granted_of(pairs: &[(&str, &str)], taken: &[&str]) -> Vec<usize> {
        let mut granted: Vec<usize> =
            granted(wishes(pairs), |name| taken.contains(&name)).into_iter().collect();
        granted.sort_unstable();
        granted
    }

    #[test]
    fn a_name_is_free_once_its_holder_gives_it_up() {
        assert_eq!(granted_of(&[("a", "b"), ("b", "a")], &["a", "b"]), [0, 1]);
        assert_eq!(granted_of(&[("a", "b"), ("b", "c")], &["a", "b"]), [0, 1]);
        // The last of the chain stays, and so do those that wait for it.
        assert_eq!(granted_of(&[("a", "b"), ("b", "c")], &["a", "b", "c"]), Vec::<usize>::new());
        assert_eq!(granted_of(&[("a", "x"), ("b", "x")], &["a", "b"]), [0]);
    }

    #[test]
    fn no_two_contexts_ever_have_one_name() {
        for pairs in [
            [("a", "b"), ("b", "a"), ("x", "y")],
            [("a", "b"), ("b", "c"), ("c", "a")],
            [("a", "b"), ("b", "c"), ("c", "d")],
        ] {
            let owned = pairs.map(|(from, to)| (from.to_owned(), to.to_owned())).to_vec();
            let mut names: Vec<(String, &str)> =
                pairs.iter().map(|(from, _)| ((*from).to_owned(), *from)).collect();
            for (from, to) in in_order(owned, |from| format!("{from}-2")) {
                assert!(names.iter().all(|(name, _)| *name != to), "{pairs:?}: {to}");
                names.iter_mut().find(|(name, _)| *name == from).unwrap().0 = to;
            }
            let now: Vec<(&str, &str)> = names.iter().map(|(name, first)| (*first, name.as_str())).collect();
            assert_eq!(now, pairs);
        }
    }
}

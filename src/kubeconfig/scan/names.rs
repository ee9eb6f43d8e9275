//! Distinguishes the names of a list by their hashes.
//!
//! If two hashes are equal, the full parser decides whether the names are. No name is stored.

use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};

/// The longest run of used slots; only names that were constructed to collide make a longer one.
const ROW: usize = 512;

/// A set of hashes: an open table, at most half full.
#[derive(Default)]
pub(super) struct Names {
    slots: Vec<u64>,
    count: usize,
}

impl Names {
    pub(super) fn clear(&mut self) {
        self.slots.fill(0);
        self.count = 0;
    }

    /// `None` if the name, or another name with the same hash, was added before.
    #[inline(always)]
    pub(super) fn insert(&mut self, hash: u64) -> Option<()> {
        if self.count * 2 >= self.slots.len() {
            self.grow()?;
        }
        self.count += 1;
        place(&mut self.slots, hash)
    }

    #[cold]
    fn grow(&mut self) -> Option<()> {
        let size = (self.slots.len() * 4).max(32);
        let mut slots = vec![0; size];
        for &hash in self.slots.iter().filter(|&&hash| hash != 0) {
            place(&mut slots, hash)?;
        }
        self.slots = slots;
        Some(())
    }
}

/// Puts a hash into a table whose length is a power of two.
#[inline(always)]
fn place(slots: &mut [u64], hash: u64) -> Option<()> {
    // Zero marks a free slot.
    let hash = hash.max(1);
    for at in 0..ROW {
        let at = (hash as usize).wrapping_add(at) & (slots.len() - 1);
        match slots.get_mut(at)? {
            slot if *slot == 0 => {
                *slot = hash;
                return Some(());
            }
            slot if *slot == hash => return None,
            _ => {}
        }
    }
    None
}

/// A hash of a key or a name. Per name, foldhash takes 60 % of the time of XXH3.
#[inline(always)]
pub(super) fn hash(text: &[u8]) -> u64 {
    const STATE: FixedState = FixedState::with_seed(0);
    let mut hasher = STATE.build_hasher();
    hasher.write(text);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_new_once() {
        let mut names = Names::default();
        for round in 0..2 {
            let all: Vec<String> = (0..5_000).map(|number| format!("context-{number}")).collect();
            assert!(all.iter().all(|name| names.insert(hash(name.as_bytes())).is_some()), "{round}");
            assert!(all.iter().all(|name| names.insert(hash(name.as_bytes())).is_none()), "{round}");
            names.clear();
        }
    }

    #[test]
    fn names_made_to_collide_are_given_up() {
        let mut names = Names::default();
        let colliding = (1..10_000).map(|number: u64| number << 32);
        assert!(colliding.into_iter().any(|hash| names.insert(hash).is_none()));
    }

    #[test]
    fn zero_is_a_hash_as_others_are() {
        let mut names = Names::default();
        assert!(names.insert(0).is_some());
        assert!(names.insert(0).is_none());
    }

    #[test]
    fn every_byte_counts() {
        for length in 0..40 {
            let text = vec![b'a'; length];
            for at in 0..length {
                let mut other = text.clone();
                other[at] = b'b';
                assert_ne!(hash(&text), hash(&other), "{length} {at}");
            }
            assert_ne!(hash(&text), hash(&[&text[..], b"a"].concat()));
        }
    }
}

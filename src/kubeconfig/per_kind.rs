//! A value for each kind of entry.

use super::schema::Kind;
use std::ops::{Index, IndexMut};

/// One value for clusters, one for users, one for contexts.
///
/// ```
/// use kcx::kubeconfig::{Kind, PerKind};
/// let mut counts = PerKind::<usize>::default();
/// counts[Kind::User] += 1;
/// assert!(counts.iter().eq([(Kind::Cluster, &0), (Kind::User, &1), (Kind::Context, &0)]));
/// assert_eq!(PerKind::from_fn(|kind| kind.word().len())[Kind::Context], "context".len());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerKind<T>([T; 3]);

impl<T> PerKind<T> {
    /// The values that a function gives for each kind.
    pub fn from_fn(value: impl FnMut(Kind) -> T) -> PerKind<T> {
        PerKind(Kind::ALL.map(value))
    }

    /// Each kind and its value, in client-go's order.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &T)> {
        Kind::ALL.into_iter().zip(&self.0)
    }

    /// The values, in client-go's order of kinds.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// The values, in client-go's order of kinds.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

impl<T> IntoIterator for PerKind<T> {
    type Item = (Kind, T);
    type IntoIter = std::iter::Zip<std::array::IntoIter<Kind, 3>, std::array::IntoIter<T, 3>>;

    fn into_iter(self) -> Self::IntoIter {
        Kind::ALL.into_iter().zip(self.0)
    }
}

impl<T> Index<Kind> for PerKind<T> {
    type Output = T;

    #[inline]
    fn index(&self, kind: Kind) -> &T {
        &self.0[kind as usize]
    }
}

impl<T> IndexMut<Kind> for PerKind<T> {
    #[inline]
    fn index_mut(&mut self, kind: Kind) -> &mut T {
        &mut self.0[kind as usize]
    }
}

//! kcx: the kubeconfig, owned. This is the map of the house.

pub mod file;
pub mod kubeconfig;
pub mod printer;

//! kcx: the kubeconfig, owned. This is the map of the house.

pub mod kubeconfig;
pub mod printer;

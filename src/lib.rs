//! kcx: the kubeconfig, owned. This is the map of the house.

pub mod cli;
pub mod kubeconfig;

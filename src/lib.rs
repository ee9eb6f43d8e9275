//! kcx: the kubeconfig, owned. This is the map of the house.

pub mod cli;
pub mod env;
pub mod file;
pub mod kubeconfig;
pub mod path;
pub mod printer;
pub mod store;

//! What was typed, turned into what is meant.
//!
//! Commands parse here and report here; everything below this layer is silent.

pub mod config;

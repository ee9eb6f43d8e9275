//! What was typed, turned into what is meant; the only layer that prints, asks and exits.
//!
//! A command is a file: its arguments, and what it does with them. Everything below this layer is silent.

pub mod config;
mod words;
pub mod world;

use crate::env::Env;
use crate::file::{Patience, interrupt};
use std::io::Write;
pub use world::World;

/// Runs kcx: the words after the program's name in, the exit code out.
pub fn run(words: &[String], env: &Env, out: &mut dyn Write, err: &mut dyn Write) -> i32 {
    let mut world = World { env, out, err, patience: Patience::default() };
    let code = match words.split_first() {
        Some((first, rest)) if first == "__complete" => config::complete(rest, &mut world),
        _ => config::run(words, &mut world),
    };
    match interrupt::pending() {
        Some(signal) => 128 + signal,
        None => code,
    }
}

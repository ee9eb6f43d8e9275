//! Text forms of bytes and durations, one implementation of each for the whole program. Pure.

pub mod base64;
pub mod duration;
pub mod hash;
pub mod percent;

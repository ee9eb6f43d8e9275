//! Text forms of bytes, one implementation of each for the whole program. Pure.

pub mod base64;
pub mod percent;

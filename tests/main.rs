//! The one integration test binary.

mod generate;
mod scan_laws;

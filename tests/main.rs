//! The one integration test binary.

mod corpus;
mod generate;
mod laws;
mod laws_edit;
mod laws_random;
mod lazy_laws;
mod model_edit;
mod oracle;
mod scan_laws;

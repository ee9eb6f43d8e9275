//! The one integration test binary.

mod corpus;
mod generate;
mod model_edit;
mod scan_laws;

//! The one integration test binary.

mod corpus;
mod generate;
mod model_edit;
mod oracle;
mod scan_laws;

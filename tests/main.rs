//! The one integration test binary.

mod corpus;
mod generate;
mod lazy_laws;
mod model_edit;
mod oracle;
mod scan_laws;

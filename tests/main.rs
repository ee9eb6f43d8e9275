//! The one integration test binary.

mod corpus;
mod model_edit;
mod oracle;

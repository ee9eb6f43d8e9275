//! Percent-encoding (RFC 3986, 2.1).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// All bytes but the unreserved ones (RFC 3986, 2.3): letters, digits and `-._~`.
pub const NOT_UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

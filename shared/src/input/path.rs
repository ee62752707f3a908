//! The parameters of a request's path.

use lambda_http::{Request, RequestExt};
use percent_encoding::percent_decode_str;

/// API Gateway decodes what was percent-encoded, `cargo lambda watch` does
/// not; ids have no percent sign, so decoding once more does no harm.
pub(crate) fn path_parameter(request: &Request, name: &str) -> Option<String> {
    let parameters = request.path_parameters_ref()?;
    let decoded = percent_decode_str(parameters.first(name)?).decode_utf8_lossy();
    Some(decoded.into_owned())
}

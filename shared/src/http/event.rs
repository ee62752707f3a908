//! The event as API Gateway sends it, made fit for lambda_http, which panics
//! at what is no URI.

use lambda_http::LambdaEvent;
use lambda_http::http::header::{HOST, HeaderName};
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Characters that `http::Uri` refuses in a query. Browsers encode them, curl
/// does not, and API Gateway passes them on.
const NOT_IN_A_QUERY: AsciiSet = CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Encodes the characters that a query must not have, and takes the host and
/// the scheme of the URI, which nobody reads here, from API Gateway alone.
pub(crate) fn encode_query(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        request.headers.remove(HOST);
        request.headers.remove(X_FORWARDED_PROTO);
        if let Some(query) = &mut request.raw_query_string {
            *query = utf8_percent_encode(query, &NOT_IN_A_QUERY).to_string();
        }
    }
    event
}

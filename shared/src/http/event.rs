//! The event as API Gateway sends it, made fit for lambda_http, which panics
//! at what is no URI.

use lambda_http::LambdaEvent;
use lambda_http::http::header::{HOST, HeaderName};
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What `http::Uri` takes for no part of a query. Browsers encode these by
/// themselves, curl does not, and API Gateway passes them on.
const NOT_IN_A_QUERY: AsciiSet = CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Encodes what a query must not have, and leaves the host and the scheme of
/// the URI, which nobody reads here, to what API Gateway says of itself.
pub(crate) fn mend(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        request.headers.remove(HOST);
        request.headers.remove(X_FORWARDED_PROTO);
        if let Some(query) = &mut request.raw_query_string {
            *query = utf8_percent_encode(query, &NOT_IN_A_QUERY).to_string();
        }
    }
    event
}

//! A proxy in front of the API, such as CloudFront with a firewall: requests
//! have to come through it, and it says where they came from.

use std::net::{IpAddr, SocketAddr};

use lambda_http::Request;
use lambda_http::http::HeaderName;
use ring::digest::{SHA256, digest};

use crate::config::{ConfigError, proxy_secret_hashes};
use crate::problem::Problem;

/// The secret of the proxy, which no client knows.
const SECRET: HeaderName = HeaderName::from_static("x-proxy-secret");

/// The client's address as the proxy saw it, with or without a port.
const VIEWER_ADDRESS: HeaderName = HeaderName::from_static("x-viewer-address");

/// The proxies that are trusted.
///
/// They are known by hashes of their secrets, so that the environment of a
/// function does not hold another secret: random text cannot be guessed from
/// its hash.
pub(super) struct Proxies(Vec<[u8; 32]>);

/// Where a request came from, said by a proxy that is trusted.
#[derive(Clone, Copy)]
pub(super) struct ViewerAddress(pub(super) IpAddr);

impl Proxies {
    /// `None` when clients reach the API themselves.
    pub(super) fn from_environment() -> Result<Option<Self>, ConfigError> {
        let hashes = proxy_secret_hashes()?;
        Ok((!hashes.is_empty()).then_some(Self(hashes)))
    }

    /// Lets a request in that came through a proxy, and notes its address.
    ///
    /// # Errors
    /// 403 for one that did not.
    pub(super) fn admit(&self, request: &mut Request) -> Result<(), Problem> {
        let secret = request.headers().get(SECRET);
        let hash = digest(&SHA256, secret.map_or(&[], |secret| secret.as_bytes()));
        if !self.0.iter().any(|known| known == hash.as_ref()) {
            return Err(Problem::past_the_proxy());
        }
        if let Some(address) = viewer_address(request) {
            request.extensions_mut().insert(ViewerAddress(address));
        }
        Ok(())
    }
}

fn viewer_address(request: &Request) -> Option<IpAddr> {
    let text = request.headers().get(VIEWER_ADDRESS)?.to_str().ok()?;
    let address = text.parse().ok();
    address.or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;
    use lambda_http::http::HeaderValue;

    #[test]
    fn an_address_may_have_a_port() {
        for (text, expected) in [
            ("198.51.100.7", Some("198.51.100.7")),
            ("198.51.100.7:46532", Some("198.51.100.7")),
            ("2001:db8::7", Some("2001:db8::7")),
            ("[2001:db8::7]:46532", Some("2001:db8::7")),
            ("somewhere", None),
            ("198.51.100.7, 192.0.2.1", None),
        ] {
            let mut request = Request::new(Body::Empty);
            let text = HeaderValue::from_static(text);
            request.headers_mut().insert(VIEWER_ADDRESS, text.clone());
            let expected = expected.map(|text| text.parse().expect("it is an address"));
            assert_eq!(viewer_address(&request), expected, "{text:?}");
        }
    }
}

//! Values that the service gives out and takes back, such as cursors.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::Value;

/// Changes an opaque value and ties it to its context, as the service does: the
/// tie is no secret.
pub fn forge(opaque: &str, context: &str, change: impl FnOnce(&mut Value)) -> String {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(opaque).expect("it is base64");
    let mut value: Value = serde_json::from_slice(&bytes[8..]).expect("it is JSON");
    change(&mut value);
    let value = value.to_string().into_bytes();
    let tie = digest(&SHA256, &[&value[..], context.as_bytes()].concat());
    BASE64_URL_SAFE_NO_PAD.encode([&tie.as_ref()[..8], &value].concat())
}

//! Values that a client is given to send back, as text that means nothing to
//! it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How many bytes tie a value to its context.
const TIE: usize = 8;

/// The text that stands for `value` in this context.
///
/// The tie finds a mangled or misplaced text. It is no secret: whatever is
/// given out here may be forged without harm.
pub(crate) fn encode(value: &impl Serialize, context: &str) -> String {
    let value = serde_json::to_vec(value).expect("numbers, dates, ids and text are always JSON");
    BASE64_URL_SAFE_NO_PAD.encode([&tie(&value, context)[..], &value].concat())
}

/// The value that `text` stands for in this context.
pub(crate) fn decode<T: DeserializeOwned>(text: &str, context: &str) -> Option<T> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (tied, value) = bytes.split_first_chunk()?;
    if *tied != tie(value, context) {
        return None;
    }
    serde_json::from_slice(value).ok()
}

fn tie(value: &[u8], context: &str) -> [u8; TIE] {
    let tied = [value, context.as_bytes()].concat();
    let mut tie = [0; TIE];
    tie.copy_from_slice(&digest(&SHA256, &tied).as_ref()[..TIE]);
    tie
}

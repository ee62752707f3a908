//! A cursor: the place in a list where the next page begins, as text that
//! means nothing to a client.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::page::Filter;

/// A place in the order of a list: behind this task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Position {
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) id: Uuid,
}

impl Position {
    /// The text that stands for this place in a list with this filter.
    ///
    /// 8 bytes of time in microseconds, 16 of id, 8 that tie both to the
    /// filter. The tie finds a mangled or misplaced cursor; it is no secret,
    /// because a forged place only turns to another page of one's own tasks.
    pub(crate) fn encode(self, filter: &Filter) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.bytes(filter))
    }

    /// The place that `text` stands for in a list with this filter.
    pub(crate) fn decode(text: &str, filter: &Filter) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (micros, rest) = bytes.split_first_chunk()?;
        let (id, _) = rest.split_first_chunk()?;
        let position = Self {
            created_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*micros))?,
            id: Uuid::from_bytes(*id),
        };
        (position.bytes(filter)[..] == bytes).then_some(position)
    }

    fn bytes(self, filter: &Filter) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.created_at.timestamp_micros().to_be_bytes());
        bytes[8..24].copy_from_slice(self.id.as_bytes());
        let shown = filter
            .statuses()
            .map_or("all".into(), |shown| shown.join(","));
        let tied = [&bytes[..24], shown.as_bytes()].concat();
        bytes[24..].copy_from_slice(&digest(&SHA256, &tied).as_ref()[..8]);
        bytes
    }
}

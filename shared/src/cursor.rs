//! A cursor: the place in a list where the next page begins, as text that
//! means nothing to a client.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::filter::Filter;
use crate::sort::{By, Sort};
use crate::task::Task;

/// A place in the order of a list: behind the task with this key and id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) sort: Sort,
    pub(crate) key: Key,
    pub(crate) id: Uuid,
}

/// What the task is sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Key {
    Moment(DateTime<Utc>),
    Day(Option<NaiveDate>),
    Text(String),
}

/// How many bytes tie a position to its filter.
const TIE: usize = 8;

impl Position {
    /// The place behind `task`.
    pub(crate) fn behind(task: &Task, sort: Sort) -> Self {
        let key = match sort.by {
            By::CreatedAt => Key::Moment(task.created_at),
            By::UpdatedAt => Key::Moment(task.updated_at.unwrap_or(task.created_at)),
            By::DueDate => Key::Day(task.due_date),
            By::Title => Key::Text(task.title.clone()),
        };
        Self {
            sort,
            key,
            id: task.id,
        }
    }

    /// The text that stands for this place in a list with this filter.
    ///
    /// The tie finds a mangled or misplaced cursor; it is no secret, because
    /// a forged place only turns to another page of one's own tasks.
    pub(crate) fn encode(&self, filter: &Filter) -> String {
        let position = serde_json::to_vec(self).expect("dates, ids and text are always JSON");
        let tie = tie(&position, filter);
        BASE64_URL_SAFE_NO_PAD.encode([&tie[..], &position].concat())
    }

    /// The place that `text` stands for in a list with this order and filter.
    pub(crate) fn decode(text: &str, sort: Sort, filter: &Filter) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tied, position) = bytes.split_first_chunk()?;
        if *tied != tie(position, filter) {
            return None;
        }
        let position: Self = serde_json::from_slice(position).ok()?;
        (position.sort == sort).then_some(position)
    }
}

fn tie(position: &[u8], filter: &Filter) -> [u8; TIE] {
    let tied = [position, filter.signature().as_bytes()].concat();
    let mut tie = [0; TIE];
    tie.copy_from_slice(&digest(&SHA256, &tied).as_ref()[..TIE]);
    tie
}

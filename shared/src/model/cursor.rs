//! A cursor: the place in a list where the next page begins, as text that
//! means nothing to a client.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::input::opaque;
use crate::model::filter::Filter;
use crate::model::sort::{By, Sort};
use crate::model::task::Task;

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

    /// The text that stands for this place in a list with this filter. A
    /// forged one only turns to another page of one's own tasks.
    pub(crate) fn encode(&self, filter: &Filter) -> String {
        opaque::encode(self, &filter.signature())
    }

    /// The place that `text` stands for in a list with this order and filter.
    pub(crate) fn decode(text: &str, sort: Sort, filter: &Filter) -> Option<Self> {
        let position: Self = opaque::decode(text, &filter.signature())?;
        (position.sort == sort).then_some(position)
    }
}

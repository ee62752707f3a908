//! A cursor: the place in a list where the next page begins, as text that
//! means nothing to a client.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::input::opaque;
use crate::model::filter::Filter;
use crate::model::sort::{By, Sort};
use crate::model::task::{Task, Title};

/// A place in the order of a list: behind the task with this key and id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) sort: Sort,
    pub(crate) key: Key,
    pub(crate) id: Uuid,
}

/// The value by which the task is sorted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Key {
    Moment(DateTime<Utc>),
    Day(Option<NaiveDate>),
    Text(String),
}

impl Key {
    pub(crate) fn moment(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Moment(moment) => Some(*moment),
            _ => None,
        }
    }

    pub(crate) fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => *day,
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a task can have this key in a list that is sorted so. A cursor
    /// can be forged, and PostgreSQL refuses what it can't store.
    fn fits(&self, by: By) -> bool {
        let is_stored = |year: i32| (1..=9999).contains(&year);
        match (self, by) {
            (Self::Moment(moment), By::CreatedAt | By::UpdatedAt) => is_stored(moment.year()),
            (Self::Day(day), By::DueDate) => day.is_none_or(|day| is_stored(day.year())),
            (Self::Text(text), By::Title) => {
                !text.contains('\0') && text.chars().count() <= Title::MAX_CHARS
            }
            _ => false,
        }
    }
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
        (position.sort == sort && position.key.fits(sort.by)).then_some(position)
    }
}

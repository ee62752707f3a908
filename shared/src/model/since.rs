//! From where on a client wants to hear of changes.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::input::opaque;
use crate::input::query::{Query, whole_number};
use crate::problem::Problem;

pub(crate) const DEFAULT_LIMIT: i64 = 200;

/// 500 of the longest tasks stay below the 6 MB that Lambda may answer.
pub(crate) const MAX_LIMIT: i64 = 500;

/// Tombstones are kept a day longer.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// No database gets to so many transactions, and their eras fit into 32 bits.
const MAX_XID: i64 = 1 << 48;

/// Tells the token from other opaque values.
const CONTEXT: &str = "changes";

/// `since` of a client that wants to hear only of what comes.
const FROM_NOW: &str = "now";

/// From where on, and how many.
#[derive(Debug)]
pub struct Since {
    start: Start,
    pub(crate) limit: i64,
}

#[derive(Debug, PartialEq)]
enum Start {
    /// With all tasks there are.
    Beginning,
    /// Behind everything that is certain at this moment.
    Now,
    /// Where the answer before ended.
    Mark(Mark),
}

/// How far a client has read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The history that transaction ids belong to.
    history: i64,
    /// When this reading began; the next one tells what was deleted since.
    began_at: DateTime<Utc>,
    /// The transaction that this reading began from; `None` for the first one,
    /// which lists all tasks.
    from: Option<i64>,
    /// The smallest transaction in progress when this reading began: the next
    /// one begins from it.
    next_from: i64,
    /// The last row that the client has of this reading; `None` when it has
    /// read to the end.
    after: Option<Place>,
}

/// The place of a row in a reading.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Among all tasks, the oldest first.
    Listed(DateTime<Utc>, Uuid),
    /// Among the changes, in the order of the transactions that made them.
    Changed(i64, Uuid),
}

/// The moment of a read, as the database knows it.
pub(crate) struct Now {
    pub(crate) history: i64,
    pub(crate) time: DateTime<Utc>,
    /// Every transaction below has ended.
    pub(crate) smallest_in_progress: i64,
}

impl Since {
    /// Reads `since` and `limit`.
    ///
    /// # Errors
    /// 400 for what is not a token of ours, 422 for a limit out of its range.
    pub(crate) fn parse<'q>(
        parameters: impl IntoIterator<Item = (&'q str, &'q str)>,
    ) -> Result<Self, Problem> {
        let mut query = Query::read(parameters);
        let limit = query.one("limit", |text| whole_number(text, 1, MAX_LIMIT));
        let since = query.one("since", Ok);
        query.finish()?;
        let start = match since {
            None => Start::Beginning,
            Some(FROM_NOW) => Start::Now,
            Some(text) => Start::Mark(Mark::decode(text)?),
        };
        Ok(Self {
            start,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
        })
    }
}

impl Since {
    /// The transaction that the rows to be read begin from; `None` for all
    /// tasks.
    pub(crate) fn from(&self) -> Option<i64> {
        match &self.start {
            Start::Beginning => None,
            Start::Now => Some(MAX_XID - 1),
            Start::Mark(mark) => mark.since(),
        }
    }

    /// The row after which the page to be read begins.
    pub(crate) fn after(&self) -> Option<Place> {
        match &self.start {
            Start::Beginning | Start::Now => None,
            Start::Mark(mark) => mark.after,
        }
    }

    /// The mark of this reading.
    ///
    /// # Errors
    /// 410 when it is of another history, or older than deletions are kept.
    pub(crate) fn mark(&self, now: &Now) -> Result<Mark, Problem> {
        match &self.start {
            Start::Beginning => Ok(Mark::begin(None, now)),
            Start::Now => Ok(Mark::begin(Some(now.smallest_in_progress), now)),
            Start::Mark(mark) => mark.resume(now),
        }
    }
}

impl Mark {
    fn begin(from: Option<i64>, now: &Now) -> Self {
        Self {
            history: now.history,
            began_at: now.time,
            from,
            next_from: now.smallest_in_progress,
            after: None,
        }
    }

    fn since(&self) -> Option<i64> {
        match self.after {
            Some(_) => self.from,
            None => Some(self.next_from),
        }
    }

    /// The mark to read on from, when a client at this one asks: within the
    /// same reading, or the next one, to the end as it is now.
    ///
    /// # Errors
    /// 410 when it is of another history, or older than deletions are kept.
    fn resume(&self, now: &Now) -> Result<Self, Problem> {
        let too_old = now.time - self.began_at > REMEMBERED;
        if self.history != now.history || too_old {
            return Err(Problem::changes_forgotten());
        }
        Ok(match self.after {
            Some(_) => self.clone(),
            None => Self::begin(Some(self.next_from), now),
        })
    }

    /// The mark behind the row at `after`, or behind everything that was
    /// certain when this reading began.
    pub(crate) fn next(&self, after: Option<Place>) -> Self {
        Self {
            after,
            ..self.clone()
        }
    }

    pub(crate) fn encode(&self) -> String {
        opaque::encode(self, CONTEXT)
    }

    /// # Errors
    /// 400 for a text that is no mark of ours, or names what there can't be;
    /// 410 for a mark that an earlier release has made.
    fn decode(text: &str) -> Result<Self, Problem> {
        let foreign = || {
            Problem::bad_request(
                "`since` is not a `next_since` of this service. Start again without it.",
            )
        };
        let value: serde_json::Value = opaque::decode(text, CONTEXT).ok_or_else(foreign)?;
        let mark: Self = serde_json::from_value(value).map_err(|_| Problem::changes_forgotten())?;
        mark.can_be().then_some(mark).ok_or_else(foreign)
    }

    /// Whether there can be such a mark. One can be forged, and PostgreSQL
    /// refuses what it can't store.
    fn can_be(&self) -> bool {
        let xid_can_be = |xid: i64| (-1..MAX_XID).contains(&xid);
        let after_can_be = match (self.after, self.from) {
            (None, _) => true,
            (Some(Place::Listed(time, _)), None) => (1..=9999).contains(&time.year()),
            (Some(Place::Changed(xid, _)), Some(_)) => xid_can_be(xid),
            _ => false,
        };
        after_can_be && self.from.is_none_or(xid_can_be) && xid_can_be(self.next_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(smallest_in_progress: i64, day: i64) -> Now {
        Now {
            history: 7,
            time: DateTime::UNIX_EPOCH + TimeDelta::days(day),
            smallest_in_progress,
        }
    }

    #[test]
    fn the_end_of_a_reading_is_where_it_began() {
        let begun = Mark::begin(None, &now(100, 0));
        let middle = begun.next(Some(Place::Listed(DateTime::UNIX_EPOCH, Uuid::nil())));
        assert_eq!(middle.since(), None);
        let later = middle.resume(&now(120, 1)).expect("it is young");
        assert_eq!(later, middle);

        let end = later.next(None);
        assert_eq!(end.since(), Some(100));

        let again = end.resume(&now(130, 2)).expect("it is young");
        let middle = again.next(Some(Place::Changed(110, Uuid::nil())));
        assert_eq!(middle.since(), Some(100));
        assert_eq!(again.next(None).since(), Some(130));
    }

    #[test]
    fn a_forged_mark_is_refused() {
        let mark = Mark::begin(None, &now(100, 0));
        let year_of_null = DateTime::UNIX_EPOCH - TimeDelta::days(800_000);
        for forged in [
            Mark {
                next_from: MAX_XID,
                ..mark.clone()
            },
            Mark {
                from: Some(-2),
                ..mark.clone()
            },
            mark.next(Some(Place::Changed(1, Uuid::nil()))),
            mark.next(Some(Place::Listed(year_of_null, Uuid::nil()))),
        ] {
            let text = forged.encode();
            assert!(
                Since::parse([("since", text.as_str())]).is_err(),
                "{forged:?}"
            );
        }
    }

    #[test]
    fn what_is_old_or_of_another_history_is_gone() {
        let mark = Mark::begin(None, &now(100, 0)).next(None);
        assert!(mark.resume(&now(500, 30)).is_ok());
        assert!(mark.resume(&now(500, 31)).is_err());
        let restored = Now {
            history: 8,
            ..now(500, 1)
        };
        assert!(mark.resume(&restored).is_err());
    }

    #[test]
    fn a_client_that_begins_now_hears_of_all_that_is_not_certain() {
        let since = Since::parse([("since", "now")]).expect("it is known");
        let begun = since.mark(&now(100, 0)).expect("it is young");
        assert_eq!(begun.next(None).since(), Some(100));
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark::begin(None, &now(100, 0));
        let text = mark.encode();
        let since = Since::parse([("since", text.as_str())]).expect("it is ours");
        assert_eq!(
            (since.start, since.limit),
            (Start::Mark(mark), DEFAULT_LIMIT)
        );
        let mangled = text.replace(&text[..1], "_");
        assert!(Since::parse([("since", mangled.as_str())]).is_err());
        assert!(Since::parse([("limit", "501")]).is_err());
    }
}

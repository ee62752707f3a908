//! From where on a client wants to hear of changes.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::opaque;
use crate::problem::Problem;
use crate::query::{Query, whole_number};

pub(crate) const DEFAULT_LIMIT: i64 = 200;

/// So many of the longest tasks stay below the 6 MB that Lambda may answer.
pub(crate) const MAX_LIMIT: i64 = 500;

/// Tombstones are kept a day longer.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

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
    /// Before the first change: nothing is known.
    Beginning,
    /// Behind all that is certain at this moment.
    Now,
    /// Where the answer before ended.
    Mark(Mark),
}

/// A place among the changes, which are in the order of the transactions that
/// made them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The history that transaction ids belong to.
    epoch: i64,
    /// When the client began to read to the end; what was deleted since then
    /// it has to hear of.
    began_at: DateTime<Utc>,
    /// The smallest transaction in progress at that moment: where to read on
    /// from when the end is reached.
    began_from: i64,
    /// Whether the client began with nothing, and so has nothing to forget.
    from_nothing: bool,
    /// The last change that the client has.
    after: (i64, Uuid),
}

/// What the database says of the moment.
pub(crate) struct Now {
    pub(crate) epoch: i64,
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
            Some(text) => Start::Mark(opaque::decode(text, CONTEXT).ok_or_else(|| {
                Problem::bad_request(
                    "`since` is not a `next_since` of this service. Start again without it.",
                )
            })?),
        };
        Ok(Self {
            start,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
        })
    }

    /// The last change that is known; behind all of them for a client that
    /// begins now.
    pub(crate) fn after(&self) -> (i64, Uuid) {
        match &self.start {
            Start::Beginning => (-1, Uuid::nil()),
            Start::Now => (i64::MAX, Uuid::max()),
            Start::Mark(mark) => mark.after,
        }
    }

    /// Whether there is nothing that the client could have to forget.
    pub(crate) fn knows_nothing(&self) -> bool {
        match &self.start {
            Start::Beginning | Start::Now => true,
            Start::Mark(mark) => mark.from_nothing,
        }
    }

    /// The mark of this reading.
    ///
    /// # Errors
    /// 410 when it is of another history, or older than deletions are kept.
    pub(crate) fn mark(&self, now: &Now) -> Result<Mark, Problem> {
        match &self.start {
            Start::Beginning => Ok(Mark::start(now)),
            Start::Now => Ok(Mark::end(now)),
            Start::Mark(mark) => mark.resume(now),
        }
    }
}

impl Mark {
    /// Before the first change.
    fn start(now: &Now) -> Self {
        Self {
            from_nothing: true,
            after: (-1, Uuid::nil()),
            ..Self::end(now)
        }
    }

    /// Behind everything that is certain at this moment. What is in progress
    /// or came later is sent (again).
    fn end(now: &Now) -> Self {
        Self {
            epoch: now.epoch,
            began_at: now.time,
            began_from: now.smallest_in_progress,
            from_nothing: false,
            after: (now.smallest_in_progress - 1, Uuid::max()),
        }
    }

    /// The mark to read on from, when a client at this one asks.
    fn resume(&self, now: &Now) -> Result<Self, Problem> {
        let too_old = now.time - self.began_at > REMEMBERED;
        if self.epoch != now.epoch || too_old {
            return Err(Problem::changes_forgotten());
        }
        let begins = self.after == (self.began_from - 1, Uuid::max());
        Ok(match begins {
            // A new reading begins, to the end as it is now.
            true => Self {
                after: self.after,
                ..Self::end(now)
            },
            false => self.clone(),
        })
    }

    /// The mark behind the change `after`, or behind everything that was
    /// certain when this reading began.
    pub(crate) fn next(&self, after: Option<(i64, Uuid)>) -> Self {
        Self {
            from_nothing: self.from_nothing && after.is_some(),
            after: after.unwrap_or((self.began_from - 1, Uuid::max())),
            ..self.clone()
        }
    }

    pub(crate) fn encode(&self) -> String {
        opaque::encode(self, CONTEXT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(smallest_in_progress: i64, day: i64) -> Now {
        Now {
            epoch: 7,
            time: DateTime::UNIX_EPOCH + TimeDelta::days(day),
            smallest_in_progress,
        }
    }

    #[test]
    fn the_end_of_a_reading_is_where_it_began() {
        let begun = Mark::start(&now(100, 0));
        let middle = begun.next(Some((40, Uuid::nil())));
        let later = middle.resume(&now(120, 1)).expect("it is young");
        assert_eq!(later, middle);

        let end = later.next(None);
        assert_eq!(end.after, (99, Uuid::max()));
        assert!(!end.from_nothing);

        let again = end.resume(&now(130, 2)).expect("it is young");
        assert_eq!(again.after, (99, Uuid::max()));
        assert_eq!(again.next(None).after, (129, Uuid::max()));
    }

    #[test]
    fn what_is_old_or_of_another_history_is_gone() {
        let mark = Mark::start(&now(100, 0)).next(None);
        assert!(mark.resume(&now(500, 30)).is_ok());
        assert!(mark.resume(&now(500, 31)).is_err());
        let restored = Now {
            epoch: 8,
            ..now(500, 1)
        };
        assert!(mark.resume(&restored).is_err());
    }

    #[test]
    fn a_client_that_begins_now_hears_of_all_that_is_not_certain() {
        let since = Since::parse([("since", "now")]).expect("it is known");
        let begun = since.mark(&now(100, 0)).expect("it is young");
        let mark = begun.next(None);
        assert_eq!((mark.after, mark.from_nothing), ((99, Uuid::max()), false));
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark::start(&now(100, 0));
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

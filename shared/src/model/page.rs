//! One page of a list: which tasks, how many, from where.

use crate::input::query::{Query, whole_number};
use crate::model::cursor::Position;
use crate::model::filter::Filter;
use crate::model::sort::Sort;
use crate::model::task::Task;
use crate::problem::Problem;

pub(crate) const DEFAULT_LIMIT: i64 = 50;
pub(crate) const MAX_LIMIT: i64 = 200;

/// Skipped rows are read and thrown away, so there is a bound; a cursor goes
/// on from any depth at the price of the first page.
pub(crate) const MAX_OFFSET: i64 = 10_000;

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    filter: Filter,
    sort: Sort,
    limit: i64,
    offset: i64,
    after: Option<Position>,
    total: Total,
}

/// Whether all that matches is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Total {
    Exact,
    /// `Prefer: count=none`.
    None,
}

impl Page {
    /// Reads the query's parameters.
    ///
    /// # Errors
    /// 400 for a parameter that is unknown or stands twice and for a cursor
    /// of another list, 422 for a value that breaks a rule.
    pub(crate) fn parse<'q>(
        parameters: impl IntoIterator<Item = (&'q str, &'q str)>,
        total: Total,
    ) -> Result<Self, Problem> {
        let mut query = Query::read(parameters);
        if query.has("cursor") && query.has("offset") {
            return Err(Problem::bad_request("Send either `cursor` or `offset`."));
        }
        let filter = Filter::read(&mut query);
        let sort = query.one("sort", Sort::parse).unwrap_or(Sort::NEWEST_FIRST);
        let limit = query.one("limit", |text| whole_number(text, 1, MAX_LIMIT));
        let offset = query.one("offset", |text| whole_number(text, 0, MAX_OFFSET));
        let cursor = query.one("cursor", Ok);
        query.finish()?;
        Ok(Self {
            after: position(cursor, sort, &filter)?,
            filter,
            sort,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            offset: offset.unwrap_or(0),
            total,
        })
    }

    /// A page of everything, oldest first.
    ///
    /// # Errors
    /// As for [`Page::parse`].
    pub(crate) fn of_everything<'q>(
        parameters: impl IntoIterator<Item = (&'q str, &'q str)>,
    ) -> Result<Self, Problem> {
        let mut query = Query::read(parameters);
        let limit = query.one("limit", |text| whole_number(text, 1, MAX_LIMIT));
        let cursor = query.one("cursor", Ok);
        query.finish()?;
        let filter = Filter::default();
        Ok(Self {
            after: position(cursor, Sort::OLDEST_FIRST, &filter)?,
            filter,
            sort: Sort::OLDEST_FIRST,
            limit: limit.unwrap_or(MAX_LIMIT),
            offset: 0,
            total: Total::None,
        })
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn sort(&self) -> Sort {
        self.sort
    }

    pub(crate) fn limit(&self) -> i64 {
        self.limit
    }

    pub(crate) fn offset(&self) -> i64 {
        self.offset
    }

    pub(crate) fn after(&self) -> Option<&Position> {
        self.after.as_ref()
    }

    pub(crate) fn total(&self) -> Total {
        self.total
    }

    /// The tasks of this page, of which one too many was read if there are
    /// more, and the cursor of the page that follows then.
    pub(crate) fn cut(&self, mut tasks: Vec<Task>) -> (Vec<Task>, Option<String>) {
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_last = tasks.len() <= shown;
        tasks.truncate(shown);
        let next = tasks.last().filter(|_| !is_last);
        let cursor = next.map(|task| Position::behind(task, self.sort).encode(&self.filter));
        (tasks, cursor)
    }
}

fn position(
    cursor: Option<&str>,
    sort: Sort,
    filter: &Filter,
) -> Result<Option<Position>, Problem> {
    let Some(text) = cursor else {
        return Ok(None);
    };
    let position = Position::decode(text, sort, filter).ok_or_else(|| {
        Problem::bad_request(
            "The cursor is not one of this list with this order and these filters. Start again without it.",
        )
    })?;
    Ok(Some(position))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::model::cursor::Key;

    fn parse(parameters: &[(&str, &str)]) -> Result<Page, u16> {
        Page::parse(parameters.iter().copied(), Total::Exact)
            .map_err(|problem| problem.into_response().status().as_u16())
    }

    #[test]
    fn without_parameters_it_is_the_first_50_of_all() {
        let page = parse(&[]).expect("nothing is required");
        assert_eq!((page.limit(), page.offset(), page.after()), (50, 0, None));
        assert_eq!(page.filter(), &Filter::default());
    }

    #[test]
    fn numbers_have_bounds_and_may_not_overflow() {
        assert!(parse(&[("limit", "200"), ("offset", "10000")]).is_ok());
        for bad in [
            ("limit", "0"),
            ("limit", "201"),
            ("limit", "-1"),
            ("limit", "+5"),
            ("limit", ""),
            ("limit", "5.0"),
            ("limit", "99999999999999999999999"),
            ("offset", "10001"),
            ("offset", "-1"),
            ("offset", "a"),
            ("status", "done"),
            ("sort", "id"),
            ("sort", "--title"),
            ("sort", ""),
            ("due_before", "soon"),
            ("due_after", "2026-1-1"),
            ("overdue", "1"),
            ("q", ""),
            ("q", "a\0"),
            ("completed", "1"),
            ("completed", ""),
        ] {
            assert_eq!(parse(&[bad]).map(|_| ()), Err(422), "{bad:?}");
        }
    }

    #[test]
    fn unknown_and_double_parameters_are_malformed() {
        for bad in [
            &[("page", "2")][..],
            &[("limit", "5"), ("limit", "5")],
            &[("cursor", "x"), ("offset", "0")],
        ] {
            assert_eq!(parse(bad).map(|_| ()), Err(400), "{bad:?}");
        }
    }

    #[test]
    fn a_cursor_is_good_for_its_own_order_and_filter_and_unchanged() {
        let position = Position {
            sort: Sort::NEWEST_FIRST,
            key: Key::Moment(
                DateTime::from_timestamp_micros(1_795_000_000_123_456).expect("it is in range"),
            ),
            id: Uuid::now_v7(),
        };
        let cursor = position.encode(&Filter::default());
        let page = parse(&[("cursor", &cursor)]).expect("it is unchanged");
        assert_eq!(page.after(), Some(&position));

        for other in [
            ("completed", "true"),
            ("sort", "created_at"),
            ("sort", "-title"),
        ] {
            let with_other = parse(&[("cursor", &cursor), other]);
            assert_eq!(with_other.map(|_| ()), Err(400), "{other:?}");
        }
        for at in 0..cursor.len() {
            let mut mangled = cursor.clone().into_bytes();
            mangled[at] = if mangled[at] == b'A' { b'B' } else { b'A' };
            let mangled = String::from_utf8(mangled).expect("it is ASCII");
            assert_eq!(
                parse(&[("cursor", &mangled)]).map(|_| ()),
                Err(400),
                "{mangled}"
            );
        }
    }
}

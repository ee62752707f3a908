//! Which tasks a list shows: the filter, and the page of what it matches.

use crate::cursor::Position;
use crate::fields::{Rule, Violation};
use crate::problem::Problem;
use crate::task::Status;

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 200;

/// Skipped rows are read and thrown away, so there is a bound; a cursor goes
/// on from any depth at the price of the first page.
const MAX_OFFSET: i64 = 10_000;

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    filter: Filter,
    limit: i64,
    offset: i64,
    after: Option<Position>,
}

/// Which statuses are shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    All,
    Is(Status),
    IsIn(Vec<Status>),
}

impl Filter {
    /// The statuses that are shown; `None` for all.
    pub(crate) fn statuses(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::All => None,
            Self::Is(status) => Some(vec![status.as_str()]),
            Self::IsIn(statuses) => Some(statuses.iter().map(|it| it.as_str()).collect()),
        }
    }
}

impl Page {
    /// Reads the query's parameters, each name at most once: of two values
    /// nobody knows which one is meant.
    pub(crate) fn parse<'q>(
        parameters: impl IntoIterator<Item = (&'q str, &'q str)>,
    ) -> Result<Self, Problem> {
        let mut query = Query::default();
        for (name, value) in parameters {
            let slot = match name {
                "completed" => &mut query.completed,
                "cursor" => &mut query.cursor,
                "limit" => &mut query.limit,
                "offset" => &mut query.offset,
                "status" => &mut query.status,
                _ => {
                    return Err(Problem::bad_request(
                        "The query has a parameter that is not known here; completed, cursor, limit, offset and status are.",
                    ));
                }
            };
            if slot.replace(value).is_some() {
                return Err(Problem::bad_request(format!(
                    "The query has `{name}` twice."
                )));
            }
        }
        query.check()
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn limit(&self) -> i64 {
        self.limit
    }

    pub(crate) fn offset(&self) -> i64 {
        self.offset
    }

    pub(crate) fn after(&self) -> Option<Position> {
        self.after
    }

    /// The cursor of the page that follows after `position`.
    pub(crate) fn cursor(&self, position: Position) -> String {
        position.encode(&self.filter)
    }
}

#[derive(Default)]
struct Query<'q> {
    completed: Option<&'q str>,
    cursor: Option<&'q str>,
    limit: Option<&'q str>,
    offset: Option<&'q str>,
    status: Option<&'q str>,
}

impl Query<'_> {
    fn check(self) -> Result<Page, Problem> {
        if self.cursor.is_some() && self.offset.is_some() {
            return Err(Problem::bad_request("Send either `cursor` or `offset`."));
        }
        let mut violations = Vec::new();
        let mut violate = |name: &str, detail: Rule| {
            violations.push(Violation {
                pointer: format!("?{name}"),
                detail,
            });
        };
        let status = self.status.map(Status::parse).transpose();
        let status = status.unwrap_or_else(|rule| {
            violate("status", rule);
            None
        });
        let completed = match self.completed {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => {
                violate("completed", "must be true or false.".into());
                None
            }
        };
        let mut number = |name: &str, text: Option<&str>, default, min, max| {
            let number = text.map_or(Some(default), |text| whole_number(text, min, max));
            number.unwrap_or_else(|| {
                violate(
                    name,
                    format!("must be a whole number from {min} to {max}.").into(),
                );
                default
            })
        };
        let limit = number("limit", self.limit, DEFAULT_LIMIT, 1, MAX_LIMIT);
        let offset = number("offset", self.offset, 0, 0, MAX_OFFSET);
        if !violations.is_empty() {
            return Err(Problem::invalid(violations));
        }
        let filter = filter(status, completed);
        let after = match self.cursor {
            Some(text) => Some(Position::decode(text, &filter).ok_or_else(|| {
                Problem::bad_request(
                    "The cursor is not one of this list with these filters. Start again without it.",
                )
            })?),
            None => None,
        };
        Ok(Page {
            filter,
            limit,
            offset,
            after,
        })
    }
}

/// Only digits: no sign, no blank, nothing that overflows.
fn whole_number(text: &str, min: i64, max: i64) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits)?;
    (min..=max).contains(&number).then_some(number)
}

/// Both parameters narrow; together they may leave nothing.
fn filter(status: Option<Status>, completed: Option<bool>) -> Filter {
    if status.is_none() && completed.is_none() {
        return Filter::All;
    }
    let shown: Vec<Status> = Status::ALL
        .into_iter()
        .filter(|it| status.is_none_or(|status| status == *it))
        .filter(|it| completed.is_none_or(|completed| completed == (*it == Status::Completed)))
        .collect();
    match shown[..] {
        [status] => Filter::Is(status),
        _ => Filter::IsIn(shown),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn parse(parameters: &[(&str, &str)]) -> Result<Page, u16> {
        Page::parse(parameters.iter().copied())
            .map_err(|problem| problem.into_response().status().as_u16())
    }

    #[test]
    fn without_parameters_it_is_the_first_50_of_all() {
        let page = parse(&[]).expect("nothing is required");
        assert_eq!((page.limit(), page.offset(), page.after()), (50, 0, None));
        assert_eq!(page.filter(), &Filter::All);
    }

    #[test]
    fn completed_and_status_narrow_together() {
        let filter = |parameters: &[(&str, &str)]| parse(parameters).map(|page| page.filter);
        assert_eq!(
            filter(&[("completed", "true")]),
            Ok(Filter::Is(Status::Completed))
        );
        assert_eq!(
            filter(&[("completed", "false")]),
            Ok(Filter::IsIn(vec![Status::Pending, Status::InProgress]))
        );
        assert_eq!(
            filter(&[("status", "in_progress")]),
            Ok(Filter::Is(Status::InProgress))
        );
        assert_eq!(
            filter(&[("status", "pending"), ("completed", "true")]),
            Ok(Filter::IsIn(vec![]))
        );
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
    fn a_cursor_is_good_for_its_own_filter_and_unchanged() {
        let position = Position {
            created_at: DateTime::from_timestamp_micros(1_795_000_000_123_456)
                .expect("it is in range"),
            id: Uuid::now_v7(),
        };
        let cursor = parse(&[]).expect("nothing is required").cursor(position);
        assert_eq!(
            parse(&[("cursor", &cursor)]).map(|page| page.after),
            Ok(Some(position))
        );

        let with_filter = parse(&[("cursor", &cursor), ("completed", "true")]);
        assert_eq!(with_filter.map(|_| ()), Err(400));
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

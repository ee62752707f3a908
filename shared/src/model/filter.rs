//! Which tasks a list shows.

use chrono::NaiveDate;

use crate::input::query::{Query, boolean};
use crate::model::task::{Status, calendar_day};

/// The conditions of a list. An absent one narrows nothing; together they may
/// leave nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// `status`, which may stand more than once, and `completed`.
    pub(crate) statuses: Option<Vec<Status>>,
    /// `due_before`: due on an earlier day.
    pub(crate) due_before: Option<NaiveDate>,
    /// `due_after`: due on a later day.
    pub(crate) due_after: Option<NaiveDate>,
    /// `overdue`: due before today (UTC) and not completed, or else not so.
    pub(crate) overdue: Option<bool>,
    /// `q`: in the title or the description, in capitals or not.
    pub(crate) text: Option<String>,
}

impl Filter {
    pub(crate) const MAX_TEXT_CHARS: usize = 200;

    pub(crate) fn read(query: &mut Query<'_>) -> Self {
        let statuses = query.many("status", Status::parse);
        let completed = query.one("completed", boolean);
        Self {
            statuses: narrow(&statuses, completed),
            due_before: query.one("due_before", calendar_day),
            due_after: query.one("due_after", calendar_day),
            overdue: query.one("overdue", boolean),
            text: query.one("q", |text| match text.chars().count() {
                _ if text.contains('\0') => Err("must not contain the character NUL.".into()),
                1..=Self::MAX_TEXT_CHARS => Ok(text.to_owned()),
                _ => Err(format!("must have 1 to {} characters.", Self::MAX_TEXT_CHARS).into()),
            }),
        }
    }

    /// The names of the statuses that are shown; `None` for all.
    pub(crate) fn status_names(&self) -> Option<Vec<&'static str>> {
        let statuses = self.statuses.as_ref()?;
        Some(statuses.iter().map(|status| status.as_str()).collect())
    }

    /// `q` as a pattern of `ilike`, where it is ASCII alone.
    pub(crate) fn ascii_pattern(&self) -> Option<String> {
        self.escaped().filter(|pattern| pattern.is_ascii())
    }

    /// `q` as a pattern of `ilike`, where it has other letters as well.
    pub(crate) fn pattern(&self) -> Option<String> {
        self.escaped().filter(|pattern| !pattern.is_ascii())
    }

    /// Wildcards of the pattern language stand for themselves.
    fn escaped(&self) -> Option<String> {
        let text = self.text.as_ref()?;
        let escaped = text
            .replace('\\', r"\\")
            .replace('%', r"\%")
            .replace('_', r"\_");
        Some(format!("%{escaped}%"))
    }

    /// The same text for the same filter and another one for another.
    pub(crate) fn signature(&self) -> String {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        [
            self.status_names()
                .map_or("all".into(), |names| names.join(",")),
            day(self.due_before),
            day(self.due_after),
            self.overdue.map(|it| it.to_string()).unwrap_or_default(),
            self.text.clone().unwrap_or_default(),
        ]
        .join("|")
    }
}

fn narrow(statuses: &[Status], completed: Option<bool>) -> Option<Vec<Status>> {
    if statuses.is_empty() && completed.is_none() {
        return None;
    }
    let is_shown = |status: &Status| {
        (statuses.is_empty() || statuses.contains(status))
            && completed.is_none_or(|completed| completed == (*status == Status::Completed))
    };
    Some(Status::ALL.into_iter().filter(is_shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &[(&str, &str)]) -> Filter {
        let mut query = Query::read(parameters.iter().copied());
        let filter = Filter::read(&mut query);
        query.finish().expect("everything is known");
        filter
    }

    #[test]
    fn status_and_completed_narrow_together() {
        use Status::{Completed, InProgress, Pending};
        let statuses = |parameters: &[(&str, &str)]| read(parameters).statuses;
        assert_eq!(statuses(&[]), None);
        assert_eq!(statuses(&[("completed", "true")]), Some(vec![Completed]));
        assert_eq!(
            statuses(&[("completed", "false")]),
            Some(vec![Pending, InProgress])
        );
        let both = [("status", "completed"), ("status", "pending")];
        assert_eq!(statuses(&both), Some(vec![Pending, Completed]));
        let nothing = [("status", "pending"), ("completed", "true")];
        assert_eq!(statuses(&nothing), Some(vec![]));
    }

    #[test]
    fn wildcards_of_a_search_stand_for_themselves() {
        let pattern = |text| read(&[("q", text)]).ascii_pattern();
        assert_eq!(pattern("milk").as_deref(), Some("%milk%"));
        assert_eq!(pattern(r"50%_\").as_deref(), Some(r"%50\%\_\\%"));
    }

    #[test]
    fn different_filters_have_different_signatures() {
        let filters = [
            read(&[]),
            read(&[("completed", "false")]),
            read(&[("overdue", "false")]),
            read(&[("due_before", "2026-12-31")]),
            read(&[("due_after", "2026-12-31")]),
            read(&[("q", "false")]),
        ];
        for (index, filter) in filters.iter().enumerate() {
            for other in &filters[..index] {
                assert_ne!(filter.signature(), other.signature());
            }
        }
    }
}

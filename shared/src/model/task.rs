//! A task, and what may be asked of one: values and limits.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::input::fields::{Fields, FromFields, boolean, text, trimmed};
use crate::problem::Rule;

/// A task as it is stored and answered.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Task {
    pub(crate) id: Uuid,
    /// The user whose task it is.
    pub(crate) user_id: String,
    #[cfg_attr(test, schema(value_type = Title))]
    pub(crate) title: String,
    /// Empty when there is none.
    #[cfg_attr(test, schema(value_type = Description))]
    pub(crate) description: String,
    #[cfg_attr(test, schema(value_type = Status))]
    pub(crate) status: String,
    /// The same as `status: "completed"`.
    pub(crate) completed: bool,
    #[cfg_attr(test, schema(required = true))]
    pub(crate) due_date: Option<NaiveDate>,
    pub(crate) created_at: DateTime<Utc>,
    /// Null until the first change.
    #[cfg_attr(test, schema(required = true))]
    pub(crate) updated_at: Option<DateTime<Utc>>,
    /// 1, and one more with each change; in quotation marks it is the ETag.
    #[cfg_attr(test, schema(minimum = 1))]
    pub(crate) version: i32,
}

impl Task {
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// A strong validator (RFC 9110 section 8.8.3): it changes with every
    /// change of the task.
    pub(crate) fn etag(&self) -> String {
        format!("\"{}\"", self.opaque_tag())
    }

    /// The part of it between the quotation marks.
    pub(crate) fn opaque_tag(&self) -> String {
        self.version.to_string()
    }
}

/// How far a task is. `completed` is the same as `status: "completed"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    InProgress,
    Completed,
}

impl Status {
    pub(crate) const ALL: [Self; 3] = [Self::Pending, Self::InProgress, Self::Completed];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Rule> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| "must be one of pending, in_progress, completed.".into())
    }
}

/// 1..200 characters after trimming.
#[derive(Debug)]
pub(crate) struct Title(String);

impl Title {
    pub(crate) const MIN_CHARS: usize = 1;
    pub(crate) const MAX_CHARS: usize = 200;

    fn parse(value: &Value) -> Result<Self, Rule> {
        trimmed(value, Self::MIN_CHARS, Self::MAX_CHARS).map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// 0..1000 characters after trimming; null stands for none.
#[derive(Debug, Default)]
pub(crate) struct Description(String);

impl Description {
    pub(crate) const MAX_CHARS: usize = 1000;

    fn parse(value: &Value) -> Result<Self, Rule> {
        match value {
            Value::Null => Ok(Self::default()),
            value => trimmed(value, 0, Self::MAX_CHARS).map(Self),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A whole task, as POST and PUT send it.
#[derive(Debug)]
pub struct NewTask {
    pub(crate) title: Title,
    pub(crate) description: Description,
    pub(crate) status: Status,
    pub(crate) due_date: Option<NaiveDate>,
}

impl FromFields for NewTask {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        ignore_what_the_server_decides(fields);
        let title = fields.required("title", Title::parse);
        let description = fields.nullable("description", Description::parse);
        let status = status_change(fields);
        let due_date = fields.nullable("due_date", due_date);
        Some(Self {
            title: title?,
            description: description?.unwrap_or_default(),
            status: match status? {
                Some(StatusChange::To(status)) => status,
                Some(StatusChange::Reopen) | None => Status::Pending,
            },
            due_date: due_date?.flatten(),
        })
    }
}

/// The changes of a PATCH (RFC 7396): an absent member is left, null clears.
#[derive(Debug)]
pub struct TaskChanges {
    pub(crate) title: Option<Title>,
    pub(crate) description: Option<Description>,
    pub(crate) status: Option<StatusChange>,
    pub(crate) due_date: Option<Option<NaiveDate>>,
}

/// A change of the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusChange {
    To(Status),
    /// `completed: false`: a completed task becomes pending, any other stays
    /// what it is.
    Reopen,
}

impl StatusChange {
    /// The status that is named; `None` where it depends on the task.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::To(status) => Some(status.as_str()),
            Self::Reopen => None,
        }
    }
}

impl TaskChanges {
    pub(crate) fn is_empty(&self) -> bool {
        self.title.is_none()
            && self.description.is_none()
            && self.status.is_none()
            && self.due_date.is_none()
    }
}

impl FromFields for TaskChanges {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        ignore_what_the_server_decides(fields);
        let title = fields.optional("title", Title::parse);
        let description = fields.nullable("description", Description::parse);
        let status = status_change(fields);
        let due_date = fields.nullable("due_date", due_date);
        Some(Self {
            title: title?,
            description: description?,
            status: status?,
            due_date: due_date?,
        })
    }
}

/// Members that a client may send back as it got them; they are not read.
pub(crate) const DECIDED_BY_SERVER: [&str; 5] =
    ["id", "user_id", "created_at", "updated_at", "version"];

fn ignore_what_the_server_decides(fields: &mut Fields) {
    for name in DECIDED_BY_SERVER {
        fields.ignore(name);
    }
}

/// `status` and `completed` say the same thing, and may both be sent if they
/// agree. The outer `None` stands for a broken rule.
fn status_change(fields: &mut Fields) -> Option<Option<StatusChange>> {
    let status = fields.optional("status", |value| Status::parse(text(value)?));
    let completed = fields.optional("completed", boolean);
    match (status?, completed?) {
        (Some(status), Some(completed)) if completed != (status == Status::Completed) => {
            fields.violate("completed", "does not agree with `status`.".into());
            None
        }
        (Some(status), _) => Some(Some(StatusChange::To(status))),
        (None, Some(true)) => Some(Some(StatusChange::To(Status::Completed))),
        (None, Some(false)) => Some(Some(StatusChange::Reopen)),
        (None, None) => Some(None),
    }
}

fn due_date(value: &Value) -> Result<Option<NaiveDate>, Rule> {
    match value {
        Value::Null => Ok(None),
        value => calendar_day(text(value)?).map(Some),
    }
}

/// RFC 3339's `full-date`, of years that have four digits.
pub(crate) fn calendar_day(text: &str) -> Result<NaiveDate, Rule> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|day| (1..=9999).contains(&day.year()) && day.to_string() == text)
        .ok_or_else(|| "must be a date such as 2026-12-31.".into())
}

/// A task's id, in the usual form of 36 characters.
pub(crate) fn parse_id(text: &str) -> Result<Uuid, Rule> {
    let id = Uuid::parse_str(text).ok().filter(|_| text.len() == 36);
    id.ok_or_else(|| "must be a UUID such as 019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: FromFields>(json: &str) -> Result<T, Vec<String>> {
        let fields = Fields::parse(json.as_bytes()).expect("it is an object");
        fields.into().map_err(|violations| {
            violations
                .into_iter()
                .map(|it| format!("{} {}", it.pointer, it.detail))
                .collect()
        })
    }

    fn new_task(json: &str) -> Result<NewTask, Vec<String>> {
        read(json)
    }

    fn changes(json: &str) -> Result<TaskChanges, Vec<String>> {
        read(json)
    }

    #[test]
    fn a_title_alone_is_a_task() {
        let task = new_task(r#"{"title": "  Buy milk\n"}"#).expect("it is one");
        assert_eq!(task.title.as_str(), "Buy milk");
        assert_eq!(task.description.as_str(), "");
        assert_eq!((task.status, task.due_date), (Status::Pending, None));
    }

    #[test]
    fn limits_count_characters_after_trimming() {
        let of = |title: &str| new_task(&format!(r#"{{"title": " {title} "}}"#));
        assert!(of(&"🦀".repeat(200)).is_ok());
        assert_eq!(
            of(&"a".repeat(201)).expect_err("too long"),
            ["/title must have 1 to 200 characters."]
        );
        assert_eq!(of("").expect_err("blank"), ["/title must not be blank."]);
        let described = |description: &str| {
            new_task(&format!(
                r#"{{"title": "t", "description": "{description}"}}"#
            ))
        };
        assert!(described(&"é".repeat(1000)).is_ok());
        assert!(described(&"é".repeat(1001)).is_err());
    }

    #[test]
    fn every_broken_rule_is_named() {
        let violations = new_task(
            r#"{"description": 1, "status": "done", "due_date": "soon", "colour": "red"}"#,
        )
        .expect_err("nothing in it is right");
        assert_eq!(
            violations,
            [
                "/title is required.",
                "/description must be a string.",
                "/status must be one of pending, in_progress, completed.",
                "/due_date must be a date such as 2026-12-31.",
                "/colour is not known here.",
            ]
        );
    }

    #[test]
    fn nul_is_refused_anywhere() {
        for json in [
            r#"{"title": "a\u0000b"}"#,
            r#"{"title": "t", "description": "a\u0000"}"#,
            r#"{"title": "t", "status": "pending\u0000"}"#,
            r#"{"title": "t", "due_date": "2026-12-31\u0000"}"#,
        ] {
            assert!(new_task(json).is_err(), "{json}");
        }
    }

    #[test]
    fn status_and_completed_say_the_same() {
        let status = |json: &str| new_task(json).map(|task| task.status);
        assert_eq!(
            status(r#"{"title": "t", "completed": true}"#),
            Ok(Status::Completed)
        );
        assert_eq!(
            status(r#"{"title": "t", "completed": false}"#),
            Ok(Status::Pending)
        );
        assert_eq!(
            status(r#"{"title": "t", "status": "in_progress", "completed": false}"#),
            Ok(Status::InProgress)
        );
        assert!(status(r#"{"title": "t", "status": "pending", "completed": true}"#).is_err());
        assert!(status(r#"{"title": "t", "status": "completed", "completed": false}"#).is_err());
    }

    #[test]
    fn a_due_date_is_a_day_of_the_calendar() {
        let due = |date: &str| {
            new_task(&format!(r#"{{"title": "t", "due_date": "{date}"}}"#)).map(|it| it.due_date)
        };
        assert_eq!(due("2028-02-29"), Ok(NaiveDate::from_ymd_opt(2028, 2, 29)));
        for bad in [
            "2027-02-29",
            "2026-1-1",
            " 2026-12-1",
            "2026-12- 1",
            "2026-+1-01",
            "0000-01-01",
            "+2026-01-01",
            "20260101",
            "2026-12-31T00:00:00Z",
            "10000-01-01",
        ] {
            assert!(due(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn absent_leaves_and_null_clears() {
        let nothing = changes("{}").expect("an empty patch is a patch");
        assert!(nothing.is_empty());
        let cleared =
            changes(r#"{"description": null, "due_date": null}"#).expect("both may be cleared");
        assert_eq!(
            cleared.description.as_ref().map(Description::as_str),
            Some("")
        );
        assert_eq!(cleared.due_date, Some(None));
        assert!(cleared.title.is_none() && cleared.status.is_none());
    }

    #[test]
    fn null_where_it_makes_no_sense_is_refused() {
        let violations = changes(r#"{"title": null, "status": null, "completed": null}"#)
            .expect_err("none may be null");
        assert_eq!(
            violations,
            [
                "/title must not be null.",
                "/status must not be null.",
                "/completed must not be null."
            ]
        );
    }

    #[test]
    fn completed_false_reopens() {
        let status = |json: &str| changes(json).map(|it| it.status);
        assert_eq!(
            status(r#"{"completed": false}"#),
            Ok(Some(StatusChange::Reopen))
        );
        assert_eq!(
            status(r#"{"completed": true}"#),
            Ok(Some(StatusChange::To(Status::Completed)))
        );
    }

    #[test]
    fn a_task_may_be_sent_back_as_it_was_given() {
        let given = r#"{"id": "x", "user_id": "u", "title": "t", "description": "", "status": "pending",
            "completed": false, "due_date": null, "created_at": "c", "updated_at": null, "version": 1}"#;
        assert!(new_task(given).is_ok());
        assert!(changes(given).is_ok());
    }
}

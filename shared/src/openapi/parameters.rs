//! The parameters of paths, queries and headers, by the names of
//! `components/parameters`.

use serde_json::{Value, json};
use utoipa::PartialSchema;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Ref, Schema, Type};
use utoipa::openapi::{Components, RefOr, Required};

use super::values::{NO_NUL, date, text, uuid};
use crate::model::filter::Filter;
use crate::model::idempotency::IdempotencyKey;
use crate::model::page::{DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET};
use crate::model::since;
use crate::model::sort::Sort;
use crate::model::task::Status;

pub(super) const IF_MATCH: &str = "IfMatch";
pub(super) const IF_NONE_MATCH: &str = "IfNoneMatch";
pub(super) const IDEMPOTENCY_KEY: &str = "IdempotencyKey";
pub(super) const PREFER: &str = "Prefer";
pub(super) const DOCS_FILE: &str = "DocsFile";
pub(super) const WEB_FILE: &str = "WebFile";
pub(super) const ONLY_COMPLETED: &str = "OnlyCompleted";
pub(super) const SINCE: &str = "Since";
pub(super) const TODAY: &str = "Today";
pub(super) const CHANGES_LIMIT: &str = "ChangesLimit";
pub(super) const EXPORT_CURSOR: &str = "ExportCursor";
pub(super) const EXPORT_LIMIT: &str = "ExportLimit";

/// The parameters that narrow, order and cut a list.
pub(super) const OF_LISTS: [&str; 10] = [
    "Status",
    "Completed",
    "Overdue",
    "DueBefore",
    "DueAfter",
    "Search",
    "Sort",
    "Limit",
    "Cursor",
    "Offset",
];

pub(super) fn reference(name: &str) -> Ref {
    Ref::new(format!("#/components/parameters/{name}"))
}

/// The ids in a path, by their names here.
pub(super) fn of_path(path: &str) -> Vec<&'static str> {
    table()
        .into_iter()
        .filter(|row| row.name != "file" && path.contains(&format!("{{{}}}", row.name)))
        .map(|row| row.key)
        .collect()
}

pub(super) fn add_to(components: &mut Components) {
    for row in table() {
        let required = match row.place {
            ParameterIn::Path => Required::True,
            _ if row.key == ONLY_COMPLETED => Required::True,
            _ => Required::False,
        };
        let parameter = ParameterBuilder::new()
            .name(row.name)
            .parameter_in(row.place)
            .required(required)
            .description(Some(row.description))
            .schema(Some(row.schema))
            .example(row.example);
        components
            .parameters
            .insert(row.key.to_owned(), parameter.build().into());
    }
}

struct Row {
    key: &'static str,
    name: &'static str,
    place: ParameterIn,
    description: &'static str,
    schema: RefOr<Schema>,
    example: Option<Value>,
}

fn table() -> Vec<Row> {
    let path = |key, name, schema: ObjectBuilder, description| Row {
        key,
        name,
        place: ParameterIn::Path,
        description,
        schema: schema.into(),
        example: None,
    };
    let file = |key, example: &str| {
        let name = text().min_length(Some(1)).pattern(Some("^[^/]+$"));
        Row {
            example: Some(example.into()),
            ..path(key, "file", name, "The name of the file.")
        }
    };
    // Swagger UI sends what is an example here. Which version, key or task a
    // request is about only its sender knows, so these have none.
    let optional = |place: ParameterIn, key, name, schema, description| Row {
        key,
        name,
        place,
        description,
        schema,
        example: None,
    };
    let header = |key, name, schema: ObjectBuilder, description| {
        optional(ParameterIn::Header, key, name, schema.into(), description)
    };
    let query = |key, name, schema: RefOr<Schema>, description| {
        optional(ParameterIn::Query, key, name, schema, description)
    };
    let boolean = || RefOr::from(ObjectBuilder::new().schema_type(Type::Boolean));
    vec![
        path(
            "UserId",
            "user_id",
            text().min_length(Some(1)).max_length(Some(255)),
            "The user of the token: the `id` of its account.",
        ),
        path("TaskId", "task_id", uuid(), "The `id` of the task."),
        file(DOCS_FILE, "swagger-ui.css"),
        file(WEB_FILE, "app.js"),
        header(
            IF_MATCH,
            "If-Match",
            text().pattern(Some(entity_tags())),
            "Changes only the version with one of these ETags, such as `\"3\"` (RFC 9110 section 13.1.1); `*` stands for any. Without it the last change wins.",
        ),
        header(
            IF_NONE_MATCH,
            "If-None-Match",
            text().pattern(Some(entity_tags())),
            "Answers 304 without a body if the version has one of these ETags, such as `\"3\"` (RFC 9110 section 13.1.2).",
        ),
        header(
            IDEMPOTENCY_KEY,
            "Idempotency-Key",
            text()
                .min_length(Some(1))
                .max_length(Some(IdempotencyKey::MAX_CHARS))
                .pattern(Some("^[!-~]+$")),
            "Creates the task once, however often the request is sent: a new UUID for each task, such as `8e03978e-40d5-43e8-bc93-6894a57f9324`.",
        ),
        header(
            PREFER,
            "Prefer",
            text(),
            "`count=none` (RFC 7240) leaves `total` out, which spares the counting. Other preferences are passed over.",
        ),
        query(
            "Status",
            "status",
            Schema::from(ArrayBuilder::new().items(Status::schema()).build()).into(),
            "Only tasks in one of these states; may stand more than once.",
        ),
        query(
            "Completed",
            "completed",
            boolean(),
            "Only completed tasks, or only open ones.",
        ),
        query(
            "Overdue",
            "overdue",
            boolean(),
            "Only tasks that were due before today (UTC) and are not completed, or only the others.",
        ),
        query(
            "DueBefore",
            "due_before",
            date(),
            "Only tasks that are due on an earlier day.",
        ),
        query(
            "DueAfter",
            "due_after",
            date(),
            "Only tasks that are due on a later day.",
        ),
        query(
            "Search",
            "q",
            text()
                .min_length(Some(1))
                .max_length(Some(Filter::MAX_TEXT_CHARS))
                .pattern(Some(NO_NUL))
                .into(),
            "Only tasks with this text in the title or the description, in capitals or not.",
        ),
        query(
            "Sort",
            "sort",
            text()
                .enum_values(Some(Sort::names()))
                .default(Some(json!(Sort::NEWEST_FIRST.name())))
                .into(),
            "The order; with a `-` the other way round. Tasks without a due date come last.",
        ),
        query(
            "Limit",
            "limit",
            whole_number(1, MAX_LIMIT)
                .default(Some(json!(DEFAULT_LIMIT)))
                .into(),
            "How many tasks a page has at most.",
        ),
        query(
            "Cursor",
            "cursor",
            opaque().into(),
            "Where the page begins: the `next_cursor` of the page before it, with the same order and filters. It has no meaning of its own.",
        ),
        query(
            "Offset",
            "offset",
            whole_number(0, MAX_OFFSET).into(),
            "How many tasks to pass over; not together with `cursor`, which passes over none.",
        ),
        query(
            ONLY_COMPLETED,
            "completed",
            ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .enum_values(Some([true]))
                .into(),
            "Has to be said, so that nobody deletes everything by mistake.",
        ),
        query(
            SINCE,
            "since",
            opaque().into(),
            "From where on: the `next_since` of the answer before, or `now` for what comes from now on. Without it, from the beginning.",
        ),
        query(
            TODAY,
            "today",
            date(),
            "The user's current day, which decides what is overdue, due today and upcoming. Without it, the day in UTC.",
        ),
        query(
            CHANGES_LIMIT,
            "limit",
            whole_number(1, since::MAX_LIMIT)
                .default(Some(json!(since::DEFAULT_LIMIT)))
                .into(),
            "How many changes to answer with at most.",
        ),
        query(
            EXPORT_CURSOR,
            "cursor",
            opaque().into(),
            "Where the page begins: the `next_cursor` of the page before it.",
        ),
        query(
            EXPORT_LIMIT,
            "limit",
            whole_number(1, MAX_LIMIT)
                .default(Some(json!(MAX_LIMIT)))
                .into(),
            "How many tasks a page has at most.",
        ),
    ]
}

/// Text that the service gave out.
fn opaque() -> ObjectBuilder {
    text().pattern(Some("^[A-Za-z0-9_-]+$"))
}

fn whole_number(min: i64, max: i64) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(i32::try_from(min).expect("it is small")))
        .maximum(Some(i32::try_from(max).expect("it is small")))
}

/// `*`, or a list of entity tags, in which RFC 9110 section 5.6.1.2 allows
/// empty elements. Our tags have no comma in them.
fn entity_tags() -> String {
    let tag = r#"(W/)?"[!#-+\--~]*""#;
    format!(r"^( *\* *|[ ,]*|[ ,]*{tag}( *,[ ,]*{tag})*[ ,]*)$")
}

//! The SQL of a list, put together from the parts that a page asks for.
//!
//! What is not asked for does not stand there, so that it cannot keep the
//! planner from an index. Nothing of what a client sends stands there either:
//! `$1` is the owner, `$2` to `$6` are the filter, `$7` and `$8` the position.

use tokio_postgres::types::{Date, Type};

use crate::database::Statement;
use crate::model::cursor::{Key, Position};
use crate::model::filter::Filter;
use crate::model::page::Page;
use crate::model::sort::{By, Direction, Sort};

/// How many tasks of `owner` the filter matches.
pub(crate) fn count<'a>(owner: &'a str, filter: &Filter) -> Statement<'a> {
    let matches = matches(filter);
    let sql = format!(
        "select count(*)
        from tasks
        where user_id = $1
        {matches}"
    );
    with_filter(Statement::new(sql), owner, filter)
}

/// The tasks of one page, and one more when another page follows.
pub(crate) fn select<'a>(owner: &'a str, page: &Page, columns: &str) -> Statement<'a> {
    let matches = matches(page.filter());
    let key = key_column(page.sort());
    let (direction, beyond) = match page.sort().direction {
        Direction::Ascending => ("asc", ">"),
        Direction::Descending => ("desc", "<"),
    };
    // A comparison of rows, because an index is not searched for an `or`.
    let position = match page.after().map(|position| &position.key) {
        None => String::new(),
        // The last ones in either direction, and the planner thinks that
        // nothing is beyond the last.
        Some(Key::Day(None)) => format!("and {key} = $7 and id {beyond} $8"),
        Some(Key::Text(_)) => format!("and ({key}, id) {beyond} (lower($7), $8)"),
        Some(_) => format!("and ({key}, id) {beyond} ($7, $8)"),
    };
    let sql = format!(
        "select {columns}
        from tasks
        where user_id = $1
        {matches}
        {position}
        order by {key} {direction}, id {direction}
        limit $9
        offset $10"
    );
    let statement = with_filter(Statement::new(sql), owner, page.filter());
    with_position(statement, page.after(), page.sort().direction)
        .bind(page.limit() + 1, Type::INT8)
        .bind(page.offset(), Type::INT8)
}

fn matches(filter: &Filter) -> String {
    let statuses = match filter.statuses.as_deref() {
        None => "",
        // Written so, the index on the status gives the order, too.
        Some([_]) => "and status = ($2::text[])[1]",
        Some(_) => "and status = any ($2)",
    };
    let due_before = filter.due_before.map_or("", |_| "and due_date < $3");
    let due_after = filter.due_after.map_or("", |_| "and due_date > $4");
    let overdue = filter.overdue.map_or("", |_| {
        "and $5 = coalesce(due_date < (now() at time zone 'utc')::date and not completed, false)"
    });
    let text = filter
        .text
        .as_ref()
        .map_or("", |_| "and (title ilike $6 or description ilike $6)");
    [statuses, due_before, due_after, overdue, text].join("\n")
}

/// Each has an index of its own; the migration says why they are columns.
fn key_column(sort: Sort) -> &'static str {
    match (sort.by, sort.direction) {
        (By::CreatedAt, _) => "created_at",
        (By::UpdatedAt, _) => "change_order",
        (By::DueDate, Direction::Ascending) => "due_order",
        (By::DueDate, Direction::Descending) => "due_order_desc",
        (By::Title, _) => "title_order",
    }
}

fn with_filter<'a>(statement: Statement<'a>, owner: &'a str, filter: &Filter) -> Statement<'a> {
    statement
        .bind(owner, Type::TEXT)
        .bind(filter.status_names(), Type::TEXT_ARRAY)
        .bind(filter.due_before, Type::DATE)
        .bind(filter.due_after, Type::DATE)
        .bind(filter.overdue, Type::BOOL)
        .bind(filter.pattern(), Type::TEXT)
}

fn with_position<'a>(
    statement: Statement<'a>,
    after: Option<&Position>,
    direction: Direction,
) -> Statement<'a> {
    let statement = match after.map(|position| position.key.clone()) {
        None => statement.bind(None::<bool>, Type::BOOL),
        Some(Key::Moment(moment)) => statement.bind(moment, Type::TIMESTAMPTZ),
        Some(Key::Text(text)) => statement.bind(text, Type::TEXT),
        Some(Key::Day(day)) => {
            let last = match direction {
                Direction::Ascending => Date::PosInfinity,
                Direction::Descending => Date::NegInfinity,
            };
            statement.bind(day.map_or(last, Date::Value), Type::DATE)
        }
    };
    statement.bind(after.map(|position| position.id), Type::UUID)
}

//! Lists of users with many tasks: each order, a search, a count.

/// A list, as a call of a function and as the statement before there were functions.
pub struct List {
    pub name: &'static str,
    /// The number of tasks of the user.
    pub tasks: i32,
    pub rounds: usize,
    pub call: String,
    pub flight: String,
}

/// The sizes of the users that the database is filled with.
pub const SIZES: [i32; 4] = [100, 1_000, 10_000, 100_000];

const COLUMNS: &str =
    "id, user_id, title, description, status, completed, due_date, created_at, updated_at, version";

pub fn user(tasks: i32) -> String {
    format!("with-{tasks}")
}

/// All lists, those of the largest user first.
pub fn all() -> Vec<List> {
    let mut lists = vec![
        page("-created_at", "created_at desc", 100_000),
        page("due_date", "due_order", 100_000),
        page("-due_date", "due_order_desc", 100_000),
    ];
    for size in SIZES {
        lists.push(page("title", "title_order", size));
        lists.push(page("updated_at", "change_order", size));
    }
    for size in SIZES {
        lists.push(List {
            name: "search without a hit",
            tasks: size,
            rounds: rounds(size),
            call: call("-created_at", false, "'%sought and not found%'", 51),
            flight: format!(
                "select {COLUMNS} from tasks where user_id = $1
                and (title ilike '%sought and not found%' or description ilike '%sought and not found%')
                order by created_at desc, id desc limit 51"
            ),
        });
    }
    for size in SIZES {
        lists.push(List {
            name: "total, after a fifth was changed",
            tasks: size,
            rounds: rounds(size),
            call: call("-created_at", true, "null", 1),
            flight: "select count(*) from tasks where user_id = $1".into(),
        });
    }
    lists
}

fn page(sort: &'static str, order: &str, tasks: i32) -> List {
    let order = match order.strip_suffix(" desc") {
        Some(column) => format!("{column} desc, id desc"),
        None if order.ends_with("_desc") => format!("{order} desc, id desc"),
        None => format!("{order}, id"),
    };
    List {
        name: match sort {
            "-created_at" => "page by -created_at",
            "due_date" => "page by due_date",
            "-due_date" => "page by -due_date",
            "title" => "page by title",
            _ => "page by updated_at",
        },
        tasks,
        rounds: rounds(tasks),
        call: call(sort, false, "null", 51),
        flight: format!("select {COLUMNS} from tasks where user_id = $1 order by {order} limit 51"),
    }
}

fn rounds(tasks: i32) -> usize {
    if tasks > 10_000 { 5 } else { 20 }
}

fn call(sort: &str, is_counted: bool, pattern: &str, limit: i32) -> String {
    format!(
        "select * from todo.list_tasks($1, '{sort}', {is_counted}, null, null, null, null,
            {pattern}, null, null, null, null, null, {limit}, 0)"
    )
}

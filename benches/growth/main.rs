//! The cost of a request in a growing table, and for a growing user.
//!
//! `cargo bench --bench growth` runs the release binaries of three functions on
//! tables of 1,000 to 1,000,000 tasks, of which a user has 100, and at the end
//! for users of 100 to 100,000 tasks. Options after `--` are those of the
//! benchmark `peers`, without `--cpu-share` and `--delay`.

mod requests;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use local::stack::StackOptions;
use serde_json::{Value, json};

use requests::{Functions, NAMES, Reader};
use testing::Service;
use testing::measuring::chart::{Line, lines};
use testing::measuring::issuer::Issuer;
use testing::measuring::options::Options;
use testing::measuring::statistics::Spread;

/// The number of tasks of the smallest user.
const SMALLEST: i32 = 100;

/// The number of users that a stage adds. Each has ten times as many tasks as those
/// of the stage before, so that the table grows to ten times its size.
const MORE_USERS: usize = 9;

/// The cost of each request, in the order of [`NAMES`], for a number of tasks.
struct Costs {
    tasks: i32,
    spreads: Vec<Spread>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::read();
    let (stages, rounds) = if options.quick { (3, 15) } else { (4, 80) };
    let functions = Functions::build();
    let started = Instant::now();
    let service = Arc::new(Service::start(&StackOptions::default()));
    let issuer = Issuer::trusted_by(&service).await;
    let functions = functions.start(&service);

    let small = new_user(&service, SMALLEST).await;
    let mut users = vec![(SMALLEST, small)];
    let mut by_table = Vec::new();
    let mut tasks_of_each = SMALLEST;
    for stage in 0..stages {
        eprintln!(
            "        Filling the table to {} tasks ...",
            tasks_of_each * 10
        );
        for number in 0..MORE_USERS {
            let user = new_user(&service, tasks_of_each).await;
            if number == 0 && stage > 0 {
                users.push((tasks_of_each, user));
            }
        }
        // Autovacuum would do this in time. Without it, counts do not use an index alone.
        let owner = service.connect_as_owner().await;
        owner
            .batch_execute("vacuum analyze tasks")
            .await
            .expect("the owner may");
        let table = tasks_of_each * 10;
        by_table.extend(measure(&service, &functions, &issuer, &users[..1], rounds).await);
        by_table.last_mut().expect("it was measured").tasks = table;
        tasks_of_each = table;
    }
    let by_user = measure(&service, &functions, &issuer, &users, rounds).await;

    let command = Options::command("growth");
    let mut text = format!(
        "`{command}`\n\n{}\n\n{}\n{}",
        table::conditions(rounds),
        table::table("tasks in the table, 100 of them the user's", &by_table),
        table::table(
            &format!("tasks of the user, in a table of {tasks_of_each}"),
            &by_user
        ),
    );
    if let Some(directory) = &options.svg {
        let links = draw(directory, &by_table, &by_user);
        if options.write {
            text += &links;
        }
    }
    let json = json!({
        "command": command,
        "by_table": to_json(&by_table),
        "by_user": to_json(&by_user),
    });
    options.publish("growth", started, &text, &json);
}

async fn new_user(service: &Arc<Service>, tasks: i32) -> String {
    let user = service.new_user().await;
    service.fill(&user.id, tasks).await;
    user.id
}

/// All requests of all users, in turn.
async fn measure(
    service: &Service,
    functions: &Functions,
    issuer: &Issuer,
    users: &[(i32, String)],
    rounds: usize,
) -> Vec<Costs> {
    let mut readers = Vec::new();
    for (tasks, user) in users {
        let token = issuer.token(user);
        let reader = Reader::new(service, functions, &token, *tasks).await;
        readers.push((reader, vec![Vec::new(); NAMES.len()]));
    }
    for round in 0..=rounds {
        for (reader, times) in &mut readers {
            for (request, times) in times.iter_mut().enumerate() {
                let time = reader.request(functions, request).await;
                // The first request finds nothing cached.
                if round > 0 {
                    times.push(time);
                }
            }
        }
    }
    for (_, user) in users {
        requests::clean_up(service, user).await;
    }
    let sizes = users.iter().map(|(tasks, _)| *tasks);
    let all = readers.into_iter().zip(sizes);
    all.map(|((_, times), tasks)| Costs {
        tasks,
        spreads: times.iter().map(|times| Spread::of(times)).collect(),
    })
    .collect()
}

/// Draws both pictures and returns the links to them.
fn draw(directory: &Path, by_table: &[Costs], by_user: &[Costs]) -> String {
    let pictures = [
        (
            "bench-growth-table.svg",
            "A user of 100 tasks in a growing table",
            "tasks in the table",
            by_table,
        ),
        (
            "bench-growth-user.svg",
            "A growing user",
            "tasks of the user",
            by_user,
        ),
    ];
    let mut text = String::new();
    for (file, title, x_label, costs) in pictures {
        let all = NAMES.iter().enumerate().map(|(index, name)| Line {
            label: (*name).to_owned(),
            points: costs
                .iter()
                .map(|it| (f64::from(it.tasks), it.spreads[index].median))
                .collect(),
        });
        lines(
            &directory.join(file),
            title,
            x_label,
            &all.collect::<Vec<_>>(),
        );
        text += &format!("\n![{title}](images/{file})\n");
    }
    text
}

fn to_json(costs: &[Costs]) -> Value {
    let of_one = |costs: &Costs| {
        let requests = NAMES.iter().zip(&costs.spreads);
        let requests: serde_json::Map<String, Value> = requests
            .map(|(name, spread)| ((*name).to_owned(), spread.json()))
            .collect();
        json!({"tasks": costs.tasks, "ms": requests})
    };
    costs.iter().map(of_one).collect()
}

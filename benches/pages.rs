//! Does a deep page cost more than the first one?
//!
//! `cargo bench --bench pages` fills a table with one million tasks, 100,000
//! of them of one user, and reads that user's first page, page 1000 and the
//! last one, in turn, by their cursors; it prints medians and their ratios.

use std::sync::Arc;
use std::time::Instant;

use local::stack::StackOptions;

use testing::measuring::statistics::quantile;
use testing::{Service, TestUser};

const TASKS_OF_THE_USER: i32 = 100_000;
const OTHER_USERS: i32 = 90;
const TASKS_OF_EACH_OTHER: i32 = 10_000;

const LIMIT: usize = 50;
const MIDDLE: usize = 1_000;
const ROUNDS: usize = 200;

/// The pages that are compared.
struct Pages {
    sort: &'static str,
    paths: [String; 3],
    last: usize,
}

impl Pages {
    /// Walks through the whole list once, to learn the cursors.
    async fn of(user: &TestUser, sort: &'static str) -> Self {
        let start = format!("/api/v1/tasks?sort={sort}&limit={LIMIT}");
        let (mut middle, mut path, mut number) = (String::new(), start.clone(), 1);
        loop {
            let page = read(user, &path).await;
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("{start}&cursor={next}");
            number += 1;
            if number == MIDDLE {
                middle = path.clone();
            }
        }
        Self {
            sort,
            paths: [start, middle, path],
            last: number,
        }
    }

    /// Prints the duration of each, in a row of the table.
    async fn measure(&self, user: &TestUser) {
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..ROUNDS {
            for (path, times) in self.paths.iter().zip(&mut times) {
                let started = Instant::now();
                read(user, path).await;
                times.push(started.elapsed().as_secs_f64() * 1e3);
            }
        }
        let [first, middle, last] = times.map(|times| quantile(&times, 0.5));
        println!(
            "| `{}` | {first:.2} | {middle:.2} | {last:.2} ({}) | {:.2} | {:.2} |",
            self.sort,
            self.last,
            middle / first,
            last / first
        );
    }
}

async fn read(user: &TestUser, path: &str) -> serde_json::Value {
    let call = user.call("GET", path).header("prefer", "count=none");
    call.send().await.expect(200)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    service.fill(&user.id, TASKS_OF_THE_USER).await;
    for _ in 0..OTHER_USERS {
        let other = service.new_user().await;
        service.fill(&other.id, TASKS_OF_EACH_OTHER).await;
    }
    let owner = service.connect_as_owner().await;
    owner.batch_execute("analyze").await.expect("it may");

    println!(
        "{ROUNDS} requests each, in turn, through list-tasks; medians in milliseconds, pages of {LIMIT}\n"
    );
    println!(
        "| order | first | page {MIDDLE} | last | page {MIDDLE} / first | last / first |\n|---|--:|--:|--:|--:|--:|"
    );
    for sort in [
        "-created_at",
        "updated_at",
        "due_date",
        "-due_date",
        "title",
    ] {
        Pages::of(&user, sort).await.measure(&user).await;
    }
}

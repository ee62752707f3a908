//! The cost of a request in the database, from counters: bytes of write-ahead log,
//! index entries, processor time, room on disk.
//!
//! `cargo bench --bench cost` compares, in turns within one run, this service's
//! calls, the flights that the calls took the place of, and bare statements on
//! the smallest schema. Full-page images are off, as in Neon.

mod candidates;
mod counters;
mod lists;

use std::time::Instant;

use local::stack::StackOptions;
use serde_json::json;
use testing::Service;
use testing::measuring::options::Options;
use testing::measuring::statistics::quantile;
use tokio_postgres::Client;
use uuid::Uuid;

use candidates::{Candidate, Operation, USER};
use counters::{position, processor_ms, written};

const TASKS: i32 = 100_000;
/// Operations whose write-ahead log is read.
const WRITES: usize = 800;
/// Turns, and operations in each, whose time is measured.
const TURNS: usize = 30;
const IN_A_TURN: usize = 40;

const CONDITIONS: &str = "100,000 tasks of 100 users, and four users with many, after 1.2 changes of each task and a vacuum now and then.
*Flights* are the statements before there were functions, on the schema of that time; *calls* are today's; *smallest* are bare statements on a table with the key and one index, without row-level security and without a feed of changes.
Full-page images are off, as at Neon; of a toggle and a change of the title, *first* is the first in an era, *again* any later one.
Before the totals a fifth of the tasks was changed, with the vacuums that the settings of each table ask for.
Times are medians of turns on the same machine, and processor time is that of the server's processes.
";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::read();
    let started = Instant::now();
    let service = Service::start(&StackOptions {
        server_settings: vec![
            ("full_page_writes", "off"),
            ("autovacuum", "off"),
            ("max_wal_size", "10GB"),
            ("checkpoint_timeout", "1h"),
        ],
        ..StackOptions::default()
    });
    let pooler = service.stack.pooler();
    pooler.stop().expect("it ran");
    service.configure_pooler("todo = host", "* = host");
    service.configure_pooler("dbname=todo", "");
    pooler.start().expect("it starts again");
    let mut benches = Vec::new();
    for candidate in Candidate::ALL {
        candidate.prepare(&service, TASKS).await;
        benches.push(Bench::new(&service, candidate).await);
    }
    let mut text = format!(
        "`{}`\n\n{CONDITIONS}\n{}",
        Options::command("cost"),
        table_of_sizes(&benches).await
    );
    text += &table_of_writes(&benches).await;
    text += &table_of_times(&benches).await;
    text += &table_of_lists(&benches[..2]).await;
    options.publish("cost", started, &text, &json!({}));
}

struct Bench {
    candidate: Candidate,
    client: Client,
    superuser: Client,
    /// Tasks of the measured user, each used for one deletion at most.
    tasks: Vec<Uuid>,
}

impl Bench {
    async fn new(service: &Service, candidate: Candidate) -> Self {
        let superuser = candidate.superuser(service).await;
        for statement in [
            "create extension if not exists pg_walinspect",
            "vacuum analyze tasks",
        ] {
            superuser
                .batch_execute(statement)
                .await
                .expect("the superuser may");
        }
        let ids = format!("select id from tasks where user_id = '{USER}' order by created_at");
        let rows = superuser.query_typed(&ids, &[]).await.expect("select");
        Self {
            candidate,
            client: candidate.connect(service).await,
            tasks: rows.iter().map(|row| row.get(0)).collect(),
            superuser,
        }
    }

    async fn run(&self, operation: Operation, number: usize) {
        // The last ones are for deletions.
        let task = match operation {
            Operation::Delete => self.tasks[self.tasks.len() - 1 - number],
            _ => self.tasks[number % 100],
        };
        let done = self.candidate.run(&self.client, operation, task).await;
        done.unwrap_or_else(|error| {
            panic!("{} {}: {error:?}", self.candidate.name(), operation.name())
        });
    }
}

async fn table_of_sizes(benches: &[Bench]) -> String {
    let mut text = String::from(
        "\n| bytes on disk a task, after 1.2 changes | heap | indexes |\n|---|--:|--:|\n",
    );
    for bench in benches {
        let sql = "
            select (pg_relation_size('tasks') / count(*))::float8,
                (pg_indexes_size('tasks') / count(*))::float8
            from tasks";
        let row = bench.superuser.query_typed_one(sql, &[]).await;
        let row = row.expect("the superuser may");
        let (heap, indexes): (f64, f64) = (row.get(0), row.get(1));
        text += &format!(
            "| {} | {heap:.0} | {indexes:.0} |\n",
            bench.candidate.name()
        );
    }
    text
}

async fn table_of_writes(benches: &[Bench]) -> String {
    let mut text = String::from(
        "\n| per request | | bytes of WAL | index entries | HOT |\n|---|---|--:|--:|--:|\n",
    );
    for operation in [
        Operation::Create,
        Operation::Toggle,
        Operation::Patch,
        Operation::Delete,
    ] {
        for bench in benches {
            // The first change of a row in an era is measured by itself.
            let rounds: &[&str] = match operation {
                Operation::Toggle | Operation::Patch => &["first", "again"],
                _ => &[""],
            };
            if operation == Operation::Patch || operation == Operation::Toggle {
                age(bench).await;
            }
            for round in rounds {
                let count = if rounds.len() > 1 { 100 } else { WRITES };
                let from = position(&bench.superuser).await;
                for number in 0..count {
                    bench.run(operation, number).await;
                }
                let to = position(&bench.superuser).await;
                let written = written(&bench.superuser, &from, &to, count).await;
                text += &format!(
                    "| {} {round} | {} | {:.0} | {:.1} | {} |\n",
                    operation.name(),
                    bench.candidate.name(),
                    written.wal_bytes,
                    written.index_entries,
                    written
                        .hot
                        .map_or(String::new(), |share| format!("{:.0} %", share * 100.0)),
                );
            }
        }
    }
    text
}

/// Puts the measured tasks into an earlier era, where there are eras.
async fn age(bench: &Bench) {
    if bench.candidate == Candidate::Calls {
        let sql = format!("update tasks set era = era - 1 where user_id = '{USER}' and era > -1");
        bench
            .superuser
            .batch_execute(&sql)
            .await
            .expect("the superuser may");
    }
    let vacuum = bench.superuser.batch_execute("vacuum tasks").await;
    vacuum.expect("the superuser may");
}

async fn table_of_times(benches: &[Bench]) -> String {
    let mut text = String::from(
        "\n| by turns, through the pooler | | median ms | ratio | database's processor ms | ratio |\n|---|---|--:|--:|--:|--:|\n",
    );
    for operation in Operation::ALL
        .into_iter()
        .filter(|it| *it != Operation::Delete)
    {
        let mut wall: Vec<Vec<f64>> = vec![Vec::new(); benches.len()];
        let mut processor = vec![0.0; benches.len()];
        for turn in 0..=TURNS {
            for (place, bench) in benches.iter().enumerate() {
                let before = backends_ms(bench).await;
                for number in 0..IN_A_TURN {
                    let started = Instant::now();
                    bench.run(operation, number).await;
                    if turn > 0 {
                        wall[place].push(started.elapsed().as_secs_f64() * 1e3);
                    }
                }
                if turn > 0 {
                    processor[place] += backends_ms(bench).await - before;
                }
            }
        }
        let requests = (TURNS * IN_A_TURN) as f64;
        let reference = (quantile(&wall[0], 0.5), processor[0] / requests);
        for (place, bench) in benches.iter().enumerate() {
            let (median, used) = (quantile(&wall[place], 0.5), processor[place] / requests);
            text += &format!(
                "| {} | {} | {median:.3} | {:.2} | {used:.3} | {:.2} |\n",
                operation.name(),
                bench.candidate.name(),
                median / reference.0,
                used / reference.1,
            );
        }
    }
    text
}

/// Changes a fifth of the rows, with the vacuums that the table's settings ask of
/// autovacuum meanwhile: one for every 20 % of changed rows by default, one for
/// every 2 % today.
async fn change_a_fifth(bench: &Bench) {
    let vacuum = async || {
        let done = bench.superuser.batch_execute("vacuum analyze tasks").await;
        done.expect("the superuser may");
    };
    vacuum().await;
    for part in 0..10 {
        if bench.candidate == Candidate::Calls {
            vacuum().await;
        }
        let change = format!(
            "update tasks set version = version + 1
            where user_id like 'with-%' and get_byte(uuid_send(id), 15) % 50 = {part}"
        );
        let done = bench.superuser.batch_execute(&change).await;
        done.expect("the superuser may");
    }
}

/// Puts the lists of the flights beside those of the calls.
async fn table_of_lists(benches: &[Bench]) -> String {
    let mut text = String::new();
    for bench in benches {
        change_a_fifth(bench).await;
    }
    text += "\n| by turns, through the pooler | tasks of the user | flight, ms | call, ms | ratio | flight, processor ms | call | ratio |\n|---|--:|--:|--:|--:|--:|--:|--:|\n";
    for list in lists::all() {
        let mut wall = [Vec::new(), Vec::new()];
        let mut processor = [0.0; 2];
        let mut requests = 0.0;
        for turn in 0..=TURNS {
            for (place, bench) in benches.iter().enumerate() {
                let before = backends_ms(bench).await;
                for _ in 0..list.rounds {
                    let started = Instant::now();
                    let done = bench.candidate.list(&bench.client, &list).await;
                    done.unwrap_or_else(|error| panic!("{}: {error:?}", list.name));
                    wall[place].push(started.elapsed().as_secs_f64() * 1e3);
                }
                processor[place] += backends_ms(bench).await - before;
            }
            if turn == 0 {
                (wall, processor) = Default::default();
            } else {
                requests += list.rounds as f64;
            }
        }
        let [flight, call] = wall.map(|times| quantile(&times, 0.5));
        let [flight_used, call_used] = processor.map(|used| used / requests);
        text += &format!(
            "| {} | {} | {flight:.3} | {call:.3} | {:.2} | {flight_used:.3} | {call_used:.3} | {:.2} |\n",
            list.name,
            list.tasks,
            call / flight,
            call_used / flight_used,
        );
    }
    text
}

/// Processor time of the server processes that work for a candidate's login.
async fn backends_ms(bench: &Bench) -> f64 {
    let sql = "
        select pid
        from pg_stat_activity
        where datname = current_database()
        and pid <> pg_backend_pid()
        and usename <> 'pooler'";
    let rows = bench.superuser.query_typed(sql, &[]).await;
    let rows = rows.expect("the superuser may");
    rows.iter().map(|row| processor_ms(row.get(0))).sum()
}

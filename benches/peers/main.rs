//! This service beside the one that it replaces and an alternative.
//!
//! `cargo bench --bench peers` runs the release binaries of four functions, the
//! same four operations in Python and in Node.js on Lambda's own runtimes, and
//! lower bounds of both, in turn: through a stand-in for the Lambda Runtime API, with
//! events of API Gateway and a real EdDSA token, against PostgreSQL behind
//! PgBouncer over TLS. It prints tables and whether the targets are met.
//!
//! After `--`: `--quick` for fewer rounds, `--cpu-share 128` to hold the CPU of
//! the functions to that of a Lambda of so many MB, `--delay 5` to put so many
//! milliseconds between the functions and the pooler, each way, `--json FILE`,
//! `--svg DIRECTORY`, and `--write` to write the output into docs/measurements.md.
//!
//! The benchmark builds and installs its programs below `target/`, and needs Linux:
//! it reads the cost of a process from `/proc`.

mod candidate;
mod fastapi;
mod figures;
mod measure;
mod node;
mod operation;
mod pictures;
mod running;
mod setup;
mod table;
mod targets;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use candidate::{Candidate, Programs};
use figures::Figures;
use measure::{ENVIRONMENTS, Extent, Measurement};
use operation::Operation;
use setup::Setup;
use testing::measuring::options::Options;
use testing::measuring::throttle::Share;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::read();
    let share = options.cpu_share.map(Share::of_lambda);
    let extent = if options.quick {
        Extent::QUICK
    } else {
        Extent::WHOLE
    };
    let programs = Programs::make_ready();
    let started = Instant::now();
    let setup = Setup::prepare(Duration::from_millis(options.delay_ms)).await;
    let mut results = Vec::new();
    for operation in Operation::ALL {
        eprintln!("        Measuring {} ...", operation.name());
        let measurement = Measurement {
            operation,
            programs: &programs,
            setup: &setup,
            share,
            extent: &extent,
        };
        results.push((operation, measurement.run().await));
    }

    let command = Options::command("peers");
    let conditions = conditions(&options, share, &extent);
    let mut text = format!(
        "`{command}`\n\n{conditions}\n\n{}",
        targets::table(&results)
    );
    if let Some(directory) = &options.svg {
        pictures::draw(directory, &results);
    }
    if options.write {
        for (file, title) in pictures::NAMES {
            text += &format!("\n![{title}](images/{file})\n");
        }
    }
    for (operation, figures) in &results {
        text += &format!("\n{}", table::table(*operation, figures));
    }
    let json = json!({
        "command": command,
        "conditions": conditions,
        "operations": results.iter().map(to_json).collect::<Vec<_>>(),
    });
    options.publish("peers", started, &text, &json);
}

/// The conditions of the figures, a sentence a line.
fn conditions(options: &Options, share: Option<Share>, extent: &Extent) -> String {
    let cpus = std::thread::available_parallelism().map_or(1, |cpus| cpus.get());
    let mut lines = vec![
        format!(
            "Medians, with the 10th and the 90th percentile in parentheses, of {} cold starts and {} rounds of up to {} warm requests by each candidate in turn, on {cpus} CPUs that also run PostgreSQL, PgBouncer and the measuring program.",
            extent.cold_rounds, extent.warm_rounds, extent.burst
        ),
        "Ratios are of neighbours in time, so that a slow moment of the machine is in both.".into(),
        format!(
            "Requests per second are those of {ENVIRONMENTS} environments that always have one, median of {} rounds.",
            extent.busy_rounds
        ),
        "The functions are built as they are deployed, with the release profile and OpenSSL in them, but for this machine's processor and C library.".into(),
        "All work on the same table with the same indexes, through PgBouncer over TLS; `fsync` is off.".into(),
        "This service also checks that the user exists and works under row-level security; the peers use a role that is spared both.".into(),
        "FastAPI opens a connection for each use (NullPool); the two bare ones are sent by the measuring program on a kept connection: the call that this service makes, and the plain statement of the peers.".into(),
        "A connection or round trip is one on the line between function and pooler, of a warm request; MB are of a million bytes, and of a zip without what Lambda's runtimes bring.".into(),
    ];
    if options.delay_ms > 0 {
        lines.push(format!(
            "The line between functions and pooler takes {} ms each way, and up to 1 ms more by the clock of the program that delays it.",
            options.delay_ms
        ));
    }
    if let Some(share) = share {
        lines.push(format!("{}.", share.describe()));
    }
    lines.join("\n")
}

fn to_json((operation, all): &(Operation, Vec<Figures>)) -> Value {
    let python = figures::of(all, Candidate::Fastapi);
    json!({
        "operation": operation.name(),
        "request": operation.describe(),
        "candidates": all.iter().map(|it| it.json(python)).collect::<Vec<_>>(),
    })
}

//! A running candidate.

use std::time::{Duration, Instant};

use serde_json::Value;
use testing::runtime_api::Function;
use tokio_postgres::Client;

use super::candidate::{Candidate, Programs, environment};
use super::operation::Operation;
use super::setup::Setup;
use testing::measuring::processes::{cpu_ms, peak_memory_mb};
use testing::measuring::throttle::{Held, Share};

/// The environments of a function, or the connections of a bare statement.
pub struct Running<'g> {
    pub candidate: Candidate,
    operation: Operation,
    setup: &'g Setup,
    share: Option<Share>,
    kind: Kind,
}

enum Kind {
    // Fields are dropped in this order: only an empty control group can be removed.
    Function(Function, Vec<Held>),
    Statement(Vec<Client>),
}

impl<'g> Running<'g> {
    /// Starts one environment, waits for the end of its init phase, and returns its
    /// milliseconds.
    pub async fn start(
        candidate: Candidate,
        operation: Operation,
        programs: &Programs,
        setup: &'g Setup,
        database_url: &str,
        share: Option<Share>,
    ) -> (Self, f64) {
        let started = Instant::now();
        let mut running = Self {
            candidate,
            operation,
            setup,
            share,
            kind: Kind::Statement(Vec::new()),
        };
        if !candidate.is_function() {
            let client = setup.service.connect(database_url).await;
            running.kind = Kind::Statement(vec![client]);
            return (running, milliseconds(started));
        }
        let program = programs.program(candidate, operation);
        let environment = environment(candidate, setup, database_url);
        let function = Function::start_program(&program, &environment);
        running.kind = Kind::Function(function.expect("it starts"), Vec::new());
        let process = running.processes()[0];
        let init = running.admit(process).await;
        (running, init.as_secs_f64() * 1e3)
    }

    /// Starts one more environment.
    pub async fn add(&mut self) {
        match &mut self.kind {
            Kind::Function(function, _) => {
                let process = function.add_process().expect("it starts");
                self.admit(process).await;
            }
            Kind::Statement(clients) => {
                let url = self.setup.database_url();
                clients.push(self.setup.service.connect(url).await);
            }
        }
    }

    /// Waits for the end of an init phase, and limits the process from there on.
    async fn admit(&mut self, process: u32) -> Duration {
        let Kind::Function(function, held) = &mut self.kind else {
            return Duration::ZERO;
        };
        let init = function.ready(process).await.expect("it becomes ready");
        held.extend(self.share.map(|share| share.hold(process)));
        init
    }

    /// Milliseconds of one request. A function gets `event`; a bare statement uses
    /// the connection with the number `environment`.
    pub async fn request(&self, event: &Value, environment: usize) -> f64 {
        let started = Instant::now();
        match &self.kind {
            Kind::Function(function, _) => {
                let answer = function.invoke(event).await;
                let elapsed = milliseconds(started);
                let answer = answer.expect("it answers");
                let status = &answer["statusCode"];
                let who = self.candidate.name();
                assert!(*status == 200 || *status == 201, "{who} answers {answer}");
                elapsed
            }
            Kind::Statement(clients) => {
                let (client, setup) = (&clients[environment], self.setup);
                let done = match self.candidate {
                    Candidate::Call => self.operation.call(client, setup).await,
                    _ => self.operation.run_statement(client, setup).await,
                };
                done.expect("it runs");
                milliseconds(started)
            }
        }
    }

    /// Asserts that the candidate gives the right answer.
    pub async fn check(&self, event: &Value) {
        if let Kind::Function(function, _) = &self.kind
            && self.candidate != Candidate::Empty
        {
            let answer = function.invoke(event).await.expect("it answers");
            self.operation.check(&answer, self.candidate.name());
        }
    }

    /// CPU time of all processes so far; 0 for a bare statement.
    pub fn cpu_ms(&self) -> f64 {
        self.processes().into_iter().map(cpu_ms).sum()
    }

    /// The peak memory of the largest process.
    pub fn peak_memory_mb(&self) -> f64 {
        let peaks = self.processes().into_iter().map(peak_memory_mb);
        peaks.fold(f64::NAN, f64::max)
    }

    fn processes(&self) -> Vec<u32> {
        match &self.kind {
            Kind::Function(function, _) => function.process_ids(),
            Kind::Statement(_) => Vec::new(),
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

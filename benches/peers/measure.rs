//! The measurement of one operation by all candidates, in turn.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;

use super::candidate::{Candidate, Programs};
use super::figures::{Figures, Wire};
use super::operation::Operation;
use super::running::Running;
use super::setup::Setup;
use testing::measuring::statistics::quantile;
use testing::measuring::throttle::Share;

/// The extent of a run.
pub struct Extent {
    /// The number of environments of each candidate, one after the other.
    pub cold_rounds: usize,
    /// The number of turns of each warm candidate.
    pub warm_rounds: usize,
    /// Requests in a turn, unless they take longer than [`TURN`].
    pub burst: usize,
    pub busy_rounds: usize,
    pub busy_time: Duration,
}

impl Extent {
    pub const QUICK: Self = Self {
        cold_rounds: 3,
        warm_rounds: 8,
        burst: 20,
        busy_rounds: 1,
        busy_time: Duration::from_millis(800),
    };
    pub const WHOLE: Self = Self {
        cold_rounds: 15,
        warm_rounds: 40,
        burst: 40,
        busy_rounds: 5,
        busy_time: Duration::from_secs(1),
    };
}

/// The number of environments that answer at the same time.
pub const ENVIRONMENTS: usize = 4;

const TURN: Duration = Duration::from_millis(800);
const AT_LEAST: usize = 3;

/// The number of requests after which a runtime has compiled and cached its code.
const WARM_UP: usize = 30;

/// A measurement of one operation.
pub struct Measurement<'a> {
    pub operation: Operation,
    pub programs: &'a Programs,
    pub setup: &'a Setup,
    pub share: Option<Share>,
    pub extent: &'a Extent,
}

impl Measurement<'_> {
    pub async fn run(&self) -> Vec<Figures> {
        let events = self.operation.events(self.setup);
        let mut figures: Vec<Figures> = Candidate::ALL.map(Figures::of).into();
        for figures in &mut figures {
            let package = self.programs.package_mb(figures.candidate, self.operation);
            figures.package_mb = package;
            figures.wire = self.count(figures.candidate, &events[0]).await;
        }
        self.measure_cold(&mut figures, &events).await;
        self.measure_warm(&mut figures, &events).await;
        figures
    }

    async fn start(
        &self,
        candidate: Candidate,
        url: &str,
        share: Option<Share>,
    ) -> (Running<'_>, f64) {
        let (programs, setup) = (self.programs, self.setup);
        Running::start(candidate, self.operation, programs, setup, url, share).await
    }

    /// Connections and turns of two requests: the first one with its init phase,
    /// and a later one.
    async fn count(&self, candidate: Candidate, event: &Value) -> Wire {
        let (line, url) = self.setup.counted();
        let (running, _) = self.start(candidate, &url, None).await;
        running.request(event, 0).await;
        let cold = (line.connections(), line.turns());
        line.reset();
        running.request(event, 0).await;
        let warm = (line.connections(), line.turns());
        Wire { cold, warm }
    }

    async fn measure_cold(&self, figures: &mut [Figures], events: &[Value]) {
        for round in 0..self.extent.cold_rounds {
            for candidate in in_turn(round) {
                let figures = &mut figures[candidate];
                let url = self.setup.database_url();
                let (running, init) = self.start(figures.candidate, url, self.share).await;
                let event = &events[round % events.len()];
                figures.init_ms.push(init);
                figures.first_ms.push(running.request(event, 0).await);
                figures.cold_cpu_ms.push(running.cpu_ms());
            }
        }
    }

    async fn measure_warm(&self, figures: &mut [Figures], events: &[Value]) {
        let mut all = Vec::new();
        for candidate in Candidate::ALL {
            let url = self.setup.database_url();
            let (running, _) = self.start(candidate, url, self.share).await;
            self.warm_up(&running, events).await;
            all.push(running);
        }
        for round in 0..self.extent.warm_rounds {
            for candidate in in_turn(round) {
                let (figures, running) = (&mut figures[candidate], &all[candidate]);
                let cpu_before = running.cpu_ms();
                let times = self.burst(running, events).await;
                let cpu = running.cpu_ms() - cpu_before;
                figures.cpu_ms.push(cpu / times.len() as f64);
                figures.round_p50_ms.push(quantile(&times, 0.5));
                figures.warm_ms.extend(times);
            }
        }
        for (figures, running) in figures.iter_mut().zip(&mut all) {
            figures.peak_memory_mb = running.peak_memory_mb();
            for _ in 1..ENVIRONMENTS {
                running.add().await;
            }
            self.keep_busy(running, events, self.extent.busy_time / 4)
                .await;
        }
        for round in 0..self.extent.busy_rounds {
            for candidate in in_turn(round) {
                let (figures, running) = (&mut figures[candidate], &all[candidate]);
                let rate = self.keep_busy(running, events, self.extent.busy_time).await;
                figures.per_second.push(rate);
            }
        }
    }

    async fn warm_up(&self, running: &Running<'_>, events: &[Value]) {
        let started = Instant::now();
        running.check(&events[0]).await;
        for event in events.iter().cycle().take(WARM_UP) {
            running.request(event, 0).await;
            if started.elapsed() > 2 * TURN {
                return;
            }
        }
    }

    async fn burst(&self, running: &Running<'_>, events: &[Value]) -> Vec<f64> {
        let started = Instant::now();
        let mut times = Vec::with_capacity(self.extent.burst);
        for event in events.iter().cycle().take(self.extent.burst) {
            times.push(running.request(event, 0).await);
            if times.len() >= AT_LEAST && started.elapsed() > TURN {
                break;
            }
        }
        times
    }

    /// Requests per second while every environment has one.
    async fn keep_busy(&self, running: &Running<'_>, events: &[Value], time: Duration) -> f64 {
        let started = Instant::now();
        let client = async |number: usize| {
            let mut count = 0;
            // Environments begin at different tasks, so that they change different tasks.
            let mut at = number * events.len() / ENVIRONMENTS;
            while started.elapsed() < time {
                running.request(&events[at % events.len()], number).await;
                at += 1;
                count += 1;
            }
            count
        };
        let counts = join_all((0..ENVIRONMENTS).map(client)).await;
        f64::from(counts.into_iter().sum::<u32>()) / started.elapsed().as_secs_f64()
    }
}

/// The candidates of a round. They are seven, a prime, so each follows each other
/// one as often.
fn in_turn(round: usize) -> impl Iterator<Item = usize> {
    let count = Candidate::ALL.len();
    let step = 1 + round % (count - 1);
    (0..count).map(move |turn| (round + turn * step) % count)
}

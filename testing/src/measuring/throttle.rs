//! The share of a CPU that Lambda gives to a function of so many MB.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::processes::cpu_ms_of_living;

/// "At 1,769 MB, a function has the equivalent of one vCPU":
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MB_OF_A_CPU: f64 = 1769.0;

/// The period of a share. The rest of a share is lost at the end of a period.
const PERIOD: Duration = Duration::from_millis(20);

/// The time between two looks at a process that is limited by signals.
const LOOK: Duration = Duration::from_micros(500);

/// The means to limit processes to a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// `cpu.max` of a control group of version 2.
    CpuMax,
    /// `cpu.cfs_quota_us` of one of version 1.
    CfsQuota,
    /// SIGSTOP when its share is used up, SIGCONT in the next period.
    Signals,
}

/// A share of a CPU.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    mb: u32,
    means: Means,
}

/// A process that is limited to a share until this is dropped.
pub struct Held {
    group: Option<PathBuf>,
    watch: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Share {
    /// The share of a function with so many MB of memory.
    pub fn of_lambda(mb: u32) -> Self {
        let works = |means: &Means| {
            let share = Self { mb, means: *means };
            let group = share.make_group(std::process::id());
            group.is_ok_and(|group| fs::remove_dir(group).is_ok())
        };
        let means = [Means::CpuMax, Means::CfsQuota].into_iter().find(works);
        Self {
            mb,
            means: means.unwrap_or(Means::Signals),
        }
    }

    /// A description for the output.
    pub fn describe(&self) -> String {
        let means = match self.means {
            Means::CpuMax => "cgroup v2, cpu.max",
            Means::CfsQuota => "cgroup v1, cpu.cfs_quota_us",
            Means::Signals => "SIGSTOP and SIGCONT",
        };
        format!(
            "after its init phase every function process has the CPU share of a {} MB Lambda, {:.1} % of a vCPU ({means})",
            self.mb,
            self.mb as f64 / MB_OF_A_CPU * 100.0,
        )
    }

    /// Limits a process.
    pub fn hold(&self, process: u32) -> Held {
        if self.means == Means::Signals {
            return self.hold_by_signals(process);
        }
        let group = self.make_group(process).expect("it could before");
        fs::write(group.join("cgroup.procs"), process.to_string()).expect("the process lives");
        Held {
            group: Some(group),
            watch: None,
        }
    }

    fn quota(&self) -> Duration {
        PERIOD.mul_f64(f64::from(self.mb) / MB_OF_A_CPU)
    }

    fn make_group(&self, process: u32) -> io::Result<PathBuf> {
        let (period, quota) = (PERIOD.as_micros(), self.quota().as_micros());
        let name = format!("todo-bench-{process}");
        let (root, limits) = match self.means {
            Means::CpuMax => (
                "/sys/fs/cgroup",
                vec![("cpu.max", format!("{quota} {period}"))],
            ),
            _ => (
                "/sys/fs/cgroup/cpu",
                vec![
                    ("cpu.cfs_period_us", period.to_string()),
                    ("cpu.cfs_quota_us", quota.to_string()),
                ],
            ),
        };
        let group = Path::new(root).join(name);
        fs::create_dir(&group)?;
        for (file, limit) in limits {
            // A control group without this file has no such limit.
            let mut options = fs::OpenOptions::new();
            let written = options
                .write(true)
                .open(group.join(file))
                .and_then(|mut file| io::Write::write_all(&mut file, limit.as_bytes()));
            if let Err(cause) = written {
                fs::remove_dir(&group)?;
                return Err(cause);
            }
        }
        Ok(group)
    }

    fn hold_by_signals(&self, process: u32) -> Held {
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        let quota_ms = self.quota().as_secs_f64() * 1e3;
        let id = Pid::from_raw(i32::try_from(process).expect("it is a process id"));
        let watch = thread::spawn(move || {
            let mut allowed_ms = f64::INFINITY;
            while !is_over.load(Ordering::Relaxed) {
                let Some(used_ms) = cpu_ms_of_living(process) else {
                    return;
                };
                // A process owes the time that it used beyond its share.
                allowed_ms = used_ms.min(allowed_ms) + quota_ms;
                let end = Instant::now() + PERIOD;
                let mut stopped = false;
                while Instant::now() < end {
                    let used_ms = cpu_ms_of_living(process).unwrap_or_default();
                    if !stopped && used_ms >= allowed_ms {
                        stopped = kill(id, Signal::SIGSTOP).is_ok();
                    }
                    thread::sleep(LOOK);
                }
                if stopped {
                    // The process may have ended meanwhile.
                    kill(id, Signal::SIGCONT).unwrap_or_default();
                }
            }
        });
        Held {
            group: None,
            watch: Some((over, watch)),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((over, watch)) = self.watch.take() {
            over.store(true, Ordering::Relaxed);
            watch.join().expect("the watch does not panic");
        }
        if let Some(group) = &self.group
            && let Err(cause) = fs::remove_dir(group)
        {
            eprintln!("{} stays behind: {cause}", group.display());
        }
    }
}

//! What Linux knows of a process.

use std::fs;

/// Linux counts in these steps in `/proc/<id>/stat`, on every machine.
const STEP_MS: f64 = 10.0;

/// Milliseconds that it has had a CPU.
pub fn cpu_ms(process: u32) -> f64 {
    cpu_ms_of_living(process).expect("the process lives, and this is Linux")
}

/// The same, for as long as there is such a process.
///
/// Neither source is too high, so the higher one is right: the first is exact
/// and does not know of threads that ended (Mangum starts one for each
/// request), the second knows of them and has coarse steps.
pub fn cpu_ms_of_living(process: u32) -> Option<f64> {
    Some(of_living_threads(process)?.max(of_all_threads(process)?))
}

fn of_living_threads(process: u32) -> Option<f64> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    Some(nanoseconds.sum::<f64>() / 1e6)
}

/// In user and in kernel mode, fields 14 and 15 of `proc_pid_stat(5)`; the
/// name before them may hold anything.
fn of_all_threads(process: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let steps = fields.split_whitespace().skip(11).take(2);
    steps
        .map(|steps| steps.parse::<f64>().ok())
        .sum::<Option<f64>>()
        .map(|it| it * STEP_MS)
}

/// The most memory that it has held at a time, in MB of a million bytes.
pub fn peak_memory_mb(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.expect("the process lives, and this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = kib.and_then(|kib| kib.parse().ok()).expect("it has memory");
    kib * 1024.0 / 1e6
}

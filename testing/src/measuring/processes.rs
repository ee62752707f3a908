//! CPU time and memory of a process, from Linux.

use std::fs;

/// The unit of times in `/proc/<id>/stat`, on every machine.
const STEP_MS: f64 = 10.0;

/// CPU time in milliseconds.
pub fn cpu_ms(process: u32) -> f64 {
    cpu_ms_of_living(process).expect("the process lives, and this is Linux")
}

/// CPU time in milliseconds, or `None` when the process has ended.
///
/// The higher of two sources is right, because neither counts too much: the first
/// is exact and misses threads that have ended (Mangum starts one for each
/// request), the second counts these and has coarse steps.
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

/// CPU time in user and in kernel mode: fields 14 and 15 of `proc_pid_stat(5)`. The
/// name in front may contain spaces and brackets.
fn of_all_threads(process: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let steps = fields.split_whitespace().skip(11).take(2);
    steps
        .map(|steps| steps.parse::<f64>().ok())
        .sum::<Option<f64>>()
        .map(|it| it * STEP_MS)
}

/// The peak of resident memory, in MB of a million bytes.
pub fn peak_memory_mb(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.expect("the process lives, and this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = kib.and_then(|kib| kib.parse().ok()).expect("it has memory");
    kib * 1024.0 / 1e6
}

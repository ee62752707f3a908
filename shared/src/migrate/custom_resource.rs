//! The migrations as a custom resource of CloudFormation: a deployment runs
//! them before its new functions, and one that fails rolls it back.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::response_url::ResponseUrl;
use super::{MigrateError, Serving, run};
use crate::config::log_level;
use crate::log::log_from;

/// What is left of the Lambda deadline for answering. Nothing else tells
/// CloudFormation that the work is over, and it waits for up to an hour.
const ANSWER_MARGIN: Duration = Duration::from_secs(20);

/// There is one set of migrations, whatever its version: CloudFormation
/// deletes what it knew by another id.
const PHYSICAL_ID: &str = "migrations";

/// CloudFormation takes a response of 4096 bytes.
const MAX_REASON_CHARS: usize = 800;

/// Whether Lambda runs this program, rather than a shell.
#[must_use]
pub fn is_deployed() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Answers CloudFormation until the environment ends.
pub async fn serve() -> ExitCode {
    // A bad level is no reason to leave CloudFormation without an answer.
    log_from(log_level().unwrap_or(tracing::Level::INFO));
    let handler = |event: LambdaEvent<Value>| async move {
        let deadline = deadline(event.context.deadline(), SystemTime::now());
        answer(&event.payload, deadline).await
    };
    match lambda_runtime::run(service_fn(handler)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(cause = %error, "the Lambda runtime ended");
            ExitCode::FAILURE
        }
    }
}

/// # Errors
/// When there is nobody to answer, or the answer did not arrive: Lambda then
/// invokes the function again, twice, and migrating twice does no harm.
async fn answer(event: &Value, deadline: Instant) -> Result<(), Error> {
    let response_url = ResponseUrl::parse(text(event, "ResponseURL"))
        .inspect_err(|sentence| tracing::error!("{sentence}"))?;
    let work = AssertUnwindSafe(carry_out(event, deadline)).catch_unwind();
    let outcome = work
        .await
        .unwrap_or_else(|_| Err(MigrateError("The migration program panicked.".into())));
    match &outcome {
        Ok(()) => tracing::info!(request = text(event, "RequestType"), "carried out"),
        Err(error) => tracing::error!("{error}"),
    }
    let response = response(event, &outcome);
    response_url
        .put(&response, deadline + ANSWER_MARGIN)
        .await
        .inspect_err(|sentence| tracing::error!("{sentence}"))?;
    Ok(())
}

async fn carry_out(event: &Value, deadline: Instant) -> Result<(), MigrateError> {
    match text(event, "RequestType") {
        "Create" | "Update" => timeout_at(deadline, run(serving(event), |line| tracing::info!("{line}")))
            .await
            .unwrap_or_else(|_| {
                Err(MigrateError(
                    "The migrations took too long; run `cargo run --bin migrate` from a shell, then deploy again.".into(),
                ))
            }),
        // A stack can be made again, the data cannot.
        "Delete" => Ok(()),
        _ => Err(MigrateError(
            "The event has no RequestType that is known here.".into(),
        )),
    }
}

/// Which release serves while this event is carried out: the one that the stack
/// had before.
fn serving(event: &Value) -> Serving {
    let old = text(&event["OldResourceProperties"], "Version").parse();
    old.map_or(Serving::Unknown, Serving::Release)
}

fn response(event: &Value, outcome: &Result<(), MigrateError>) -> Value {
    let physical_id = match text(event, "PhysicalResourceId") {
        "" => PHYSICAL_ID,
        known => known,
    };
    let mut response = json!({
        "Status": if outcome.is_ok() { "SUCCESS" } else { "FAILED" },
        "PhysicalResourceId": physical_id,
        "StackId": text(event, "StackId"),
        "RequestId": text(event, "RequestId"),
        "LogicalResourceId": text(event, "LogicalResourceId"),
    });
    if let Err(MigrateError(sentence)) = outcome {
        let reason: String = sentence.chars().take(MAX_REASON_CHARS).collect();
        response["Reason"] = json!(reason);
    }
    response
}

/// A member of an event that may be bad: empty where it is no text.
fn text<'a>(event: &'a Value, member: &str) -> &'a str {
    event[member].as_str().unwrap_or_default()
}

/// When the work has to be over.
fn deadline(ends: SystemTime, now: SystemTime) -> Instant {
    let left = ends.duration_since(now).unwrap_or_default();
    Instant::now() + left.saturating_sub(ANSWER_MARGIN).max(left / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_keeps_its_margin() {
        let now = SystemTime::now();
        let work_seconds = |left| {
            let ends = now + Duration::from_secs(left);
            (deadline(ends, now) - Instant::now()).as_secs_f64().round()
        };
        assert_eq!(work_seconds(300), 280.0);
        assert_eq!(work_seconds(30), 15.0);
        assert_eq!(work_seconds(0), 0.0);
    }

    #[test]
    fn a_long_reason_fits_into_a_response() {
        let outcome = Err(MigrateError("ä".repeat(5000)));
        let response = response(&json!({"RequestId": 5}), &outcome).to_string();
        assert!(response.len() < 4096, "{}", response.len());
    }
}

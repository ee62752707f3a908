//! The migrations as a custom resource of CloudFormation: a deployment runs
//! them before its new functions, and one that fails rolls it back.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::response_url::ResponseUrl;
use super::{MigrateError, Serving, run_until};
use crate::config::{hexadecimal, log_level};
use crate::log::log_from;

/// The part of the Lambda deadline that is kept for answering. Nothing else tells
/// CloudFormation that the work is over, and it waits for up to an hour.
const ANSWER_MARGIN: Duration = Duration::from_secs(20);

/// There is one set of migrations, whatever its version: CloudFormation
/// deletes what it knew by another id.
const PHYSICAL_ID: &str = "migrations";

/// CloudFormation takes a response of 4096 bytes.
const MAX_REASON_CHARS: usize = 800;

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
        .unwrap_or_else(|_| Err(MigrateError::lasting("The migration program panicked.")));
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
    match order(event)? {
        Order::Migrate { serving } => {
            run_until(deadline, serving, |line| tracing::info!("{line}")).await
        }
        Order::Leave { why } => {
            tracing::info!("{why}");
            Ok(())
        }
    }
}

/// The request of CloudFormation.
#[derive(Debug, PartialEq)]
enum Order {
    /// Bring the database up to date, while the release that the stack had
    /// before serves.
    Migrate { serving: Serving },
    /// Do nothing, which succeeds even without a database.
    Leave { why: &'static str },
}

fn order(event: &Value) -> Result<Order, MigrateError> {
    let version = |properties: &str| text(&event[properties], "Version").parse().ok();
    let new: Option<i32> = version("ResourceProperties");
    let serving = version("OldResourceProperties");
    match text(event, "RequestType") {
        "Update" if new.zip(serving).is_some_and(|(new, serving)| new < serving) => {
            Ok(Order::Leave {
                why: "an older version takes the place of a newer one: migrations are never taken back",
            })
        }
        "Create" | "Update" => Ok(Order::Migrate {
            serving: serving.map_or(Serving::Unknown, Serving::Release),
        }),
        "Delete" => Ok(Order::Leave {
            why: "the stack ends: it can be made again, the data cannot",
        }),
        _ => Err(MigrateError::lasting(
            "The event has no RequestType that is known here.",
        )),
    }
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
    match outcome {
        Ok(()) => response["Data"] = json!({"Deployment": deployment(event)}),
        Err(error) => {
            let reason: String = error.to_string().chars().take(MAX_REASON_CHARS).collect();
            response["Reason"] = json!(reason);
        }
    }
    response
}

/// A text that differs when any property does, and the same for the same ones,
/// so that a rollback finds what was there before. The template lets it publish
/// a version of each function.
fn deployment(event: &Value) -> String {
    let properties = event["ResourceProperties"].to_string();
    let hash = digest(&SHA256, properties.as_bytes());
    hexadecimal(&hash.as_ref()[..8])
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
        let outcome = Err(MigrateError::lasting("ä".repeat(5000)));
        let response = response(&json!({"RequestId": 5}), &outcome).to_string();
        assert!(response.len() < 4096, "{}", response.len());
    }

    fn update(new: &Value, old: &Value) -> Value {
        json!({
            "RequestType": "Update",
            "ResourceProperties": new,
            "OldResourceProperties": old,
        })
    }

    #[test]
    fn a_new_stack_and_one_of_the_same_or_a_newer_version_are_migrated() {
        let create = json!({"RequestType": "Create", "ResourceProperties": {"Version": "11"}});
        let serving = Serving::Unknown;
        assert_eq!(order(&create).ok(), Some(Order::Migrate { serving }));
        for (new, old, serving) in [
            (
                json!({"Version": "12"}),
                json!({"Version": "11"}),
                Serving::Release(11),
            ),
            (
                json!({"Version": "11"}),
                json!({"Version": "11"}),
                Serving::Release(11),
            ),
            // As numbers, and not as texts.
            (
                json!({"Version": "10"}),
                json!({"Version": "9"}),
                Serving::Release(9),
            ),
            (json!({"Version": "11"}), json!({}), Serving::Unknown),
            (json!({}), json!({"Version": "11"}), Serving::Release(11)),
            (
                json!({"Version": "11"}),
                json!({"Version": "0011-54"}),
                Serving::Unknown,
            ),
        ] {
            let expected = Some(Order::Migrate { serving });
            assert_eq!(order(&update(&new, &old)).ok(), expected, "{new} {old}");
        }
    }

    #[test]
    fn an_older_version_and_the_end_of_a_stack_leave_the_database_alone() {
        for event in [
            update(&json!({"Version": "9"}), &json!({"Version": "10"})),
            json!({"RequestType": "Delete", "ResourceProperties": {"Version": "11"}}),
        ] {
            let order = order(&event).expect("it is known");
            assert!(matches!(order, Order::Leave { .. }), "{event}");
        }
        assert!(order(&json!({"RequestType": "Repair"})).is_err());
    }

    #[test]
    fn a_deployment_is_known_by_its_properties() {
        let of = |properties: Value| deployment(&json!({"ResourceProperties": properties}));
        let one = of(json!({"Version": "11", "Parameters": [["a", "b"]]}));
        assert_eq!(
            one,
            of(json!({"Parameters": [["a", "b"]], "Version": "11"}))
        );
        assert_eq!(one.len(), 16);
        assert_ne!(
            one,
            of(json!({"Version": "11", "Parameters": [["a", "c"]]}))
        );
        assert_ne!(
            one,
            of(json!({"Version": "12", "Parameters": [["a", "b"]]}))
        );
    }
}

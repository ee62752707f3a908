//! Input from outside is read without a panic, whatever it is, and accepted
//! input keeps its rules.
//!
//! Each input begins as a file of `corpus/` and is changed at random places.
//! `cargo test -p shared fuzz` tries 256 of each; `PROPTEST_CASES=100000` more.
//! An input that once broke something is put into `corpus/`.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};
use lambda_http::{Context, LambdaEvent, Request};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use uuid::Uuid;

use crate::auth::{Deletion, Login, ProfileChanges, Refresh, Registration};
use crate::http::encode_query;
use crate::http::request;
use crate::input::fields::{Fields, FromFields};
use crate::model::batch::Batch;
use crate::model::conditions::Precondition;
use crate::model::cursor::{Key, Position};
use crate::model::filter::Filter;
use crate::model::idempotency::IdempotencyKey;
use crate::model::page::{Page, Total};
use crate::model::since::Since;
use crate::model::sort::{By, Direction, Sort};
use crate::model::task::{NewTask, TaskChanges};
use crate::problem::Violation;

/// Texts on which readers stumble.
const PIECES: [&str; 24] = [
    "\0",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "🦀",
    "\u{feff}",
    "\"",
    "\\",
    "/",
    "~",
    "%",
    "%00",
    "%ff",
    "&",
    "=",
    "&&",
    "[",
    "{",
    "}",
    "null",
    "-0",
    "1e999",
    "99999999999999999999",
    "..",
];

/// One change: here, so many bytes give way to this.
type Mutation = (Index, usize, &'static str);

/// A file of the corpus, changed at up to eight places.
pub(crate) fn mutated(kind: &str) -> impl Strategy<Value = String> + use<> {
    select(corpus(kind)).prop_flat_map(mutations_of)
}

/// `text`, changed at up to eight places.
pub(crate) fn mutations_of(text: String) -> impl Strategy<Value = String> {
    let mutation = (any::<Index>(), 0..8usize, select(&PIECES[..]));
    prop::collection::vec(mutation, 0..8)
        .prop_map(move |mutations| mutate(text.clone(), &mutations))
}

fn mutate(seed: String, mutations: &[Mutation]) -> String {
    let mut bytes = seed.into_bytes();
    for (place, length, piece) in mutations {
        let start = place.index(bytes.len() + 1);
        let end = bytes.len().min(start + length);
        bytes.splice(start..end, piece.bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn corpus(kind: &str) -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let files = fs::read_dir(directory.join(kind)).expect("the corpus has this kind");
    let mut seeds: Vec<String> = files
        .map(|file| fs::read_to_string(file.expect("it is there").path()).expect("it is text"))
        .collect();
    seeds.sort();
    seeds
}

fn read<T: FromFields>(json: &str) -> Option<Result<T, Vec<Violation>>> {
    Some(Fields::parse(json.as_bytes()).ok()?.into())
}

/// A refusal says where the value is wrong, and can be sent.
fn check_refusal<T: FromFields>(json: &str) {
    let Some(Err(violations)) = read::<T>(json) else {
        return;
    };
    assert!(!violations.is_empty());
    for violation in violations {
        assert!(violation.pointer.starts_with('/'), "{violation:?}");
        assert!(violation.detail.ends_with('.'), "{violation:?}");
    }
}

proptest! {
    #[test]
    fn a_body_is_refused_or_keeps_the_rules(json in mutated("bodies")) {
        if let Some(Ok(task)) = read::<NewTask>(&json) {
            let title = task.title.as_str();
            prop_assert!((1..=200).contains(&title.chars().count()));
            prop_assert!(title.trim() == title && !title.contains('\0'));
            prop_assert!(task.description.as_str().chars().count() <= 1000);
            prop_assert!(!task.description.as_str().contains('\0'));
        }
        if let Some(Ok(batch)) = read::<Batch>(&json) {
            prop_assert!((1..=100).contains(&batch.operations.len()));
        }
        check_refusal::<NewTask>(&json);
        check_refusal::<TaskChanges>(&json);
        check_refusal::<Batch>(&json);
        check_refusal::<Registration>(&json);
        check_refusal::<Login>(&json);
        check_refusal::<ProfileChanges>(&json);
        check_refusal::<Deletion>(&json);
        check_refusal::<Refresh>(&json);
    }

    #[test]
    fn a_query_is_refused_or_keeps_the_bounds(query in mutated("queries")) {
        let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
        if let Ok(page) = Page::parse(pairs(), Total::Exact) {
            prop_assert!((1..=200).contains(&page.limit()));
            prop_assert!((0..=10_000).contains(&page.offset()));
        }
        if let Ok(since) = Since::parse(pairs()) {
            prop_assert!((1..=500).contains(&since.limit));
        }
        Page::of_everything(pairs()).ok();
    }

    #[test]
    fn a_cursor_that_was_changed_is_none(changed in mutations_of(cursor())) {
        let filter = Filter::default();
        let position = Position::decode(&changed, Sort::NEWEST_FIRST, &filter);
        prop_assert_eq!(position.is_some(), changed == cursor());
    }

    #[test]
    fn a_forged_cursor_is_none_unless_its_list_can_have_it(
        key in key(),
        by in select(By::ALL.to_vec()),
    ) {
        let sort = Sort { by, direction: Direction::Ascending };
        let filter = Filter::default();
        let forged = Position { sort, key, id: Uuid::nil() };
        if let Some(position) = Position::decode(&forged.encode(&filter), sort, &filter) {
            let year_is_stored = |year: i32| (1..=9999).contains(&year);
            let can_be = match (by, position.key) {
                (By::CreatedAt | By::UpdatedAt, Key::Moment(moment)) => year_is_stored(moment.year()),
                (By::DueDate, Key::Day(day)) => day.is_none_or(|day| year_is_stored(day.year())),
                (By::Title, Key::Text(text)) => !text.contains('\0') && text.chars().count() <= 200,
                _ => false,
            };
            prop_assert!(can_be);
        }
    }

    #[test]
    fn whatever_a_client_sends_is_read_without_a_panic(event in event()) {
        let payload = serde_json::from_value(event).expect("API Gateway sends events");
        let event = encode_query(LambdaEvent::new(payload, Context::default()));
        read_all_of(&event.payload.into());
    }
}

/// An event of API Gateway's, changed wherever a client can change it:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
fn event() -> impl Strategy<Value = Value> {
    let event: Value = serde_json::from_str(&corpus("events")[0]).expect("it is JSON");
    let headers = event["headers"].as_object().expect("it has headers");
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            let value = mutations_of(value.as_str().unwrap_or_default().to_owned());
            // Anything else is no HTTP.
            value
                .prop_map(|text| text.replace(|c: char| c.is_control(), ""))
                .prop_map({
                    let name = name.clone();
                    move |value| (name.clone(), Value::from(value))
                })
        })
        .collect();
    let parameter = mutations_of("019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70".into());
    let changed = (
        headers,
        parameter,
        mutated("queries"),
        mutated("bodies"),
        any::<bool>(),
    );
    changed.prop_map(move |(headers, parameter, query, body, in_base64)| {
        let mut event = event.clone();
        for (name, value) in headers {
            event["headers"][name] = value;
        }
        // API Gateway decodes the path.
        event["rawPath"] = format!("/api/v1/tasks/{parameter}").into();
        event["requestContext"]["http"]["path"] = event["rawPath"].clone();
        event["pathParameters"]["task_id"] = parameter.into();
        event["rawQueryString"] = query.into();
        event["isBase64Encoded"] = in_base64.into();
        event["body"] = match in_base64 {
            true => BASE64_STANDARD.encode(body).into(),
            false => body.into(),
        };
        event
    })
}

/// A key as anybody can write one into a cursor.
fn key() -> impl Strategy<Value = Key> {
    let days = (-100_000_000..100_000_000i32)
        .prop_map(|day| NaiveDate::from_num_days_from_ce_opt(day).unwrap_or_default());
    let moment = |day: NaiveDate| Key::Moment(day.and_time(NaiveTime::MIN).and_utc());
    prop_oneof![
        days.clone().prop_map(moment),
        prop::option::of(days).prop_map(Key::Day),
        ".{0,300}".prop_map(Key::Text),
        "\0".prop_map(Key::Text),
    ]
}

fn cursor() -> String {
    let position = Position {
        sort: Sort::NEWEST_FIRST,
        key: Key::Moment(DateTime::UNIX_EPOCH),
        id: Uuid::max(),
    };
    position.encode(&Filter::default())
}

/// Everything that a handler may read of a request.
fn read_all_of(request: &Request) {
    request::task_id(request).ok();
    request::page(request).ok();
    request::page_of_everything(request).ok();
    request::since(request).ok();
    request::expect_completed(request).ok();
    request::source_address(request);
    request::is_about(request, "ready");
    request::json_body::<NewTask>(request).ok();
    request::json_body::<Batch>(request).ok();
    Precondition::read(request).ok();
    IdempotencyKey::read(request).ok();
}

//! The problems, from the one table of kinds.

use serde_json::Value;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, Schema, Type};
use utoipa::openapi::{Components, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::answers::add_schema;
use super::headers;
use crate::problem::{Kind, Problem, ProblemBody, Violation};

/// Adds the general problem, and one schema for each kind of it: a client
/// that has compared `type` knows `status`, and that there are `errors`.
pub(super) fn add_to(components: &mut Components) {
    add_schema::<ProblemBody>(components);
    for kind in Kind::ALL {
        components.schemas.insert(schema_name(kind), schema(kind));
    }
}

/// Adds the answer for kinds of the same status, and returns its name.
pub(super) fn add_response(components: &mut Components, kinds: &[Kind]) -> String {
    let names: Vec<String> = kinds.iter().map(|kind| pascal(kind.name())).collect();
    let descriptions: Vec<&str> = kinds.iter().map(|kind| description(*kind)).collect();
    let examples = kinds.iter().map(|kind| {
        let example = ExampleBuilder::new().value(Some(example(*kind)));
        (kind.name(), example.build())
    });
    let content = ContentBuilder::new()
        .schema(Some(one_of(kinds)))
        .examples_from_iter(examples);
    let mut response = ResponseBuilder::new()
        .description(descriptions.join(" Or: "))
        .content("application/problem+json", content.build());
    let more = kinds.iter().filter_map(|kind| header(*kind));
    for name in headers::OF_EVERY_ANSWER
        .into_iter()
        .chain([headers::CACHE_CONTROL])
        .chain(more)
    {
        response = response.header_ref(headers::name(name), headers::reference(name));
    }
    let name = names.join("Or");
    components
        .responses
        .insert(name.clone(), response.build().into());
    name
}

fn one_of(kinds: &[Kind]) -> RefOr<Schema> {
    let reference = |kind: &Kind| Ref::from_schema_name(schema_name(*kind));
    match kinds {
        [kind] => reference(kind).into(),
        kinds => {
            let one_of = kinds.iter().map(reference);
            let one_of = one_of.fold(OneOfBuilder::new(), OneOfBuilder::item);
            Schema::from(one_of.build()).into()
        }
    }
}

/// The general problem with what this kind says in place of what any may say:
/// generators of clients leave out what is narrowed with `allOf`.
fn schema(kind: Kind) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut schema)) = ProblemBody::schema() else {
        unreachable!("a struct is an object");
    };
    schema.description = Some(description(kind).into());
    let mut narrow = |name: &str, value: RefOr<Schema>| {
        schema.properties.insert(name.to_owned(), value);
    };
    narrow("type", only(Type::String, kind.uri().into()));
    narrow("title", only(Type::String, kind.title().into()));
    narrow("status", only(Type::Integer, kind.status().as_u16().into()));
    // A value that breaks a rule is always named.
    if kind == Kind::Invalid {
        narrow("errors", Schema::from(violations().build()).into());
        schema.required.push("errors".into());
    }
    Schema::Object(schema).into()
}

fn violations() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(Ref::from_schema_name(Violation::name()))
        .min_items(Some(1))
}

fn only(schema_type: Type, value: Value) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(schema_type)
        .enum_values(Some([value]))
        .into()
}

fn schema_name(kind: Kind) -> String {
    format!("{}Problem", pascal(kind.name()))
}

/// `NotFound` of `not-found`.
pub(super) fn pascal(text: &str) -> String {
    text.split('-')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

/// The value of `type`.
impl PartialSchema for Kind {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "What went wrong; stable, and what a program compares.",
            ))
            .enum_values(Some(Self::ALL.map(Self::uri)))
            .into()
    }
}

impl ToSchema for Kind {
    fn name() -> std::borrow::Cow<'static, str> {
        "ProblemType".into()
    }
}

/// When it is answered.
fn description(kind: Kind) -> &'static str {
    match kind {
        Kind::BadRequest => {
            "The request is malformed: not JSON, an unknown or double query parameter, an id, a cursor or a header that is none."
        }
        Kind::Unauthorized => "There is no token, or one that is not good (any more).",
        Kind::Forbidden => "The path names another user than the token.",
        Kind::RegistrationClosed => "The operator lets nobody register here.",
        Kind::NotFound => "There is no such thing, or it is another user's.",
        Kind::Conflict => "The account does not allow it (any more).",
        Kind::Gone => "It was there and is not any more.",
        Kind::PreconditionFailed => {
            "The task is not at the version that was named; its current one is in `ETag`, and `errors` names the operation of a batch. Nothing was changed."
        }
        Kind::TooLarge => "The body has more than 256 KiB.",
        Kind::UnsupportedMediaType => "The body is not said to be JSON.",
        Kind::Invalid => "Values break rules; `errors` names each. Nothing was changed.",
        Kind::IdempotencyKeyReused => "The same `Idempotency-Key` came with another body before.",
        Kind::TooManyRequests => {
            "There were too many attempts; `Retry-After` says how many seconds to wait."
        }
        Kind::Internal => "The service made a mistake.",
        Kind::NotOffered => "The operator has not set up what this needs.",
        Kind::Unavailable => {
            "A service that the request needs, such as the database, cannot be reached for the moment. Nothing was changed: send it again after `Retry-After` seconds."
        }
        Kind::OutcomeUnknown => {
            "The connection to the database broke before it answered, so the change may have been made or not: read before you repeat it."
        }
    }
}

/// The headers of this kind besides those of every problem.
fn header(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Unauthorized => Some(headers::WWW_AUTHENTICATE),
        Kind::PreconditionFailed => Some(headers::CURRENT_ETAG),
        Kind::TooManyRequests | Kind::Unavailable | Kind::OutcomeUnknown => {
            Some(headers::RETRY_AFTER)
        }
        _ => None,
    }
}

/// A real one.
fn example(kind: Kind) -> Value {
    let problem = match kind {
        Kind::BadRequest => {
            Problem::bad_request("The query has a parameter that is not known here.")
        }
        Kind::Unauthorized => Problem::token_refused(),
        Kind::Forbidden => Problem::not_yours(),
        Kind::RegistrationClosed => Problem::registration_closed(),
        Kind::NotFound => Problem::no_such_task(),
        Kind::Conflict => Problem::email_taken(),
        Kind::Gone => Problem::changes_forgotten(),
        Kind::PreconditionFailed => Problem::changed_meanwhile("\"4\""),
        Kind::TooLarge => Problem::too_large(256),
        Kind::UnsupportedMediaType => Problem::not_json(),
        Kind::Invalid => Problem::invalid(vec![Violation {
            pointer: "/title".into(),
            detail: "must not be blank.".into(),
        }]),
        Kind::IdempotencyKeyReused => Problem::key_reused(),
        Kind::TooManyRequests => Problem::too_many_attempts(840),
        Kind::Internal => Problem::internal(""),
        Kind::NotOffered => Problem::no_mail(),
        Kind::Unavailable => Problem::keys_unavailable(),
        Kind::OutcomeUnknown => Problem::outcome_unknown(String::new()),
    };
    serde_json::to_value(problem.body()).expect("strings and numbers are always JSON")
}

//! The contract as an OpenAPI document (<https://spec.openapis.org/oas/v3.1.1.html>).
//!
//! | module | subject |
//! |---|---|
//! | `endpoint` | one operation, said in short, and the rules that fill in the rest |
//! | `tasks`, `accounts`, `service` | the operations |
//! | `values`, `bodies` | what a client may send, from the parsers' own limits |
//! | `answers` | what went well |
//! | `problems` | what did not, from the one table of kinds |
//! | `headers`, `parameters` | what stands beside the bodies |
//!
//! Functions serve the file `openapi.json`, so only tests compile this module.
//! `UPDATE=1 cargo test -p shared openapi` writes the file.
//!
//! What is answered derives its schema where it is defined. What is asked
//! does not: its Rust types hold what was parsed and not what was sent.

mod accounts;
mod answers;
mod bodies;
mod endpoint;
mod headers;
mod parameters;
mod problems;
mod service;
mod tasks;
mod values;

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths, Server, Tag,
};

use endpoint::{Endpoint, Section};

/// The document, as JSON that a diff shows line by line.
fn document() -> String {
    let json = serde_json::to_string_pretty(&build());
    json.expect("the document is strings and numbers") + "\n"
}

fn build() -> OpenApi {
    let mut components = Components::new();
    components.add_security_scheme(BEARER, bearer());
    headers::add_to(&mut components);
    parameters::add_to(&mut components);
    problems::add_to(&mut components);
    let mut paths = Paths::new();
    for endpoint in endpoints() {
        let (path, method) = (endpoint.path().to_owned(), endpoint.method());
        paths.add_path_operation(path, vec![method], endpoint.build(&mut components));
    }
    let license = LicenseBuilder::new().name("MIT").identifier(Some("MIT"));
    let info = InfoBuilder::new()
        .title("Todo service")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license.build()))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .security(Some([bearer_required()]))
        .tags(Some(Section::ALL.map(tag)))
        .paths(paths)
        .components(Some(components))
        .build()
}

/// Every operation in the order of the sections; those on tasks in both
/// families of paths.
fn endpoints() -> Vec<Endpoint> {
    let tasks = tasks::endpoints().into_iter();
    let mut endpoints: Vec<Endpoint> = tasks
        .flat_map(Endpoint::in_both_families)
        .chain(accounts::endpoints())
        .chain(service::endpoints())
        .collect();
    endpoints.sort_by_key(Endpoint::section);
    endpoints
}

const BEARER: &str = "bearer";

fn bearer() -> SecurityScheme {
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.bearer_format = Some("JWT".into());
    http.description = Some(
        "The `access_token` of a session, good for 15 minutes; or a token of Better Auth, where the service accepts those."
            .into(),
    );
    SecurityScheme::Http(http)
}

fn bearer_required() -> SecurityRequirement {
    SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])
}

fn tag(section: Section) -> Tag {
    let mut tag = Tag::new(section.name());
    tag.description = Some(section.description().into());
    tag
}

const DESCRIPTION: &str = "\
Every operation is one AWS Lambda function, and does its work in the database in one round trip.

**Signing in.** `register` and `login` answer with a session; send its `access_token` as `Authorization: Bearer …`.

**Two paths for tasks.** `/api/v1/tasks…` and `/api/{user_id}/tasks…` are the same operations; in the second, a `user_id` other than the token's is 403.

**Changing safely.** Every answer with one task has an `ETag`; send it as `If-Match` and a change that somebody else made in the meantime is not overwritten. `Idempotency-Key` makes it safe to repeat a creation whose answer was lost.

**Problems.** Every error of the service is `application/problem+json` (RFC 9457): its `type` is stable and its `detail` is a sentence that says what to do. API Gateway, in front of the service, answers for itself with `{\"message\": \"…\"}`: 404 for a path or method that is not listed here, 413 above 10 MB, 429 above the rate of the whole API, and 500, 503 or 504 when a function could not be run. A body is refused above 256 KiB.

**Versions.** Members may be added to answers, so a client should pass over those it does not know. An unknown member of a body is refused, and so is an unknown parameter of a list.";

#[cfg(test)]
mod tests;

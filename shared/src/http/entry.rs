//! The way in: what every function does around its handler.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lambda_http::http::HeaderValue;
use lambda_http::request::RequestContext;
use lambda_http::tower::ServiceBuilder;
use lambda_http::{Adapter, Body, Error, Request, RequestExt, Response, service_fn};

use crate::config::{ConfigError, log_level, server_timing};
use crate::context::Service;
use crate::http::event::mend;
use crate::http::server_timing::{self, milliseconds};
use crate::invocation::{DatabaseUse, Invocation};
use crate::log::log_from;
use crate::problem::Problem;

/// Lambda gives the init phase 10 s and then starts it anew.
const INIT_BUDGET: Duration = Duration::from_secs(5);

/// A handler: `async fn handler(&Context, Request) -> Result<Response<Body>, Problem>`.
pub trait Handler<'a, S: 'a>: Send + Sync {
    /// What the handler awaits.
    type Answer: Future<Output = Result<Response<Body>, Problem>> + Send + 'a;

    /// Answers one request.
    fn answer(&self, service: &'a S, request: Request) -> Self::Answer;
}

impl<'a, S, F, A> Handler<'a, S> for F
where
    S: 'a,
    F: Fn(&'a S, Request) -> A + Send + Sync,
    A: Future<Output = Result<Response<Body>, Problem>> + Send + 'a,
{
    type Answer = A;

    fn answer(&self, service: &'a S, request: Request) -> A {
        self(service, request)
    }
}

/// Serves `handler` until the environment ends.
///
/// A variable that is missing or bad ends the start with one line in the log;
/// a database that sleeps or is away does not, because the first request can
/// still find it awake.
pub async fn serve<S: Service, H>(handler: H) -> ExitCode
where
    H: for<'a> Handler<'a, S>,
{
    match start::<S>().await {
        Ok((service, timing)) => match run(&service, &handler, timing).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!(cause = %error, "the Lambda runtime ended");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn start<S: Service>() -> Result<(S, Timing), ConfigError> {
    let level = log_level().inspect_err(|_| log_from(tracing::Level::INFO))?;
    log_from(level);
    let timing = if server_timing()? {
        Timing::Shown
    } else {
        Timing::Hidden
    };
    let service = S::from_environment()?;
    let (warm, _) = Invocation::of_at_most(INIT_BUDGET)
        .run(service.warm_up())
        .await;
    if let Err(problem) = warm {
        let cause = problem.cause();
        tracing::warn!(
            cause,
            "the database or the keys could not be reached ahead of the first request"
        );
    }
    Ok((service, timing))
}

/// Whether an answer has a `Server-Timing`.
#[derive(Clone, Copy, PartialEq)]
enum Timing {
    Shown,
    Hidden,
}

async fn run<S: Service, H>(service: &S, handler: &H, timing: Timing) -> Result<(), Error>
where
    H: for<'a> Handler<'a, S>,
{
    let cold = AtomicBool::new(true);
    let service = service_fn(|request: Request| {
        let line = Line::new(&request, cold.swap(false, Ordering::Relaxed));
        async move {
            let invocation =
                Invocation::ending_at(request.lambda_context().deadline(), line.request_id.clone());
            let answer = AssertUnwindSafe(handler.answer(service, request)).catch_unwind();
            let (answer, database) = invocation.run(answer).await;
            let answer = answer.unwrap_or_else(|_| Err(Problem::internal("the handler panicked")));
            Ok::<_, Error>(line.write(answer, &database, timing))
        }
    });
    let service = ServiceBuilder::new()
        .map_request(mend)
        .service(Adapter::from(service));
    lambda_runtime::run(service).await
}

/// The line that a request leaves in the log.
struct Line {
    started: Instant,
    request_id: String,
    method: String,
    route: String,
    cold: bool,
}

impl Line {
    fn new(request: &Request, cold: bool) -> Self {
        Self {
            started: Instant::now(),
            request_id: request.lambda_context().request_id,
            method: request.method().to_string(),
            route: route(request),
            cold,
        }
    }

    fn write(
        self,
        answer: Result<Response<Body>, Problem>,
        database: &DatabaseUse,
        timing: Timing,
    ) -> Response<Body> {
        let request_id = self.request_id.as_str();
        let problem = answer.as_ref().err().map(|problem| problem.kind().name());
        let mut response = answer.unwrap_or_else(|problem| {
            log_cause(request_id, &problem);
            problem.into_response()
        });
        if let Ok(id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert("x-request-id", id);
        }
        let took = self.started.elapsed();
        if timing == Timing::Shown {
            server_timing::insert(response.headers_mut(), database, took, self.cold);
        }
        tracing::info!(
            request_id,
            function = function_name(),
            method = self.method,
            route = self.route,
            status = response.status().as_u16(),
            problem,
            duration_ms = milliseconds(took),
            db_ms = milliseconds(database.waited),
            round_trips = database.round_trips,
            cold = self.cold,
            "request"
        );
        response
    }
}

/// An error is for somebody to act on; what a client did is a warning.
fn log_cause(request_id: &str, problem: &Problem) {
    let name = problem.kind().name();
    match problem.cause() {
        Some(cause) if problem.kind().is_ours() => {
            tracing::error!(request_id, problem = name, cause, "failure");
        }
        Some(cause) => tracing::warn!(request_id, problem = name, cause, "failure"),
        None => {}
    }
}

/// The path with names in place of values. API Gateway tells it; the emulator
/// says `$default`, so there the values are put back.
fn route(request: &Request) -> String {
    if let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() {
        let known = context
            .route_key
            .as_deref()
            .and_then(|key| key.split_once(' '));
        if let Some((_, route)) = known {
            return route.to_owned();
        }
    }
    let parameters = request.path_parameters();
    let name_of = |segment: &str| {
        let (name, _) = parameters.iter().find(|(_, value)| *value == segment)?;
        Some(format!("{{{name}}}"))
    };
    request
        .raw_http_path()
        .split('/')
        .map(|segment| name_of(segment).unwrap_or_else(|| segment.to_owned()))
        .collect::<Vec<_>>()
        .join("/")
}

fn function_name() -> String {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default()
}

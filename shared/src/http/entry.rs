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

use super::proxy::Proxies;
use crate::config::{ConfigError, log_level, server_timing};
use crate::context::Service;
use crate::http::event::encode_query;
use crate::http::server_timing::{self, milliseconds};
use crate::invocation::{DatabaseUse, Invocation};
use crate::log::log_from;
use crate::problem::Problem;

/// Lambda gives the init phase 10 s and then starts it anew.
const INIT_BUDGET: Duration = Duration::from_secs(5);

/// A handler: `async fn handler(&Context, Request) -> Result<Response<Body>, Problem>`.
pub trait Handler<'a, S: 'a>: Send + Sync {
    /// The future of the handler.
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
        Ok((service, edge)) => match run(&service, &handler, &edge).await {
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

async fn start<S: Service>() -> Result<(S, Edge), ConfigError> {
    let level = log_level().inspect_err(|_| log_from(tracing::Level::INFO))?;
    log_from(level);
    let edge = Edge {
        timing: if server_timing()? {
            Timing::Shown
        } else {
            Timing::Hidden
        },
        proxies: Proxies::from_environment()?,
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
    Ok((service, edge))
}

/// The work on each request and each answer, whatever the handler.
struct Edge {
    timing: Timing,
    proxies: Option<Proxies>,
}

/// Whether an answer has a `Server-Timing`.
#[derive(Clone, Copy, PartialEq)]
enum Timing {
    Shown,
    Hidden,
}

async fn run<S: Service, H>(service: &S, handler: &H, edge: &Edge) -> Result<(), Error>
where
    H: for<'a> Handler<'a, S>,
{
    let cold = AtomicBool::new(true);
    let service = service_fn(|mut request: Request| {
        let line = LogLine::new(&request, cold.swap(false, Ordering::Relaxed));
        async move {
            let invocation =
                Invocation::ending_at(request.lambda_context().deadline(), line.request_id.clone());
            let proxies = edge.proxies.as_ref();
            let admitted = proxies.map_or(Ok(()), |it| it.admit(&mut request));
            let answer = async {
                admitted?;
                handler.answer(service, request).await
            };
            let answer = AssertUnwindSafe(answer).catch_unwind();
            let (answer, database) = invocation.run(answer).await;
            let answer = answer.unwrap_or_else(|_| Err(Problem::internal("the handler panicked")));
            Ok::<_, Error>(line.write(answer, &database, edge.timing))
        }
    });
    let service = ServiceBuilder::new()
        .map_request(encode_query)
        .service(Adapter::from(service));
    lambda_runtime::run(service).await
}

/// The line that a request leaves in the log.
struct LogLine {
    started: Instant,
    request_id: String,
    trace_id: Option<String>,
    method: String,
    route: String,
    cold: bool,
}

impl LogLine {
    fn new(request: &Request, cold: bool) -> Self {
        let lambda = request.lambda_context_ref();
        Self {
            started: Instant::now(),
            request_id: lambda.map_or_else(String::new, |it| it.request_id.clone()),
            trace_id: lambda.and_then(|it| trace_id(it.xray_trace_id.as_deref()?)),
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
        let trace_id = self.trace_id.as_deref();
        let problem = answer.as_ref().err().map(|problem| problem.kind().name());
        let mut response = answer.unwrap_or_else(|problem| {
            log_cause(request_id, trace_id, &problem);
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
            trace_id,
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
fn log_cause(request_id: &str, trace_id: Option<&str>, problem: &Problem) {
    let name = problem.kind().name();
    match problem.cause() {
        Some(cause) if problem.kind().is_ours() => {
            tracing::error!(request_id, trace_id, problem = name, cause, "failure");
        }
        Some(cause) => tracing::warn!(request_id, trace_id, problem = name, cause, "failure"),
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

/// The trace of `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=1`,
/// which is what X-Ray is searched for.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
fn trace_id(header: &str) -> Option<String> {
    let root = header.split(';').find_map(|it| it.strip_prefix("Root="));
    root.map(str::to_owned)
}

fn function_name() -> String {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default()
}

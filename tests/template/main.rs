//! Holds `template.yaml` against the binaries and itself, and other files
//! against it: what `sam validate --lint` cannot know or does not check.

mod blocks;
mod checks;
mod manifest;
mod migrations;
mod mistakes;
mod parameters;
mod regions;
mod roots;
mod service;
mod template;
mod variables;
mod yaml;

use std::collections::BTreeSet;

use checks::{binaries, deployment, methods, references, routes, secrets};
use local::cors;
use manifest::Manifest;
use service::Service;
use template::Template;
use yaml::Node;

const MANIFEST: &str = include_str!("../../Cargo.toml");
const README: &str = include_str!("../../README.md");
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The function that CloudFormation invokes.
const MIGRATE: &str = "migrate";

/// Those that serve no request.
const WITHOUT_ROUTE: [&str; 2] = [MIGRATE, "journey"];

/// The secrets in the environment, except for the journey's own.
const SECRETS: [&str; 4] = [
    "DATABASE_URL",
    "DATABASE_URL_DIRECT",
    "AUTH_SECRET",
    "ACCOUNTS_PASSWORD",
];

#[track_caller]
fn assert_well(report: &str) {
    assert!(report.is_empty(), "\n{report}");
}

/// Routes stand in the template; what the emulator's router reads follows.
#[test]
fn the_router_of_the_emulator_is_the_templates() {
    let template = Template::read();
    regions::hold(
        "Cargo.toml",
        "[workspace.metadata.lambda.watch.router]\n",
        "# End of the routes.\n",
        &regions::router(&template),
    );
}

#[test]
fn the_readmes_table_has_the_routes_of_the_template() {
    const BEGIN: &str = "| method | path | function | success |\n|---|---|---|---|\n";
    const END: &str = "<!-- end of endpoints -->";
    let (_, found, _) = regions::between(README, BEGIN, END).expect("there is a table");
    regions::hold(
        "README.md",
        BEGIN,
        END,
        &regions::table(&Template::read(), found),
    );
}

#[test]
fn the_template_has_every_route_of_the_router_and_no_other() {
    assert_well(&routes(&Template::read(), &Manifest::read()));
}

#[test]
fn every_route_of_the_template_has_a_method_of_http_and_is_the_apis() {
    assert_well(&methods(&Template::read()));
}

#[test]
fn every_binary_is_a_function_and_every_function_a_binary() {
    assert_well(&binaries(&Template::read(), &Manifest::read()));
}

#[test]
fn every_function_has_the_secrets_that_it_needs_and_no_others() {
    assert_well(&secrets(&Template::read()));
}

#[test]
fn every_function_waits_for_the_migrations_and_publishes_a_version_for_any_change() {
    assert_well(&deployment(&Template::read()));
}

#[test]
fn every_reference_names_something() {
    assert_well(&references(&Template::read()));
}

/// An endpoint is a block of eight lines, a line for each route among them, and
/// one for each thing that it has of its own.
#[test]
fn an_endpoint_is_few_lines() {
    let lines: Vec<&str> = TEMPLATE.lines().collect();
    let mut rest = lines.len();
    let template = Template::read();
    for name in template.functions() {
        let start = lines.iter().position(|line| *line == format!("  {name}:"));
        let start = start.expect("the function is there");
        let block = lines[start + 1..].iter();
        let block = block.take_while(|line| line.starts_with("    ")).count() + 1;
        let routes = template.routes().filter(|(event, _)| {
            let function = event.split('.').next();
            function == Some(name)
        });
        let own = ["Environment", "MemorySize", "ReservedConcurrentExecutions"];
        let properties = template.properties(name);
        let own = own.iter().filter(|own| properties.get(own).is_some());
        let most = 8 + routes.count() + own.count();
        assert!(block <= most, "{name}: {block} lines");
        rest -= block;
    }
    assert!(rest <= 525, "the rest of template.yaml has {rest} lines");
}

#[test]
fn every_function_has_what_all_of_them_read() {
    let template = Template::read();
    for name in template.functions() {
        let environment = template.environment(name);
        for variable in ["TOKEN_ISSUER", "LOG_LEVEL", "SSL_CERT_FILE"] {
            assert!(
                environment.contains_key(variable),
                "{name} lacks {variable}"
            );
        }
        // Without it SAM gives the function a wider role of its own.
        let role = template.properties(name).at("Role").text();
        assert_eq!(role, "FunctionRole.Arn", "the role of {name}");
    }
}

#[test]
fn secrets_stand_in_the_template_by_reference_only() {
    let template = Template::read();
    for name in template.all_functions() {
        for (variable, value) in template.environment(name) {
            let is_secret = SECRETS.contains(&variable) || variable == "JOURNEY_PASSWORD";
            if !is_secret || !template.has(name, variable) {
                continue;
            }
            let mut subs = Vec::new();
            value.visit(&mut |node| {
                if let Node::Tagged(tag, inner) = node
                    && tag == "Sub"
                {
                    // The text alone, or the text and what is put into it.
                    subs.push(inner.items().first().unwrap_or(inner).text());
                }
            });
            let by_reference = |text: &&str| text.starts_with("{{resolve:secretsmanager:${");
            assert!(
                !subs.is_empty() && subs.iter().all(by_reference),
                "{name}: {variable} is not a reference to Secrets Manager"
            );
        }
    }
}

/// Refreshing hashes nothing, and must not be starved by strangers.
#[test]
fn exactly_the_routes_that_hash_a_password_or_send_mail_for_anybody_are_throttled_more() {
    let template = Template::read();
    let api = template.properties("Api");
    let throttled: BTreeSet<String> = api
        .at("RouteSettings")
        .entries()
        .iter()
        .map(|(key, _)| key.clone())
        .collect();
    let hashing: BTreeSet<String> = template
        .routes()
        .map(|(_, route)| route)
        .filter(|route| {
            let service = Service::of(&route.function);
            matches!(service, Service::SignIn | Service::PasswordReset)
        })
        .filter(|route| route.function != "refresh")
        .map(|route| route.key())
        .collect();
    assert_eq!(throttled, hashing, "RouteSettings");
}

#[test]
fn cargo_dev_has_the_rules_for_other_origins_of_the_template() {
    let template = Template::read();
    let Node::Tagged(_, choice) = template.properties("Api").at("CorsConfiguration") else {
        panic!("the rules depend on CorsOrigins");
    };
    let rules = &choice.items()[1];
    let texts = |name| -> Vec<&str> { rules.at(name).items().iter().map(Node::text).collect() };
    assert_eq!(texts("AllowMethods"), cors::METHODS);
    assert_eq!(texts("AllowHeaders"), cors::ALLOWED_HEADERS);
    assert_eq!(texts("ExposeHeaders"), cors::EXPOSED_HEADERS);
    assert_eq!(rules.at("MaxAge").text(), cors::MAX_AGE_SECONDS.to_string());
}

/// Alarms and dashboard name no function, so that none can be forgotten: the
/// access log sees all, and the dashboard searches.
#[test]
fn every_function_is_watched_and_shown_without_being_listed() {
    let template = Template::read();
    let functions: Vec<&str> = template.functions().collect();
    for kind in [
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Logs::MetricFilter",
    ] {
        for (name, resource) in template.of_type(kind) {
            resource.visit(&mut |node| {
                for function in &functions {
                    assert!(!node.text().contains(function), "{name} names {function}");
                }
            });
        }
    }
    let (_, dashboard) = template
        .of_type("AWS::CloudWatch::Dashboard")
        .next()
        .expect("there is a dashboard");
    let body = dashboard.at("Properties").at("DashboardBody").text();
    serde_json::from_str::<serde_json::Value>(body).expect("the dashboard is JSON");
    assert!(body.contains("SEARCH('{AWS/Lambda,FunctionName}"), "{body}");

    let logged = access_log(&template);
    let filter = template.properties("UnansweredMetric").at("FilterPattern");
    for member in ["integration_error", "lambda_status"] {
        assert!(filter.text().contains(&format!("$.{member} ")));
        assert!(
            logged.get(member).is_some(),
            "the access log lacks {member}"
        );
    }
}

#[test]
fn the_access_log_is_json_with_the_request_id() {
    let logged = access_log(&Template::read());
    assert_eq!(logged["request_id"], "$context.requestId");
}

fn access_log(template: &Template) -> serde_json::Value {
    let settings = template.properties("Api").at("AccessLogSettings");
    serde_json::from_str(settings.at("Format").text()).expect("it is JSON")
}

/// CloudFront sends what the functions read, and tells them by their hashes.
#[test]
fn the_proxy_of_cdn_yaml_is_the_one_that_the_functions_trust() {
    const CDN: &str = include_str!("../../cdn.yaml");
    const PROXY: &str = include_str!("../../shared/src/http/proxy.rs");
    let cdn = Template::of(CDN);
    let origin = &cdn.properties("Distribution").at("DistributionConfig");
    let origin = &origin.at("Origins").items()[0];
    let secret = &origin.at("OriginCustomHeaders").items()[0];
    assert!(PROXY.contains(&format!("{:?}", secret.at("HeaderName").text())));
    let code = cdn.properties("ViewerAddress").at("FunctionCode").text();
    let (_, header) = code.split_once("headers['").expect("it sets a header");
    let (header, _) = header.split_once('\'').expect("it has a name");
    assert!(
        PROXY.contains(&format!("from_static({header:?})")),
        "{header}"
    );
}

/// The names of functions have 64 characters at most.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
#[test]
fn a_stacks_name_may_have_45_characters() {
    let template = Template::read();
    for name in template.all_functions() {
        let named = template.properties(name).at("FunctionName").text();
        let own = named.trim_start_matches("${AWS::StackName}");
        assert!(45 + own.len() <= 64, "{named}");
    }
}

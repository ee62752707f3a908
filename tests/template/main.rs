//! Holds `template.yaml` against the router, the binaries and itself: what
//! `sam validate --lint` cannot know or does not check.

mod blocks;
mod checks;
mod manifest;
mod migrations;
mod mistakes;
mod parameters;
mod roots;
mod service;
mod template;
mod yaml;

use std::collections::BTreeSet;

use checks::{binaries, deployment, methods, references, routes, secrets};
use manifest::Manifest;
use service::Service;
use template::{Template, placeholders};
use yaml::Node;

const MANIFEST: &str = include_str!("../../Cargo.toml");
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The one function that serves no request.
const MIGRATE: &str = "migrate";

#[track_caller]
fn assert_well(report: &str) {
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn the_template_has_every_route_of_the_router_and_no_other() {
    assert_well(&routes(&Template::read(), &Manifest::read()));
}

#[test]
fn every_route_of_the_template_has_a_method_of_http() {
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
fn every_function_waits_for_the_migrations_and_may_be_called_either_way() {
    assert_well(&deployment(&Template::read()));
}

#[test]
fn every_reference_names_something() {
    assert_well(&references(&Template::read()));
}

/// SAM publishes a version for new code only, not for new values of
/// parameters: what reaches a function has to be in its version's description.
#[test]
fn a_changed_parameter_publishes_a_version() {
    /// Too long for a description; docs/operations.md says what follows.
    const LEFT_OUT: [&str; 3] = ["DatabaseUrlSecret", "AuthSecret", "DomainName"];
    let template = Template::read();
    let parameters: BTreeSet<&str> = template
        .0
        .at("Parameters")
        .entries()
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !LEFT_OUT.contains(name))
        .collect();
    let described: BTreeSet<&str> = placeholders(blocks::VERSION_DESCRIPTION).collect();
    for name in template.functions() {
        for (variable, value) in template.environment(name) {
            value.visit(&mut |node| {
                let Node::Tagged(tag, inner) = node else {
                    return;
                };
                let named: Vec<&str> = match tag.as_str() {
                    "Ref" => vec![inner.text()],
                    "Sub" => placeholders(inner.text()).collect(),
                    _ => Vec::new(),
                };
                for parameter in named.into_iter().filter(|it| parameters.contains(it)) {
                    assert!(described.contains(parameter), "{variable}: {parameter}");
                }
            });
        }
    }
    let globals = template.0.at("Globals").at("Function");
    assert_eq!(
        globals.at("Description").text(),
        blocks::VERSION_DESCRIPTION
    );
}

#[test]
fn every_event_has_the_format_that_the_functions_read() {
    for (name, integration) in Template::read().of_type("AWS::ApiGatewayV2::Integration") {
        let version = integration.at("Properties").at("PayloadFormatVersion");
        assert_eq!(version.text(), "2.0", "{name}");
    }
}

#[test]
fn every_function_has_what_all_of_them_read() {
    let template = Template::read();
    for name in template.functions() {
        let environment = template.environment(name);
        for variable in ["API_BASE_URL", "LOG_LEVEL", "SSL_CERT_FILE"] {
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
            if !["DATABASE_URL", "DATABASE_URL_DIRECT", "AUTH_SECRET"].contains(&variable)
                || Service::of(&template.binary(name)) == Service::Nothing
            {
                continue;
            }
            let mut subs = Vec::new();
            value.visit(&mut |node| {
                if let Node::Tagged(tag, inner) = node
                    && tag == "Sub"
                {
                    subs.push(inner.text());
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

#[test]
fn every_route_that_signs_is_throttled_and_waited_for() {
    let template = Template::read();
    let (_, stage) = template
        .of_type("AWS::ApiGatewayV2::Stage")
        .next()
        .expect("the API has a stage");
    let throttled: BTreeSet<&str> = stage
        .at("Properties")
        .at("RouteSettings")
        .entries()
        .iter()
        .map(|(key, _)| key.as_str())
        .collect();
    let waited: BTreeSet<&str> = stage
        .at("DependsOn")
        .items()
        .iter()
        .map(Node::text)
        .collect();
    let routes = template.routes();
    let signing = || {
        let signing = routes
            .iter()
            .filter(|(_, (_, function))| Service::of(function) == Service::Accounts);
        signing.map(|(name, (key, _))| (*name, key.as_str()))
    };
    assert_eq!(
        throttled,
        signing().map(|(_, key)| key).collect(),
        "RouteSettings"
    );
    assert_eq!(
        waited,
        signing().map(|(name, _)| name).collect(),
        "DependsOn"
    );
}

/// A metric counts against the limit of its alarm, so the functions are
/// listed there by hand.
#[test]
fn every_function_is_watched_for_throttles_and_shown_on_the_dashboard() {
    let template = Template::read();
    let mut watched = Vec::new();
    for (name, alarm) in template.of_type("AWS::CloudWatch::Alarm") {
        let Some(metrics) = alarm.at("Properties").get("Metrics") else {
            continue;
        };
        assert!(
            metrics.items().len() <= 10,
            "{name} has more than ten metrics"
        );
        for metric in metrics
            .items()
            .iter()
            .filter_map(|item| item.get("MetricStat"))
        {
            let metric = metric.at("Metric");
            if metric.at("MetricName").text() == "Throttles" {
                watched.push(metric.at("Dimensions").items()[0].at("Value").text());
            }
        }
    }
    watched.sort_unstable();
    let functions: Vec<&str> = template.functions().collect();
    assert_eq!(
        watched, functions,
        "the alarms' functions (left) are not all (right)"
    );

    let (_, dashboard) = template
        .of_type("AWS::CloudWatch::Dashboard")
        .next()
        .expect("there is a dashboard");
    let body = dashboard.at("Properties").at("DashboardBody").text();
    serde_json::from_str::<serde_json::Value>(body).expect("the dashboard is JSON");
    for name in functions {
        assert!(
            body.contains(&format!("\"${{{name}}}\"")),
            "the dashboard lacks {name}"
        );
    }
}

#[test]
fn the_access_log_is_json_with_the_request_id() {
    let template = Template::read();
    let (_, stage) = template
        .of_type("AWS::ApiGatewayV2::Stage")
        .next()
        .expect("the API has a stage");
    let format = stage.at("Properties").at("AccessLogSettings").at("Format");
    let format: serde_json::Value = serde_json::from_str(format.text()).expect("it is JSON");
    assert_eq!(format["request_id"], "$context.requestId");
}

//! Holds `template.yaml` against the router, the binaries and itself: what
//! `sam validate --lint` cannot know or does not check.

mod blocks;
mod template;
mod yaml;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use aws_lc_rs::digest::{SHA256, digest};
use local::gateway::{Route, Routes};
use native_tls::Certificate;
use toml::Table;

use blocks::{NO_DATABASE_BLOCK, SECRET_BLOCK, function_block, route_block};
use template::{Template, placeholders};
use yaml::Node;

const MANIFEST: &str = include_str!("../../Cargo.toml");
const TEMPLATE: &str = include_str!("../../template.yaml");
const ROOTS: &str = include_str!("../../layers/roots/roots.pem");

/// Programs that are not deployed as functions.
const NOT_DEPLOYED: [&str; 1] = ["migrate"];

/// RFC 9110 section 9 and RFC 5789, without what API Gateway cannot route.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

#[test]
fn the_template_has_every_route_of_the_router_and_no_other() {
    let template = Template::read();
    let mut routed = template.routes();
    let mut report = String::new();
    for route in router().iter() {
        let wanted = (route.key(), route.function.clone());
        match routed.iter().position(|(_, found)| *found == wanted) {
            Some(position) => drop(routed.remove(position)),
            None => note_missing(&mut report, &template, route),
        }
    }
    for (name, (key, function)) in routed {
        let (method, path) = key.split_once(' ').unwrap_or_default();
        line(
            &mut report,
            &format!(
                "{name} serves `{key}` with {function}, which the router of Cargo.toml does not \
                 (or a second time): take it out, or paste there:\n\
                 \"{path}\" = [{{ function = \"{function}\", method = \"{method}\" }}]"
            ),
        );
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_route_of_the_template_has_a_method_of_http() {
    for (name, (key, _)) in Template::read().routes() {
        let method = key.split(' ').next().unwrap_or_default();
        assert!(METHODS.contains(&method), "{name}: {method} is no method");
    }
}

#[test]
fn every_binary_is_a_function_and_every_function_a_binary() {
    let template = Template::read();
    let deployed: BTreeSet<String> = binaries()
        .into_iter()
        .filter(|name| !NOT_DEPLOYED.contains(&name.as_str()))
        .collect();
    let mut report = String::new();
    for (name, function) in template.of_type("AWS::Serverless::Function") {
        let binary = template.binary(name);
        if !deployed.contains(&binary) {
            let text = format!("{name}: CodeUri ends in {binary}, which is no [[bin]] to deploy.");
            line(&mut report, &text);
        }
        let named = function.at("Properties").at("FunctionName").text();
        if named != format!("${{AWS::StackName}}-{binary}") {
            let text = format!("{name}: FunctionName is {named}, but CodeUri ends in {binary}.");
            line(&mut report, &text);
        }
        if function.at("Metadata").at("SkipBuild").text() != "true" {
            line(
                &mut report,
                &format!("{name}: Metadata lacks `SkipBuild: true`."),
            );
        }
    }
    for binary in &deployed {
        let functions = template.functions_of(binary).len();
        match functions {
            0 => line(&mut report, &format!("Paste:\n{}", function_block(binary))),
            1 => {}
            _ => line(&mut report, &format!("{functions} functions run {binary}.")),
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// Without its permission a function is never called, and the client reads 500.
#[test]
fn the_api_may_call_every_function() {
    let template = Template::read();
    let mut allowed: Vec<&str> = template
        .of_type("AWS::Lambda::Permission")
        .map(|(name, permission)| {
            let properties = permission.at("Properties");
            let source = properties.at("SourceArn").text();
            assert!(source.ends_with(":${Api}/*"), "{name}: {source}");
            properties.at("FunctionName").text()
        })
        .collect();
    allowed.sort_unstable();
    let functions: Vec<&str> = template.functions().collect();
    assert_eq!(
        allowed, functions,
        "the permissions (left) are not one for each function (right)"
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
fn exactly_the_functions_that_sign_hold_the_secret() {
    let template = Template::read();
    let signing: BTreeSet<String> = binaries().into_iter().filter(|name| signs(name)).collect();
    let holding: BTreeSet<String> = template
        .functions()
        .filter(|name| template.environment(name).contains_key("AUTH_SECRET"))
        .map(|name| template.binary(name))
        .collect();
    assert_eq!(
        signing, holding,
        "the functions that take `Accounts` (left) and those with AUTH_SECRET (right) differ; \
         a function that signs has:\n{SECRET_BLOCK}"
    );
}

#[test]
fn exactly_the_functions_that_serve_files_have_no_database() {
    let template = Template::read();
    let serving: BTreeSet<String> = binaries()
        .into_iter()
        .filter(|name| serves_files(name))
        .collect();
    let without: BTreeSet<String> = template
        .functions()
        .filter(|name| is_empty(template.environment(name)["DATABASE_URL"]))
        .map(|name| template.binary(name))
        .collect();
    assert_eq!(
        serving, without,
        "the functions that take `()` (left) and those with an empty DATABASE_URL (right) differ; \
         a function that serves files has:\n{NO_DATABASE_BLOCK}"
    );
}

#[test]
fn every_function_has_what_all_of_them_read() {
    let template = Template::read();
    for name in template.functions() {
        let environment = template.environment(name);
        for variable in ["DATABASE_URL", "API_BASE_URL", "SSL_CERT_FILE"] {
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
fn no_function_has_the_connection_that_owns_the_tables() {
    assert!(!TEMPLATE.contains("DATABASE_URL_DIRECT"));
}

#[test]
fn secrets_stand_in_the_template_by_reference_only() {
    let template = Template::read();
    for name in template.functions() {
        for (variable, value) in template.environment(name) {
            if !["DATABASE_URL", "AUTH_SECRET"].contains(&variable) || is_empty(value) {
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
fn every_reference_names_something() {
    let template = Template::read();
    let keys = |section: &str| -> BTreeSet<&str> {
        let section = template.0.at(section).entries();
        section.iter().map(|(key, _)| key.as_str()).collect()
    };
    let conditions = keys("Conditions");
    let resources = keys("Resources");
    let values: BTreeSet<&str> = keys("Parameters")
        .union(&resources)
        .copied()
        .chain(PSEUDO_PARAMETERS)
        .collect();
    let mut report = String::new();
    let mut check = |known: &BTreeSet<&str>, name: &str, by: &str| {
        if !known.contains(name) {
            line(
                &mut report,
                &format!("!{by} names {name}, which is not there."),
            );
        }
    };
    template.0.visit(&mut |node| {
        let Node::Tagged(tag, inner) = node else {
            return;
        };
        match (tag.as_str(), &**inner) {
            ("Ref", inner) => check(&values, inner.text(), tag),
            ("GetAtt", inner) => {
                let resource = inner.text().split('.').next().unwrap_or_default();
                check(&resources, resource, tag);
            }
            ("Sub", Node::Text(text)) => {
                for name in placeholders(text) {
                    check(&values, name, tag);
                }
            }
            ("Sub", Node::List(parts)) => {
                let own = parts[1].entries();
                for name in placeholders(parts[0].text()) {
                    if !own.iter().any(|(key, _)| key == name) {
                        check(&values, name, tag);
                    }
                }
            }
            ("If", Node::List(parts)) => check(&conditions, parts[0].text(), tag),
            ("Equals" | "Not" | "Join", _) => {}
            _ => panic!("!{tag} is not known to this test; teach it what it refers to"),
        }
    });
    for (_, resource) in template.0.at("Resources").entries() {
        if let Some(condition) = resource.get("Condition") {
            check(&conditions, condition.text(), "Condition");
        }
    }
    assert!(report.is_empty(), "\n{report}");
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
        let signing = routes.iter().filter(|(_, (_, function))| signs(function));
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

/// Each certificate stands below two lines: its name, and the SHA-256 that
/// <https://ccadb.org> and `openssl x509 -fingerprint` give for it.
#[test]
fn the_roots_are_few_and_each_is_what_it_is_called() {
    const END: &str = "-----END CERTIFICATE-----\n";
    let certificates: Vec<&str> = ROOTS.split_inclusive(END).collect();
    assert!((1..=15).contains(&certificates.len()), "at most 15 roots");
    for text in certificates {
        let (comment, _) = text
            .split_once("-----BEGIN")
            .expect("there is a certificate");
        let [name, fingerprint] = comment.lines().collect::<Vec<_>>()[..] else {
            panic!("two lines go before each certificate: {comment}");
        };
        assert!(name.len() > 2 && name.starts_with("# "), "{name}");
        let der = Certificate::from_pem(text.as_bytes())
            .and_then(|certificate| certificate.to_der())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let bytes = digest(&SHA256, &der);
        let bytes: Vec<String> = bytes
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        assert_eq!(
            fingerprint,
            format!("# SHA-256 {}", bytes.join(":")),
            "{name}"
        );
    }
}

fn router() -> Routes {
    Routes::from_manifest(MANIFEST).expect("the manifest has the routes")
}

fn binaries() -> Vec<String> {
    let manifest: Table = MANIFEST.parse().expect("it is TOML");
    let binaries = manifest["bin"].as_array().expect("there are some");
    let name = |binary: &toml::Value| binary["name"].as_str().expect("it has a name").to_owned();
    binaries.iter().map(name).collect()
}

/// Whether a function takes what reads AUTH_SECRET.
fn signs(binary: &str) -> bool {
    source(binary).contains("&Accounts")
}

/// Whether a function takes nothing of the environment.
fn serves_files(binary: &str) -> bool {
    source(binary).contains("handler(_: &()")
}

fn is_empty(value: &Node) -> bool {
    matches!(value, Node::Text(text) if text.is_empty())
}

fn source(binary: &str) -> String {
    let file = format!(
        "{}/functions/{}.rs",
        env!("CARGO_MANIFEST_DIR"),
        binary.replace('-', "_")
    );
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn line(report: &mut String, text: &str) {
    writeln!(report, "{text}").expect("a String takes all text");
}

fn note_missing(report: &mut String, template: &Template, route: &Route) {
    line(
        report,
        &format!(
            "{} of the router is not in template.yaml. Paste:",
            route.key()
        ),
    );
    if template.functions_of(&route.function).is_empty() {
        line(report, &function_block(&route.function));
    }
    line(report, &route_block(route));
}

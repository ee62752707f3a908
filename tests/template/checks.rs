//! What is checked, each with a report of what is wrong and what to write
//! instead: empty when all is well.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use testing::gateway::Route;

use crate::blocks::{
    NO_DATABASE_BLOCK, SECRET_BLOCK, VERSION_DESCRIPTION, function_block, integration_uri,
    route_block,
};
use crate::manifest::Manifest;
use crate::service::Service;
use crate::template::{Template, either_way, placeholders};
use crate::yaml::Node;

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

/// The routes of the template are those of the router.
pub fn routes(template: &Template, manifest: &Manifest) -> String {
    let mut routed = template.routes();
    let mut report = String::new();
    for route in manifest.router.iter() {
        let wanted = (route.key(), route.function.clone());
        match routed.iter().position(|(_, found)| *found == wanted) {
            Some(position) => drop(routed.remove(position)),
            None => note_missing(&mut report, template, route),
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
    report
}

/// The methods of the routes are HTTP's.
pub fn methods(template: &Template) -> String {
    let mut report = String::new();
    for (name, (key, _)) in template.routes() {
        let method = key.split(' ').next().unwrap_or_default();
        if !METHODS.contains(&method) {
            let methods = METHODS.join(", ");
            line(
                &mut report,
                &format!("{name}: {method} is no method; write one of {methods}."),
            );
        }
    }
    report
}

/// The functions of the template are the binaries.
pub fn binaries(template: &Template, manifest: &Manifest) -> String {
    let known: BTreeSet<&str> = manifest.binaries().collect();
    let mut report = String::new();
    for (name, function) in template.of_type("AWS::Serverless::Function") {
        let binary = template.binary(name);
        if !known.contains(binary.as_str()) {
            line(
                &mut report,
                &format!(
                    "{name}: CodeUri names {binary}, which is no [[bin]] of Cargo.toml; \
                     write target/lambda/<bin>/."
                ),
            );
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
    for binary in known {
        match template.functions_of(binary).len() {
            0 => line(&mut report, &format!("Paste:\n{}", function_block(binary))),
            1 => {}
            functions => line(&mut report, &format!("{functions} functions run {binary}.")),
        }
    }
    report
}

/// A function has the secrets that its handler needs, and no others.
pub fn secrets(template: &Template) -> String {
    let mut report = String::new();
    for name in template.functions() {
        let binary = template.binary(name);
        let environment = template.environment(name);
        let has = |variable| {
            let value = environment.get(variable);
            value.is_some_and(|value| !matches!(value, Node::Text(text) if text.is_empty()))
        };
        let service = Service::of(&binary);
        if (service == Service::Accounts) != has("AUTH_SECRET") {
            let verb = if has("AUTH_SECRET") { "has" } else { "lacks" };
            line(
                &mut report,
                &format!(
                    "{name} {verb} AUTH_SECRET, but functions/{binary}.rs takes {service:?}: \
                     exactly the functions that take Accounts have\n{SECRET_BLOCK}"
                ),
            );
        }
        if (service == Service::Nothing) == has("DATABASE_URL") {
            let verb = if has("DATABASE_URL") { "has" } else { "lacks" };
            line(
                &mut report,
                &format!(
                    "{name} {verb} DATABASE_URL, but functions/{binary}.rs takes {service:?}: \
                     exactly the functions without a database have\n{NO_DATABASE_BLOCK}"
                ),
            );
        }
    }
    for name in template.all_functions() {
        let migrates = template.binary(name) == crate::MIGRATE;
        let environment = template.environment(name);
        if migrates != environment.contains_key("DATABASE_URL_DIRECT") {
            line(
                &mut report,
                &format!("{name}: DATABASE_URL_DIRECT is for the function that migrates alone."),
            );
        }
        if migrates && environment.contains_key("AUTH_SECRET") {
            line(
                &mut report,
                &format!("{name} signs nothing: no AUTH_SECRET."),
            );
        }
    }
    report
}

/// New functions come after the migrations, may be called, and can be shifted
/// to gradually.
pub fn deployment(template: &Template) -> String {
    let mut report = String::new();
    let mut allowed = BTreeSet::new();
    for (name, permission) in template.of_type("AWS::Lambda::Permission") {
        let properties = permission.at("Properties");
        let source = properties.at("SourceArn").text();
        if !source.ends_with(":${Api}/*") {
            line(&mut report, &format!("{name}: SourceArn is {source}."));
        }
        allowed.extend(either_way(properties.at("FunctionName"), ""));
    }
    for name in template.functions() {
        let resource = template.0.at("Resources").at(name);
        if resource.at("DependsOn").text() != "Migrations" {
            line(
                &mut report,
                &format!("{name} may take traffic on old tables: add `DependsOn: Migrations`."),
            );
        }
        let description = resource.at("Properties").at("VersionDescription").text();
        if description != VERSION_DESCRIPTION {
            line(
                &mut report,
                &format!(
                    "{name} publishes no version for a changed parameter: add\n\
                     VersionDescription: !Sub {VERSION_DESCRIPTION}"
                ),
            );
        }
        // Without it a function is never called, and the client reads 500.
        if !allowed.contains(name) {
            line(
                &mut report,
                &format!(
                    "The API may not call {name}: its permission lacks\n\
                     FunctionName: !If [DeploysGradually, !Ref {name}.Alias, !Ref {name}]"
                ),
            );
        }
    }
    for (name, integration) in template.of_type("AWS::ApiGatewayV2::Integration") {
        let uri = integration.at("Properties").at("IntegrationUri");
        if either_way(uri, ".Arn").is_none() {
            let example = integration_uri("XFunction");
            line(
                &mut report,
                &format!("{name}: IntegrationUri is not like {example}"),
            );
        }
    }
    report
}

/// What is referred to is there.
pub fn references(template: &Template) -> String {
    let keys = |section: &str| -> BTreeSet<&str> {
        let section = template.0.at(section).entries();
        section.iter().map(|(key, _)| key.as_str()).collect()
    };
    let conditions = keys("Conditions");
    let mappings = keys("Mappings");
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
            // SAM makes an alias for each function.
            ("Ref", inner) => {
                let name = inner.text();
                check(&values, name.strip_suffix(".Alias").unwrap_or(name), tag);
            }
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
            ("FindInMap", Node::List(parts)) => check(&mappings, parts[0].text(), tag),
            ("Equals" | "Not" | "Join", _) => {}
            _ => panic!("!{tag} is not known to this test; teach it what it refers to"),
        }
    });
    for (_, resource) in template.0.at("Resources").entries() {
        if let Some(condition) = resource.get("Condition") {
            check(&conditions, condition.text(), "Condition");
        }
        for waited in std::iter::once(resource.at("DependsOn"))
            .chain(resource.at("DependsOn").items())
            .filter(|waited| !waited.text().is_empty())
        {
            check(&resources, waited.text(), "DependsOn");
        }
    }
    report
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

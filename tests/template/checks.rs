//! The checks, each with a report of what is wrong and what to write instead:
//! empty when all is well.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use testing::gateway::Route;

use crate::blocks::{self, ACCOUNTS_PASSWORD, AUTH_SECRET, DEPLOYMENT, NO_DATABASE, SMTP_URL};
use crate::manifest::Manifest;
use crate::service::Service;
use crate::template::{Template, placeholders};
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
    let mut routed: Vec<(String, Route)> = template.routes().collect();
    let mut report = String::new();
    for route in manifest.router.iter() {
        match routed.iter().position(|(_, found)| found == route) {
            Some(position) => drop(routed.remove(position)),
            None => note_missing(&mut report, template, route),
        }
    }
    for (name, route) in routed {
        let (key, Route { function, .. }) = (route.key(), &route);
        line(
            &mut report,
            &format!(
                "{name} serves `{key}` with {function}, which the router of Cargo.toml does not \
                 (or a second time): take it out, or run `UPDATE=1 cargo test --test template`."
            ),
        );
    }
    report
}

/// The methods of the routes are HTTP's, and all routes are of one API.
pub fn methods(template: &Template) -> String {
    let mut report = String::new();
    for (name, _, event) in template.events("HttpApi") {
        let method = event.at("Method").text();
        if !METHODS.contains(&method) {
            let methods = METHODS.join(", ");
            line(
                &mut report,
                &format!("{name}: {method} is no method; write one of {methods}."),
            );
        }
        // SAM makes another API for a route that names none.
        if event.at("ApiId").text() != "Api" {
            line(
                &mut report,
                &format!("{name} is a route of another API: add `ApiId: !Ref Api`."),
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
                     write target/lambda/<bin>/bootstrap.zip."
                ),
            );
        }
        let named = function.at("Properties").at("FunctionName").text();
        if named != format!("${{AWS::StackName}}-{binary}") {
            let text = format!("{name}: FunctionName is {named}, but CodeUri names {binary}.");
            line(&mut report, &text);
        }
    }
    for binary in known {
        match template.functions_of(binary).len() {
            0 => {
                let routes = manifest.router.iter();
                let routes: Vec<&Route> = routes.filter(|it| it.function == binary).collect();
                let block = blocks::function(binary, &routes);
                line(&mut report, &format!("Paste:\n{block}"));
            }
            1 => {}
            functions => line(&mut report, &format!("{functions} functions run {binary}.")),
        }
    }
    report
}

/// A function has the secrets that its handler needs, and no others.
pub fn secrets(template: &Template) -> String {
    let mut report = String::new();
    for name in template.all_functions() {
        let binary = template.binary(name);
        if binary == crate::MIGRATE {
            continue;
        }
        let service = Service::of(&binary);
        for (variable, needed, block) in [
            ("AUTH_SECRET", service == Service::SignIn, AUTH_SECRET),
            (
                "ACCOUNTS_PASSWORD",
                matches!(service, Service::Account | Service::PasswordReset),
                ACCOUNTS_PASSWORD,
            ),
            ("SMTP_URL", service == Service::PasswordReset, SMTP_URL),
            ("DATABASE_URL", service != Service::Nothing, NO_DATABASE),
            ("DATABASE_URL_DIRECT", false, "nothing"),
        ] {
            let has = template.has(name, variable);
            if has == needed {
                continue;
            }
            let verb = if has { "has" } else { "lacks" };
            line(
                &mut report,
                &format!(
                    "{name} {verb} {variable}, but functions/{binary}.rs needs {service:?}. \
                     See the functions like it:\n\
                     Environment: {{Variables: {{{block}}}}}"
                ),
            );
        }
    }
    for name in template.functions_of(crate::MIGRATE) {
        for variable in crate::SECRETS {
            if !template.has(name, variable) {
                line(&mut report, &format!("{name} lacks {variable}."));
            }
        }
    }
    report
}

/// Functions come after the migrations, and a change of anything makes a
/// version of each, which takes the traffic.
pub fn deployment(template: &Template) -> String {
    let mut report = String::new();
    let globals = template.0.at("Globals").at("Function");
    if globals.at("Description").text() != DEPLOYMENT {
        line(
            &mut report,
            &format!(
                "The functions may take traffic on old tables: write into Globals\n\
                 Description: !GetAtt {DEPLOYMENT}"
            ),
        );
    }
    for name in template.all_functions() {
        let properties = template.properties(name);
        if template.binary(name) == crate::MIGRATE {
            continue;
        }
        if properties.get("Description").is_some() {
            line(
                &mut report,
                &format!("{name} may take traffic on old tables: take out its Description."),
            );
        }
        if properties.at("VersionDescription").text() != DEPLOYMENT {
            line(
                &mut report,
                &format!(
                    "{name} publishes no version for a changed parameter: add\n\
                     VersionDescription: !GetAtt {DEPLOYMENT}"
                ),
            );
        }
        // Without an alias the traffic would go to the function itself.
        for property in ["AutoPublishAlias", "AutoPublishAliasAllProperties"] {
            if properties.get(property).is_some() || globals.get(property).is_none() {
                line(
                    &mut report,
                    &format!("{name}: {property} is for Globals alone."),
                );
            }
        }
    }
    report
}

/// Every reference has its target.
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
            // SAM makes an alias and a version for each function, a stage for
            // the API.
            ("Ref", inner) => {
                let name = inner.text();
                let made = [".Alias", ".Stage", ".Version"];
                let of = made.iter().find_map(|suffix| name.strip_suffix(suffix));
                check(&values, of.unwrap_or(name), tag);
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
            ("And" | "Equals" | "Not" | "Split", _) => {}
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
    let block = match template.functions_of(&route.function).is_empty() {
        true => blocks::function(&route.function, &[route]),
        false => blocks::event(route),
    };
    line(report, &block);
}

//! The questions to the person who deploys.

use std::collections::BTreeSet;

use toml::Table;

use crate::template::Template;

const SAMCONFIG: &str = include_str!("../../samconfig.toml");

fn names(template: &Template) -> BTreeSet<&str> {
    let parameters = template.0.at("Parameters").entries();
    parameters.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn every_parameter_is_explained_bounded_and_in_a_group() {
    let template = Template::read();
    for (name, parameter) in template.0.at("Parameters").entries() {
        assert!(
            parameter.at("Description").text().ends_with('.'),
            "{name} has no sentence that explains it"
        );
        let bounded = ["AllowedPattern", "AllowedValues", "MinValue"]
            .iter()
            .any(|bound| parameter.get(bound).is_some());
        assert!(bounded, "{name} takes anything");
    }
    let groups = template
        .0
        .at("Metadata")
        .at("AWS::CloudFormation::Interface")
        .at("ParameterGroups");
    let mut grouped: Vec<&str> = groups
        .items()
        .iter()
        .flat_map(|group| group.at("Parameters").items())
        .map(crate::yaml::Node::text)
        .collect();
    grouped.sort_unstable();
    assert_eq!(grouped, names(&template).into_iter().collect::<Vec<_>>());
}

/// The properties of Migrations are what its answer is a hash of, and that is
/// what makes a version of each function.
#[test]
fn a_changed_parameter_publishes_a_version() {
    let template = Template::read();
    let lists = template.properties("Migrations").at("Parameters").items();
    let listed: BTreeSet<&str> = lists
        .iter()
        .flat_map(crate::yaml::Node::items)
        .map(crate::yaml::Node::text)
        .collect();
    assert_eq!(listed, names(&template), "Parameters of Migrations");
}

#[test]
fn samconfig_sets_parameters_that_there_are() {
    let template = Template::read();
    let (known, config) = (names(&template), SAMCONFIG.parse::<Table>());
    let config = config.expect("it is TOML");
    for stage in ["dev", "prod"] {
        let overrides = config[stage]["deploy"]["parameters"]["parameter_overrides"].as_array();
        let overrides = overrides.expect("it is a list").iter();
        let set: BTreeSet<&str> = overrides
            .filter_map(|pair| pair.as_str()?.split('=').next())
            .collect();
        assert!(set.is_subset(&known), "{stage}: {set:?}");
        for (name, parameter) in template.0.at("Parameters").entries() {
            let given = parameter.get("Default").is_some() || set.contains(name.as_str());
            assert!(given, "{stage} lacks {name}");
        }
    }
}

/// Nobody is to learn of an outage because the address was forgotten.
#[test]
fn prod_is_not_deployed_without_an_address_for_alarms() {
    let config = SAMCONFIG.parse::<Table>().expect("it is TOML");
    let overrides = &config["prod"]["deploy"]["parameters"]["parameter_overrides"];
    let overrides = overrides.as_array().expect("it is a list");
    let address = overrides
        .iter()
        .find_map(|pair| pair.as_str()?.strip_prefix("AlarmEmail="));
    let template = Template::read();
    let pattern = template.0.at("Parameters").at("AlarmEmail");
    let pattern = pattern.at("AllowedPattern").text();
    assert_eq!(pattern, "^([^@ ]+@[^@ ]+)?$");
    let address = address.expect("prod has a line for it");
    assert!(!address.is_empty() && !address.contains('@'), "{address}");
}

/// API Gateway waits 30 s; a function that takes longer answers nobody.
#[test]
fn every_function_answers_before_api_gateway_gives_up() {
    let template = Template::read();
    let all = template.0.at("Globals").at("Function").at("Timeout").text();
    for name in template.functions() {
        let own = template.properties(name).at("Timeout").text();
        let seconds = if own.is_empty() { all } else { own };
        assert!(
            seconds.parse::<u32>().is_ok_and(|seconds| seconds < 30),
            "{name}: {seconds}"
        );
    }
}

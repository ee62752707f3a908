//! The custom resource that runs the migrations.

use std::fs;

use crate::template::Template;

/// An Update has the version that is serving now in `OldResourceProperties`.
#[test]
fn the_custom_resource_has_the_number_of_the_last_migration() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let files = fs::read_dir(directory).expect("the directory is there");
    let version = files.count().to_string();
    let template = Template::read();
    let found = template.properties("Migrations").at("Version").text();
    assert_eq!(
        found, version,
        "migrations/ has changed, so write into the resource Migrations of template.yaml:\n      \
         Version: {version}\n"
    );
}

/// SAM changes the version's name with the code.
#[test]
fn new_code_of_the_program_runs_the_migrations() {
    let template = Template::read();
    let [function] = template.functions_of(crate::MIGRATE)[..] else {
        panic!("one function migrates");
    };
    let program = template.properties("Migrations").at("Program").text();
    assert_eq!(program, format!("{function}.Version"));
}

#[test]
fn nothing_else_may_invoke_the_migrations() {
    let template = Template::read();
    let [function] = template.functions_of(crate::MIGRATE)[..] else {
        panic!("one function migrates");
    };
    let token = template.properties("Migrations").at("ServiceToken").text();
    assert_eq!(token, format!("{function}.Arn"));
    assert!(template.properties(function).get("Events").is_none());
    assert!(template.of_type("AWS::Lambda::Permission").next().is_none());
}

/// The program keeps 20 s for its answer, and CloudFormation waits longer
/// than the function may run.
#[test]
fn the_answer_comes_before_cloudformation_gives_up() {
    let template = Template::read();
    let seconds = |node: &crate::yaml::Node| node.text().parse::<u32>().expect("it is a number");
    let function = template.functions_of(crate::MIGRATE)[0];
    let runs = seconds(template.properties(function).at("Timeout"));
    let waits = seconds(template.properties("Migrations").at("ServiceTimeout"));
    assert!(60 < runs && runs < waits, "{runs} {waits}");
}

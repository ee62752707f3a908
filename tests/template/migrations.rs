//! The custom resource that runs the migrations is updated by CloudFormation
//! when one of its properties changes, so one stands for the migrations.

use std::fs;

use aws_lc_rs::digest::{Context, SHA256};

use crate::template::Template;

/// Over the names and the contents, in order.
fn version() -> String {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("the directory is there")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    files.sort();
    let mut context = Context::new(&SHA256);
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        context.update(name.as_bytes());
        context.update(&[0]);
        context.update(&fs::read(file).expect("it can be read"));
        context.update(&[0]);
    }
    let hash = context.finish();
    let hex: String = hash.as_ref()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{:04}-{hex}", files.len())
}

#[test]
fn a_deployment_sees_that_the_migrations_changed() {
    let template = Template::read();
    let found = template.properties("Migrations").at("Version").text();
    let version = version();
    assert_eq!(
        found, version,
        "migrations/ has changed, so write into the resource Migrations of template.yaml:\n      \
         Version: {version}\n"
    );
}

#[test]
fn nothing_else_may_invoke_the_migrations() {
    let template = Template::read();
    let [function] = template.functions_of(crate::MIGRATE)[..] else {
        panic!("one function migrates");
    };
    let token = template.properties("Migrations").at("ServiceToken").text();
    assert_eq!(token, format!("{function}.Arn"));
    for (name, permission) in template.of_type("AWS::Lambda::Permission") {
        permission.visit(&mut |node| assert_ne!(node.text(), function, "{name}"));
    }
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

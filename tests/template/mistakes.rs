//! Deliberate mistakes: the check that is named here catches each, and says
//! what to do.

use crate::checks;
use crate::manifest::Manifest;
use crate::template::Template;
use crate::{MANIFEST, TEMPLATE};

/// `text` with one thing changed, which has to be there.
#[track_caller]
fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not there to be changed");
    text.replacen(from, to, 1)
}

#[track_caller]
fn template_with(from: &str, to: &str) -> Template {
    Template::of(&changed(TEMPLATE, from, to))
}

#[track_caller]
fn assert_says(report: &str, words: &[&str]) {
    for word in words {
        assert!(report.contains(word), "{word} is not in:\n{report}");
    }
}

const TOGGLE_ROUTE: &str = "  PostApiV1TasksTaskIdToggleRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: POST /api/v1/tasks/{task_id}/toggle
      Target: !Sub integrations/${ToggleTaskIntegration}
";

const TOGGLE_IN_ROUTER: &str = r#""/api/v1/tasks/{task_id}/toggle" = [
    { function = "toggle-task", method = "POST" },
]
"#;

#[test]
fn a_route_that_is_missing_in_the_template_is_printed_to_be_pasted() {
    let template = template_with(TOGGLE_ROUTE, "");
    let report = checks::routes(&template, &Manifest::read());
    assert_says(&report, &["Paste:", TOGGLE_ROUTE.trim_end()]);
}

#[test]
fn a_route_that_is_missing_in_the_router_is_printed_to_be_pasted() {
    let manifest = Manifest::of(&changed(MANIFEST, TOGGLE_IN_ROUTER, ""));
    let report = checks::routes(&Template::read(), &manifest);
    assert_says(
        &report,
        &[r#""/api/v1/tasks/{task_id}/toggle" = [{ function = "toggle-task", method = "POST" }]"#],
    );
}

#[test]
fn another_method_than_the_routers_is_a_route_missing_and_one_too_many() {
    let template = template_with(
        "RouteKey: POST /api/v1/tasks/{task_id}/toggle",
        "RouteKey: PUT /api/v1/tasks/{task_id}/toggle",
    );
    let report = checks::routes(&template, &Manifest::read());
    assert_says(
        &report,
        &[
            "POST /api/v1/tasks/{task_id}/toggle of the router is not in template.yaml",
            "serves `PUT /api/v1/tasks/{task_id}/toggle` with toggle-task, which the router",
        ],
    );
}

#[test]
fn a_method_that_http_does_not_have_is_named() {
    let template = template_with(
        "RouteKey: POST /api/v1/tasks\n",
        "RouteKey: POTS /api/v1/tasks\n",
    );
    assert_says(&checks::methods(&template), &["POTS is no method", "POST"]);
}

#[test]
fn a_misspelt_binary_is_named() {
    for misspelt in [
        "target/lambda/get-tsak/",
        "target/lamda/get-task/",
        "target/lambda/get-task",
    ] {
        let template = template_with("target/lambda/get-task/", misspelt);
        let report = checks::binaries(&template, &Manifest::read());
        assert_says(
            &report,
            &["GetTaskFunction: CodeUri", "is no [[bin]]", "Paste:"],
        );
    }
}

#[test]
fn a_function_without_its_secret_is_named() {
    let login = TEMPLATE.find("  LoginFunction:").expect("it is there");
    let (before, from) = TEMPLATE.split_at(login);
    let text = before.to_owned() + &changed(from, "AUTH_SECRET", "AUTH_SECERT");
    let report = checks::secrets(&Template::of(&text));
    assert_says(&report, &["LoginFunction lacks AUTH_SECRET", "!If"]);
    assert!(!report.contains("RegisterFunction"), "{report}");
}

#[test]
fn a_function_with_a_secret_that_it_does_not_need_is_named() {
    let template = template_with(
        "CodeUri: target/lambda/get-task/\n",
        "CodeUri: target/lambda/get-task/\n      \
         Environment: {Variables: {AUTH_SECRET: x, DATABASE_URL_DIRECT: x}}\n",
    );
    assert_says(
        &checks::secrets(&template),
        &[
            "GetTaskFunction has AUTH_SECRET",
            "GetTaskFunction: DATABASE_URL_DIRECT is for",
        ],
    );
}

/// `sam validate --lint` catches these, too: `.ci/run` makes sure.
#[test]
fn a_reference_to_nothing_is_named() {
    for (from, to, name) in [
        ("!Ref LogLevel", "!Ref LogLevle", "LogLevle"),
        (
            "!GetAtt FunctionLogs.Arn",
            "!GetAtt FunctionLog.Arn",
            "FunctionLog",
        ),
        ("!If [HasDomain", "!If [HasDomian", "HasDomian"),
        ("DependsOn: Migrations", "DependsOn: Migration", "Migration"),
        (
            "!FindInMap [Deployments",
            "!FindInMap [Deployment",
            "Deployment",
        ),
    ] {
        let report = checks::references(&template_with(from, to));
        assert_says(&report, &[&format!("names {name}, which is not there")]);
    }
}

#[test]
fn a_function_that_does_not_wait_for_the_migrations_is_named() {
    let template = template_with("    DependsOn: Migrations\n", "");
    assert_says(
        &checks::deployment(&template),
        &["ListTasksFunction may take traffic on old tables"],
    );
}

#[test]
fn a_function_that_the_api_may_not_call_is_named() {
    let template = template_with(
        "FunctionName: !If [DeploysGradually, !Ref GetTaskFunction.Alias, !Ref GetTaskFunction]",
        "FunctionName: !Ref GetTaskFunction",
    );
    assert_says(
        &checks::deployment(&template),
        &["may not call GetTaskFunction"],
    );
}

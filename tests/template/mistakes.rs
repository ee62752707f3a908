//! Deliberate mistakes: the check that is named here catches each, and says
//! what to do.

use crate::checks;
use crate::manifest::Manifest;
use crate::regions;
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

const TOGGLE_ROUTE: &str = "        Post: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: \"/api/v1/tasks/{task_id}/toggle\"}}
";

const TOGGLE_IN_ROUTER: &str = r#""/api/v1/tasks/{task_id}/toggle" = [{ function = "toggle-task", method = "POST" }]
"#;

#[test]
fn a_route_that_is_missing_in_the_template_is_printed_to_be_pasted() {
    let template = template_with(TOGGLE_ROUTE, "");
    let report = checks::routes(&template, &Manifest::read());
    let (_, properties) = TOGGLE_ROUTE.split_once("Post: ").expect("it has a name");
    assert_says(&report, &["Paste:", properties.trim_end()]);
}

#[test]
fn a_route_that_is_missing_in_the_router_is_named_with_the_command_that_writes_it() {
    let manifest = Manifest::of(&changed(MANIFEST, TOGGLE_IN_ROUTER, ""));
    let report = checks::routes(&Template::read(), &manifest);
    assert_says(
        &report,
        &[
            "ToggleTaskFunction.Post serves `POST /api/v1/tasks/{task_id}/toggle` with toggle-task",
            "UPDATE=1 cargo test --test template",
        ],
    );
    assert!(regions::router(&Template::read()).contains(TOGGLE_IN_ROUTER));
}

#[test]
fn another_method_than_the_routers_is_a_route_missing_and_one_too_many() {
    let template = template_with(TOGGLE_ROUTE, &TOGGLE_ROUTE.replace("POST", "PUT"));
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
    let template = template_with("Method: POST", "Method: POTS");
    assert_says(
        &checks::methods(&template),
        &["POTS is no method", "POST", "CreateTaskFunction.Post"],
    );
}

#[test]
fn a_route_of_another_api_is_named() {
    let template = template_with("ApiId: !Ref Api, Method", "Method");
    assert_says(
        &checks::methods(&template),
        &["ListTasksFunction.Get is a route of another API"],
    );
}

#[test]
fn a_misspelt_binary_is_named() {
    for misspelt in [
        "target/lambda/get-tsak/bootstrap.zip",
        "target/lamda/get-task/bootstrap.zip",
        "target/lambda/get-task/",
    ] {
        let template = template_with("target/lambda/get-task/bootstrap.zip", misspelt);
        let report = checks::binaries(&template, &Manifest::read());
        assert_says(
            &report,
            &["GetTaskFunction: CodeUri", "is no [[bin]]", "Paste:"],
        );
    }
}

#[test]
fn a_function_that_is_missing_is_printed_to_be_pasted_as_it_was() {
    for name in [
        "GetTaskFunction",
        "LogoutFunction",
        "RefreshFunction",
        "WebFunction",
    ] {
        let start = TEMPLATE.find(&format!("  {name}:")).expect("it is there");
        let length = TEMPLATE[start..].find("\n\n").expect("it ends");
        let block = &TEMPLATE[start..start + length];
        let template = Template::of(&changed(TEMPLATE, block, ""));
        let report = checks::binaries(&template, &Manifest::read());
        let (head, _) = block.split_once("      Events:").expect("it has events");
        assert_says(&report, &["Paste:", head]);
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
        "CodeUri: target/lambda/get-task/bootstrap.zip\n",
        "CodeUri: target/lambda/get-task/bootstrap.zip\n      Environment: {Variables: \
         {AUTH_SECRET: x, ACCOUNTS_PASSWORD: x, DATABASE_URL_DIRECT: x}}\n",
    );
    assert_says(
        &checks::secrets(&template),
        &[
            "GetTaskFunction has AUTH_SECRET",
            "GetTaskFunction has ACCOUNTS_PASSWORD",
            "GetTaskFunction has DATABASE_URL_DIRECT",
        ],
    );
    let web = TEMPLATE.find("  WebFunction:").expect("it is there");
    let (before, from) = TEMPLATE.split_at(web);
    let text = before.to_owned() + &changed(from, "DATABASE_URL: \"\"", "LOG_LEVEL: info");
    assert_says(
        &checks::secrets(&Template::of(&text)),
        &["WebFunction has DATABASE_URL"],
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
        (
            "!GetAtt Migrations.Deployment",
            "!GetAtt Migration.Deployment",
            "Migration",
        ),
        ("!Ref Api.Stage", "!Ref Apis.Stage", "Apis"),
        ("!FindInMap [Seconds", "!FindInMap [Second", "Second"),
    ] {
        let report = checks::references(&template_with(from, to));
        assert_says(&report, &[&format!("names {name}, which is not there")]);
    }
}

#[test]
fn a_function_that_does_not_wait_for_the_migrations_is_named() {
    let globals = "    Description: !GetAtt Migrations.Deployment\n";
    assert_says(
        &checks::deployment(&template_with(globals, "")),
        &["may take traffic on old tables", globals.trim()],
    );
    let own = "CodeUri: target/lambda/list-tasks/bootstrap.zip\n";
    let template = template_with(own, &format!("{own}      Description: Lists tasks.\n"));
    assert_says(
        &checks::deployment(&template),
        &["ListTasksFunction may take traffic on old tables"],
    );
}

#[test]
fn a_function_that_publishes_no_version_is_named() {
    let template = template_with(
        "      VersionDescription: !GetAtt Migrations.Deployment\n",
        "",
    );
    assert_says(
        &checks::deployment(&template),
        &["ListTasksFunction publishes no version for a changed parameter"],
    );
    let own = "CodeUri: target/lambda/get-task/bootstrap.zip\n";
    let template = template_with(own, &format!("{own}      AutoPublishAlias: other\n"));
    assert_says(
        &checks::deployment(&template),
        &["GetTaskFunction: AutoPublishAlias is for Globals"],
    );
}

//! `migrate` as a custom resource of CloudFormation: its answer to each event, and
//! the database afterwards.

use std::time::Duration;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::runtime_api::{Function, InvocationError};
use testing::{ResponseUrl, Service, binary, until};

const SECRETS: &str = include_str!("../../docs/operations/secrets.md");

/// The members that an event has by its documentation:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>
fn event(request_type: &str, response_url: &str) -> Value {
    let mut event = json!({
        "RequestType": request_type,
        "ServiceToken": "arn:aws:lambda:eu-central-1:123456789012:function:todo-dev-migrate",
        "ResponseURL": response_url,
        "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/todo-dev/51af3dc0-da77-11e4-872e-1234567db123",
        "RequestId": "5478764d-9f8a-4a4b-9d3b-5d3d6a4a8f0c",
        "LogicalResourceId": "Migrations",
        "ResourceType": "Custom::Migrations",
        "ResourceProperties": {
            "ServiceToken": "arn:aws:lambda:eu-central-1:123456789012:function:todo-dev-migrate",
            "Version": "11",
        },
    });
    if request_type != "Create" {
        event["PhysicalResourceId"] = json!("migrations");
    }
    if request_type == "Update" {
        event["OldResourceProperties"] = json!({"Version": "10"});
    }
    event
}

fn deployed(service: &Service, changed: &[(&str, &str)]) -> Function {
    let mut environment = service.environment().to_vec();
    for (name, value) in changed {
        environment.retain(|(known, _)| known != name);
        environment.push(((*name).to_owned(), (*value).to_owned()));
    }
    Function::start(binary("migrate"), &environment).expect("the function starts")
}

/// The answer that CloudFormation reads after one event, which is sent once.
async fn response(function: &Function, request_type: &str) -> Value {
    let url = ResponseUrl::start(&[]);
    let answer = function.invoke(&event(request_type, &url.url())).await;
    answer.expect("the invocation succeeds");
    let [put] = &url.requests()[..] else {
        panic!("one answer was sent: {:?}", url.requests());
    };
    assert!(put.head.starts_with("PUT /arn%3Aaws%3A"), "{}", put.head);
    assert!(put.head.contains("X-Amz-Signature=hunter2%2B&"));
    assert!(put.head.contains("content-type: \r\n"), "{}", put.head);
    for (member, expected) in [
        (
            "StackId",
            "arn:aws:cloudformation:eu-central-1:123456789012:stack/todo-dev/51af3dc0-da77-11e4-872e-1234567db123",
        ),
        ("RequestId", "5478764d-9f8a-4a4b-9d3b-5d3d6a4a8f0c"),
        ("LogicalResourceId", "Migrations"),
        ("PhysicalResourceId", "migrations"),
    ] {
        assert_eq!(put.body[member], expected, "{member}");
    }
    put.body.clone()
}

#[track_caller]
fn assert_success(response: &Value) {
    assert_eq!(response["Status"], "SUCCESS", "{response}");
    assert_eq!(response.get("Reason"), None);
    let deployment = response["Data"]["Deployment"].as_str();
    assert_eq!(deployment.map(str::len), Some(16), "{response}");
}

#[track_caller]
fn reason(response: &Value) -> &str {
    assert_eq!(response["Status"], "FAILED", "{response}");
    response["Reason"].as_str().expect("it says why")
}

async fn count(service: &Service, sql: &str) -> i64 {
    let owner = service.connect_as_owner().await;
    let row = owner.query_typed_one(sql, &[]).await.expect("select");
    row.get(0)
}

const APPLIED: &str = "select count(*) from refinery_schema_history";

fn migrations() -> i64 {
    migrations_named("")
}

fn migrations_named(part: &str) -> i64 {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .expect("the directory is there")
        .map(|file| file.expect("it can be listed").file_name());
    let named = files.filter(|name| name.to_string_lossy().contains(part));
    i64::try_from(named.count()).expect("they are few")
}

#[tokio::test]
async fn a_new_stack_gets_its_tables_and_an_update_finds_them() {
    let service = Service::unmigrated(&StackOptions::default());
    let function = deployed(&service, &[]);

    assert_success(&response(&function, "Create").await);

    assert_eq!(count(&service, APPLIED).await, migrations());
    service.get("/health/ready").send().await.expect(200);
    assert_success(&response(&function, "Update").await);
    assert_eq!(count(&service, APPLIED).await, migrations());
    let log = function.log().join("\n");
    for line in log.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("a line is JSON: {line}"));
    }
    assert!(log.contains("applied migration V3__tasks"), "{log}");
    assert!(!log.contains("hunter2"), "the URL is a secret: {log}");
}

#[tokio::test]
async fn the_end_of_a_stack_leaves_the_data_alone() {
    let service = std::sync::Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    user.create("Kept").await;
    let function = deployed(&service, &[]);

    assert_success(&response(&function, "Delete").await);

    assert_eq!(service.stored_tasks_of(&user.id).await.len(), 1);
    assert_eq!(count(&service, APPLIED).await, migrations());
}

#[tokio::test]
async fn the_end_of_a_stack_needs_no_database() {
    let service = Service::unmigrated(&StackOptions::default());
    let nowhere = "postgres://todo_owner:hunter2@127.0.0.1:9/todo?sslmode=require";
    let function = deployed(&service, &[("DATABASE_URL_DIRECT", nowhere)]);

    assert_success(&response(&function, "Delete").await);
}

#[tokio::test]
async fn a_failing_migration_fails_the_deployment_and_leaves_nothing_behind() {
    let service = Service::unmigrated(&StackOptions::default());
    let owner = service.connect_as_owner().await;
    // The name of an index that the third migration makes after its table.
    owner
        .batch_execute("create table tasks_newest_by_status_idx ()")
        .await
        .expect("the owner may");
    let function = deployed(&service, &[]);

    let failed = response(&function, "Update").await;

    let sentence = reason(&failed);
    assert!(
        sentence.contains("V3__tasks") && sentence.contains("already exists"),
        "{sentence}"
    );
    assert_eq!(count(&service, APPLIED).await, 2);
    let tasks = "select count(*) from pg_class where relname = 'tasks'";
    assert_eq!(count(&service, tasks).await, 0);

    owner
        .batch_execute("drop table tasks_newest_by_status_idx")
        .await
        .expect("the owner may");
    assert_success(&response(&function, "Update").await);
    // The contractions wait: nobody knows what serves.
    let waiting = migrations_named("_contract_");
    assert_eq!(count(&service, APPLIED).await, migrations() - waiting);
}

/// PostgreSQL quotes bad data in its message.
#[tokio::test]
async fn a_reason_shows_no_stored_value() {
    let service = Service::unmigrated(&StackOptions::default());
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute(
            "create table refinery_schema_history (version int4 primary key, name text, applied_on text, checksum text);
             create function quote_it() returns trigger language plpgsql as
             $$ begin perform 'hunter2'::int; return new; end $$;
             create trigger quote_it before insert on refinery_schema_history
             for each row execute function quote_it()",
        )
        .await
        .expect("the owner may");
    let function = deployed(&service, &[]);

    let failed = response(&function, "Create").await;

    assert!(reason(&failed).contains("SQLSTATE 22P02"), "{failed}");
    assert!(!failed.to_string().contains("hunter2"), "{failed}");
    assert!(!function.log().join("\n").contains("hunter2"));
}

#[tokio::test]
async fn a_deployment_that_is_rolled_back_finds_a_newer_database() {
    let service = Service::start(&StackOptions::default());
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute(
            "insert into refinery_schema_history (version, name, applied_on, checksum)
             values (999, 'of_tomorrow', '2026-11-21T00:00:00Z', '1')",
        )
        .await
        .expect("the owner may");
    let function = deployed(&service, &[]);

    assert_success(&response(&function, "Update").await);

    assert_eq!(count(&service, APPLIED).await, migrations() + 1);
    let log = function.log().join("\n");
    assert!(log.contains("newer than this program"), "{log}");
    assert!(log.contains("V999__of_tomorrow"), "{log}");
}

/// CloudFormation tells the version that it takes back, and waits for nothing
/// else: a stack must not be stranded because the database is away as well.
#[tokio::test]
async fn a_rollback_to_an_older_version_needs_no_database() {
    let service = Service::unmigrated(&StackOptions::default());
    let nowhere = "postgres://todo_owner:hunter2@127.0.0.1:9/todo?sslmode=require";
    let function = deployed(&service, &[("DATABASE_URL_DIRECT", nowhere)]);
    let url = ResponseUrl::start(&[]);
    let mut event = event("Update", &url.url());
    event["OldResourceProperties"] = json!({"Version": "12"});

    let answer = function.invoke(&event).await;

    answer.expect("the invocation succeeds");
    assert_success(&url.requests()[0].body);
    until(async || function.log().join("\n").contains("older version")).await;
}

/// The outage takes 3 s, or `OUTAGE_SECONDS`; Lambda gives the function five
/// minutes.
#[tokio::test]
async fn a_database_that_comes_late_does_not_fail_the_deployment() {
    let outage = std::env::var("OUTAGE_SECONDS").map_or(3, |it| it.parse().expect("a number"));
    let service = Service::unmigrated(&StackOptions::default());
    service.stack.postgres().stop().expect("it ran");
    let function = deployed(&service, &[]);
    let url = ResponseUrl::start(&[]);
    let event = event("Create", &url.url());
    let started = std::time::Instant::now();

    let limit = Duration::from_secs(outage + 60);
    let (answer, ()) = tokio::join!(function.invoke_within(&event, limit), async {
        tokio::time::sleep(Duration::from_secs(outage)).await;
        service.stack.postgres().start().expect("it starts again");
    });

    answer.expect("the invocation succeeds");
    assert!(started.elapsed() > Duration::from_secs(outage));
    assert_success(&url.requests()[0].body);
    assert_eq!(count(&service, APPLIED).await, migrations());
    let log = function.log().join("\n");
    assert!(log.contains("It is tried again"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
    println!(
        "answered after {:?}: {}",
        started.elapsed(),
        url.requests()[0].body
    );
}

/// A server that restarts in the midst of it.
#[tokio::test]
async fn a_connection_that_breaks_does_not_fail_the_deployment() {
    let service = Service::start(&StackOptions::default());
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute("select pg_advisory_lock(x'746f646f'::bigint)")
        .await
        .expect("the owner may");
    let function = deployed(&service, &[]);
    let url = ResponseUrl::start(&[]);
    let event = event("Update", &url.url());

    let (answer, ()) = tokio::join!(function.invoke(&event), async {
        let others = "select count(*) from pg_stat_activity
            where usename = current_user and pid <> pg_backend_pid()";
        until(async || {
            let row = owner.query_typed_one(others, &[]).await.expect("select");
            row.get::<_, i64>(0) == 1
        })
        .await;
        service.stack.postgres().kill().expect("it ran");
        service.stack.postgres().start().expect("it starts again");
    });

    answer.expect("the invocation succeeds");
    assert_success(&url.requests()[0].body);
}

/// Every other change of the template relies on this.
#[tokio::test]
async fn an_answer_names_the_deployment_by_its_properties() {
    let service = Service::start(&StackOptions::default());
    let function = deployed(&service, &[]);
    let of = async |parameter: &str| {
        let url = ResponseUrl::start(&[]);
        let mut event = event("Update", &url.url());
        event["ResourceProperties"]["Parameters"] = json!([["info", parameter]]);
        let answer = function.invoke(&event).await;
        answer.expect("the invocation succeeds");
        url.requests()[0].body["Data"]["Deployment"].clone()
    };

    let one = of("Active").await;

    assert_eq!(of("Active").await, one, "a rollback finds it again");
    assert_ne!(of("PassThrough").await, one);
}

#[tokio::test]
async fn a_changed_or_foreign_migration_is_refused() {
    for (change, named) in [
        (
            "update refinery_schema_history set checksum = '1' where version = 3",
            "V3__tasks",
        ),
        (
            "update refinery_schema_history set version = 999 where version = 3",
            "V999__tasks",
        ),
    ] {
        let service = Service::start(&StackOptions::default());
        let owner = service.connect_as_owner().await;
        owner.batch_execute(change).await.expect("the owner may");

        let failed = response(&deployed(&service, &[]), "Update").await;

        let sentence = reason(&failed);
        assert!(sentence.contains("do not fit"), "{sentence}");
        assert!(sentence.contains(named), "{sentence}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_configuration_is_said_without_secrets() {
    let service = Service::unmigrated(&StackOptions::default());
    let nowhere = "postgres://todo_owner:hunter2@127.0.0.1:9/todo?sslmode=require";
    for (variable, value, beginning) in [
        (
            "DATABASE_URL_DIRECT",
            nowhere,
            "The database can't be reached",
        ),
        ("DATABASE_URL_DIRECT", "hunter2", "DATABASE_URL_DIRECT "),
        ("DATABASE_URL", "hunter2", "DATABASE_URL "),
        ("SSL_CERT_FILE", "/hunter2.pem", "SSL_CERT_FILE "),
    ] {
        let function = deployed(&service, &[(variable, value)]);
        let url = ResponseUrl::start(&[]);
        let event = event("Create", &url.url());

        let answer = function.invoke_within(&event, Duration::from_secs(4)).await;

        answer.expect("the invocation succeeds");
        let failed = &url.requests()[0].body;
        let sentence = reason(failed);
        assert!(sentence.starts_with(beginning), "{sentence}");
        assert!(!sentence.contains("hunter2"), "{sentence}");
        assert!(!function.log().join("\n").contains("hunter2"));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_arrive_is_sent_again() {
    let service = Service::start(&StackOptions::default());
    let function = deployed(&service, &[]);
    let url = ResponseUrl::start(&["500 Internal Server Error", "503 Slow Down"]);

    let answer = function.invoke(&event("Update", &url.url())).await;

    answer.expect("the invocation succeeds");
    let requests = url.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|put| put.body["Status"] == "SUCCESS"));
}

/// When migrations take longer than the function may, the answer comes before
/// Lambda ends the function.
#[tokio::test]
async fn an_answer_comes_before_the_deadline() {
    let service = Service::start(&StackOptions::default());
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute("select pg_advisory_lock(x'746f646f'::bigint)")
        .await
        .expect("the owner may");
    let function = deployed(&service, &[]);
    let url = ResponseUrl::start(&[]);

    let answer = function
        .invoke_within(&event("Update", &url.url()), Duration::from_secs(4))
        .await;

    answer.expect("the invocation succeeds");
    let body = &url.requests()[0].body;
    assert!(reason(body).contains("took too long"), "{body}");
}

#[tokio::test]
async fn a_bad_event_is_answered_where_it_says_where() {
    let service = Service::unmigrated(&StackOptions::default());
    let function = deployed(&service, &[]);
    for bad in ["RequestType", "StackId", "ResourceProperties", "RequestId"] {
        let url = ResponseUrl::start(&[]);
        let mut event = event("Delete", &url.url());
        event[bad] = json!({"hunter2": 1});

        let answer = function.invoke(&event).await;

        answer.expect("the invocation succeeds");
        let requests = url.requests();
        assert_eq!(requests.len(), 1, "{bad}");
        let expected = if bad == "RequestType" {
            "FAILED"
        } else {
            "SUCCESS"
        };
        assert_eq!(requests[0].body["Status"], expected, "{bad}");
    }
    for unanswerable in [json!({}), json!([]), event("Create", "http://example.com/")] {
        let answer = function.invoke(&unanswerable).await;
        assert!(
            matches!(&answer, Err(InvocationError::Failed { message, .. }) if message.contains("ResponseURL")),
            "{answer:?}"
        );
    }
    let history = "select count(*) from pg_class where relname = 'refinery_schema_history'";
    assert_eq!(count(&service, history).await, 0, "nothing was migrated");
}

/// A password is rotated with another role: the secret names the role, the
/// deployment creates it, and the old role works until nobody uses it any more.
#[tokio::test]
async fn another_login_role_works_beside_the_old_one() {
    let service = Service::start(&StackOptions::default());
    let direct = service.stack.direct_url();
    let at = direct.find('@').expect("it names a user");
    let renewed = format!("postgres://todo_login_2:new-password{}", &direct[at..]);
    let function = deployed(&service, &[("DATABASE_URL", &renewed)]);

    assert_success(&response(&function, "Update").await);

    let new = service.connect(&renewed).await;
    let old = service.connect_as_login().await;
    let call = "select todo.check_ready()";
    for login in [&new, &old] {
        login.batch_execute(call).await.expect("it may");
    }
    drop(old);
    let (_, remove) = SECRETS.split_once("```sql").expect("there is a statement");
    let (remove, _) = remove.split_once("```").expect("it ends");
    let owner = service.connect_as_owner().await;
    let removed = owner.batch_execute(remove).await;
    removed.expect("nothing belongs to it");
    let roles = "select count(*) from pg_roles where rolname ~ '^todo_login(_accounts|_sign_in|$)'";
    assert_eq!(count(&service, roles).await, 0);
    new.batch_execute(call).await.expect("it still may");
}

/// The URL is a secret: a server that cannot prove its identity gets no request.
#[tokio::test]
async fn the_answer_goes_over_tls_to_a_server_that_is_known() {
    let service = Service::start(&StackOptions::default());
    let url = ResponseUrl::start_with_tls(&service);
    let known = deployed(&service, &[]);

    let answer = known.invoke(&event("Update", &url.url())).await;

    answer.expect("the invocation succeeds");
    assert_success(&url.requests()[0].body);

    // The roots of the deployment do not include this server's authority.
    let roots = concat!(env!("CARGO_MANIFEST_DIR"), "/layers/roots/roots.pem");
    let unknown = deployed(&service, &[("SSL_CERT_FILE", roots)]);
    let answer = unknown
        .invoke_within(&event("Delete", &url.url()), Duration::from_secs(4))
        .await;

    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(url.requests().len(), 1);
    let log = unknown.log().join("\n");
    assert!(log.contains("certificate verify failed"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

//! `migrate`: from any state of the database to the one that the program expects.

use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;

use local::stack::StackOptions;
use testing::{Service, binary};

/// Better Auth 1.7's own tables, as its migration makes them.
const BETTER_AUTH: &str = r#"
    create table "user" (id text primary key, name text not null, email text not null unique,
        "emailVerified" boolean not null, image text, "createdAt" timestamptz default current_timestamp not null,
        "updatedAt" timestamptz default current_timestamp not null);
    create table account (id text primary key, "accountId" text not null, "providerId" text not null,
        "userId" text not null references "user" (id) on delete cascade, "accessToken" text, "refreshToken" text,
        "idToken" text, "accessTokenExpiresAt" timestamptz, "refreshTokenExpiresAt" timestamptz, scope text,
        password text, "createdAt" timestamptz default current_timestamp not null, "updatedAt" timestamptz not null);
    create index "account_userId_idx" on account ("userId");
    create table jwks (id text primary key, "publicKey" text not null, "privateKey" text not null,
        "createdAt" timestamptz not null, "expiresAt" timestamptz, alg text, crv text);
    insert into "user" (id, name, email, "emailVerified") values ('theirs', 'Ann', 'ann@example.com', true);"#;

fn unmigrated() -> Service {
    Service::unmigrated(&StackOptions::default())
}

fn migrate(service: &Service, changed: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary("migrate"));
    command
        .env_clear()
        .envs(service.environment().iter().cloned());
    command.envs(changed.iter().copied());
    command.output().expect("the binary is there")
}

#[track_caller]
fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "it went well");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_says_what_it_did_and_does_nothing_twice() {
    let service = unmigrated();
    let first = said(&migrate(&service, &[]));
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let migrations = files.expect("the directory is there").count();
    assert_eq!(
        first.matches("applied migration").count(),
        migrations,
        "{first}"
    );
    assert!(first.contains("created the login role"), "{first}");
    let second = said(&migrate(&service, &[]));
    assert!(second.contains("no migration is missing"), "{second}");
    assert!(
        !second.contains("applied") && !second.contains("created"),
        "{second}"
    );
}

#[test]
fn two_at_once_are_one_after_the_other() {
    let service = unmigrated();
    let outputs = thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| said(&migrate(&service, &[]))))
            .collect();
        runs.into_iter()
            .map(|run| run.join().expect("it went well"))
            .collect::<Vec<_>>()
    });
    let applied = outputs
        .iter()
        .filter(|said| said.contains("applied migration"))
        .count();
    assert_eq!(applied, 1, "{outputs:?}");
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_behind() {
    let service = unmigrated();
    let owner = service.connect_as_owner().await;
    // This is the name of an index that the third migration makes after its table.
    owner
        .batch_execute("create table tasks_newest_by_status_idx ()")
        .await
        .expect("the owner may");

    let sentence = refused(&migrate(&service, &[]));
    assert!(
        sentence.contains("V3__tasks") && sentence.contains("already exists"),
        "{sentence}"
    );
    let there = owner
        .query_typed_one(
            "select to_regclass('account') is not null, to_regclass('tasks') is not null",
            &[],
        )
        .await
        .expect("select");
    assert_eq!(
        (there.get(0), there.get(1)),
        (true, false),
        "what came before stays, the failed one is gone"
    );

    owner
        .batch_execute("drop table tasks_newest_by_status_idx")
        .await
        .expect("the owner may");
    assert!(said(&migrate(&service, &[])).contains("applied migration V3__tasks"));
}

#[tokio::test]
async fn better_auths_tables_may_come_first() {
    let service = unmigrated();
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute(BETTER_AUTH)
        .await
        .expect("the owner may");

    let said = said(&migrate(&service, &[]));
    assert!(said.contains("Better Auth's jwks"), "{said}");
    let service = Arc::new(service);
    service.new_user().await.create("On their tables").await;
    for (sql, allowed) in [
        (r#"select "publicKey", alg from jwks"#, true),
        (r#"select "privateKey" from jwks"#, false),
        (
            r#"insert into jwks (id, "publicKey", "privateKey", "createdAt") values ('x', 'x', 'x', now())"#,
            false,
        ),
    ] {
        let sql = format!("begin; set local role todo_auth; {sql}; rollback");
        assert_eq!(owner.batch_execute(&sql).await.is_ok(), allowed, "{sql}");
        owner.batch_execute("rollback").await.expect("rollback");
    }
}

#[tokio::test]
async fn ids_that_are_not_text_are_refused_with_a_sentence() {
    let service = unmigrated();
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute(r#"create table "user" (id uuid primary key)"#)
        .await
        .expect("the owner may");
    let sentence = refused(&migrate(&service, &[]));
    assert!(
        sentence.contains("advanced.database.generateId"),
        "{sentence}"
    );
}

#[test]
fn the_owner_is_refused_as_a_login() {
    let service = unmigrated();
    let direct = service.stack.direct_url();
    let sentence = refused(&migrate(&service, &[("DATABASE_URL", &direct)]));
    assert!(
        sentence.starts_with("DATABASE_URL signs in as the owner of the tables"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_login_with_rights_of_its_own_is_refused() {
    let service = unmigrated();
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute("create role todo_login login inherit")
        .await
        .expect("the owner may");
    let sentence = refused(&migrate(&service, &[]));
    assert!(
        sentence.starts_with("The login role todo_login has rights of its own"),
        "{sentence}"
    );
    owner
        .batch_execute("alter role todo_login noinherit")
        .await
        .expect("the owner may");
    said(&migrate(&service, &[]));
}

#[test]
fn a_database_out_of_reach_is_a_sentence_without_secrets() {
    let service = unmigrated();
    let nowhere = "postgres://todo_owner:hunter2@127.0.0.1:9/todo?sslmode=require";
    let sentence = refused(&migrate(&service, &[("DATABASE_URL_DIRECT", nowhere)]));
    assert!(
        sentence.starts_with("The database can't be reached"),
        "{sentence}"
    );
    assert!(!sentence.contains("hunter2"), "{sentence}");
    let sentence = refused(&migrate(&service, &[("DATABASE_URL_DIRECT", "hunter2")]));
    assert!(sentence.starts_with("DATABASE_URL_DIRECT "), "{sentence}");
    assert!(!sentence.contains("hunter2"), "{sentence}");
}

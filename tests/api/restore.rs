//! The drill of docs/operations/restore.md: a dump is restored into a fresh
//! server, by the commands that stand there, and the functions serve from it.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use local::stack::StackOptions;
use local::tools;
use serde_json::json;

use testing::{Service, binary};

const GUIDE: &str = include_str!("../../docs/operations/restore.md");

/// The commands below this heading, the first block of them.
fn commands(heading: &str) -> &'static str {
    let (_, section) = GUIDE
        .split_once(&format!("## {heading}\n"))
        .expect("the section is there");
    let (_, block) = section.split_once("```sh\n").expect("it has commands");
    block.split_once("```").expect("they end").0
}

/// Runs commands of the guide in `directory`, for the database of `service`.
fn run(commands: &str, directory: &Path, service: &Service, direct_url: &str) {
    let migrate = binary("migrate");
    let commands = commands.replace("cargo run --bin migrate", &migrate.display().to_string());
    // The roots that Neon needs do not vouch for servers of ours.
    let commands = commands.replace("$PWD/layers/roots/roots.pem", "$SSL_CERT_FILE");
    let postgres = tools::postgres_bin().expect("PostgreSQL is there");
    let path = env::var("PATH").expect("there is one");
    let output = Command::new("sh")
        .args(["-euc", &commands])
        .current_dir(directory)
        .env_clear()
        .envs(service.environment().iter().cloned())
        .env("DATABASE_URL_DIRECT", direct_url)
        .env("PATH", format!("{}:{path}", postgres.display()))
        .env("PGSSLROOTCERT", service.stack.certificate_authority())
        .output()
        .expect("there is a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}\n{errors}");
}

async fn rows(service: &Service) -> BTreeMap<String, i64> {
    let reader = service.connect(&service.stack.superuser_urls()[1]).await;
    let tables = "select format('%I', relname) from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace";
    let tables = reader.query_typed(tables, &[]).await.expect("select");
    let mut rows = BTreeMap::new();
    for table in tables {
        let table: String = table.get(0);
        let count = format!("select count(*) from {table}");
        let count = reader.query_typed_one(&count, &[]).await.expect("select");
        rows.insert(table, count.get(0));
    }
    rows
}

#[tokio::test]
async fn a_restored_dump_has_every_row_and_serves() {
    let tasks = env::var("RESTORED_TASKS").map_or(2000, |it| it.parse().expect("a number"));
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let deleted = user.create("Deleted before the dump").await;
    user.delete(&testing::path_of(&deleted)).await.expect(204);
    // The transactions that wrote these rows lie ahead of the new server's.
    let owner = service.connect_as_owner().await;
    let spend = owner.batch_execute(
        "do $$ begin
            for number in 1..10000 loop perform pg_current_xact_id(); commit; end loop;
        end $$",
    );
    spend.await.expect("the owner may");
    service.fill(&user.id, tasks).await;
    let changes = user.get("/api/v1/tasks/changes?limit=1").await.expect(200);
    let directory = env::temp_dir().join(format!("todo-restore-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&directory).expect("a directory for the dump");

    let started = Instant::now();
    let dump = commands("A dump at another provider");
    run(
        dump,
        &directory,
        &service,
        &service.stack.superuser_urls()[1],
    );
    let dumped = started.elapsed();
    let mut restored = Service::unmigrated(&StackOptions::default());
    for (name, value) in service.environment() {
        if ["AUTH_SECRET", "ACCOUNTS_PASSWORD"].contains(&name.as_str()) {
            restored.set(name, value);
        }
    }
    let restored = Arc::new(restored);
    let started = Instant::now();
    let restore = commands("Restoring a dump");
    run(restore, &directory, &restored, &restored.stack.direct_url());
    println!(
        "{tasks} tasks: dumped in {dumped:.1?}, restored in {:.1?}",
        started.elapsed()
    );
    std::fs::remove_dir_all(&directory).expect("it is ours");

    let expected = rows(&service).await;
    assert!(expected["tasks"] >= i64::from(tasks), "{expected:?}");
    assert_eq!(rows(&restored).await, expected);
    let login = json!({"email": user.email, "password": user.password});
    let session = restored
        .post("/api/v1/auth/login")
        .json(&login)
        .send()
        .await
        .expect(200);
    let token = session["access_token"].as_str().expect("a token");
    let list = restored
        .get("/api/v1/tasks?limit=1")
        .token(token)
        .send()
        .await
        .expect(200);
    assert_eq!(list["total"], tasks);
    let new = json!({"title": "After the restore"});
    let call = restored.post("/api/v1/tasks").token(token).json(&new);
    call.send().await.expect(201);
    let since = changes["next_since"].as_str().expect("a token");
    let since = format!("/api/v1/tasks/changes?since={since}");
    let answer = restored.get(&since).token(token).send().await;
    answer.expect_problem(410, "gone");

    // A client that starts again hears of each task once, and then of news alone.
    let changes = async |query: &str| {
        let path = format!("/api/v1/tasks/changes?{query}");
        let answer = restored.get(&path).token(token).send().await.expect(200);
        let next = answer["next_since"].as_str().expect("a token");
        let next = format!("since={next}");
        (answer, next)
    };
    let (mut heard, mut query) = (0, "limit=200".to_owned());
    loop {
        let (answer, next) = changes(&query).await;
        heard += answer["tasks"].as_array().map_or(0, Vec::len);
        query = next;
        if answer["has_more"] == false {
            break;
        }
    }
    assert_eq!(heard, usize::try_from(tasks).expect("a size") + 1);
    for _ in 0..2 {
        let (answer, next) = changes(&query).await;
        assert_eq!(
            (&answer["tasks"], &answer["deleted"]),
            (&json!([]), &json!([]))
        );
        query = next;
    }
}

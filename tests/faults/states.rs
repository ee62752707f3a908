//! PostgreSQL refuses a statement that it would run at another time.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::json;
use testing::{Service, path_of};

/// SQLSTATEs of a server that is full, out of memory, read-only, or about to
/// stop (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const STATES: [&str; 6] = ["53100", "53200", "53000", "25006", "57P01", "58030"];

#[tokio::test]
async fn a_refusal_that_passes_is_503_and_nothing_is_changed() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let task = user.create("Kept").await;
    let path = path_of(&task);
    let owner = service.connect_as_owner().await;
    for state in STATES {
        let refuse = format!(
            "create or replace function fail() returns trigger language plpgsql as
            $$ begin raise exception using errcode = '{state}', message = 'as if'; end $$;
            create or replace trigger fail before insert or update or delete on tasks
            for each statement execute function fail()"
        );
        owner.batch_execute(&refuse).await.expect("it may");
        let before = user.stored().await;
        let one = json!({"operations": [{"op": "delete", "id": task["id"]}]});
        for call in [
            user.call("POST", "/api/v1/tasks")
                .json(&json!({"title": "Refused"})),
            user.call("PATCH", &path).json(&json!({"title": "Refused"})),
            user.call("POST", &format!("{path}/toggle")),
            user.call("POST", "/api/v1/tasks/batch").json(&one),
            user.call("DELETE", &path),
        ] {
            let answer = call.send().await;
            let problem = answer.expect_problem(503, "unavailable");
            assert!(answer.header("retry-after").is_some(), "{state}");
            assert!(!problem.to_string().contains("as if"), "{problem}");
        }
        assert_eq!(user.stored().await, before, "{state}");
        // Reads still work.
        user.get(&path).await.expect(200);
        owner
            .batch_execute("drop trigger fail on tasks")
            .await
            .expect("it may");
        user.patch(&path, &json!({"title": state}))
            .await
            .expect(200);
    }
}

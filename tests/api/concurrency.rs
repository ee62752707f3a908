//! Many users at once, over very few server connections.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Service, TestUser, path_of};

const CLIENTS: usize = 8;
const ROUNDS: usize = 60;
const REQUESTS_PER_ROUND: usize = 6;

/// PgBouncer passes its 2 server connections from transaction to transaction. If
/// one left its role, its user or the name of a statement behind, the next answer
/// would be wrong.
#[tokio::test]
async fn eight_clients_on_two_server_connections_never_see_a_wrong_row() {
    let options = StackOptions {
        pool_size: 2,
        ..StackOptions::default()
    };
    let service = Arc::new(Service::start(&options));
    for function in [
        "list-tasks",
        "create-task",
        "get-task",
        "update-task",
        "toggle-task",
    ] {
        service
            .function(function)
            .add_process()
            .expect("a second environment starts");
    }
    let mut users = Vec::new();
    for _ in 0..CLIENTS {
        users.push(Arc::new(service.new_user().await));
    }

    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(mix(client, users.clone())))
        .collect();
    let mut requests = 0;
    for client in clients {
        requests += client.await.expect("no client saw a wrong answer");
    }

    assert_eq!(requests, CLIENTS * ROUNDS * REQUESTS_PER_ROUND);
    for user in &users {
        let stored = user.stored().await;
        assert_eq!(
            stored.len(),
            ROUNDS,
            "each round made one task of each user"
        );
        assert!(
            stored
                .iter()
                .all(|task| task["user_id"] == user.id.as_str())
        );
        assert!(
            stored.iter().all(|task| task["version"] == 3),
            "created, changed, toggled"
        );
    }
}

/// Sends requests as another user in each round, and returns the number of right
/// answers.
async fn mix(client: usize, users: Vec<Arc<TestUser>>) -> usize {
    for round in 0..ROUNDS {
        let user = &users[(client + round) % CLIENTS];
        let stranger = &users[(client + round + 1) % CLIENTS];
        let title = format!("{} by {client} in round {round}", user.id);

        let task = user.create(&title).await;
        assert_eq!(
            (&task["title"], &task["user_id"]),
            (&json!(title), &json!(user.id))
        );
        let path = path_of(&task);
        assert_eq!(user.get(&path).await.expect(200), task);
        stranger.get(&path).await.expect_problem(404, "not-found");
        let due = json!({"due_date": "2026-12-31"});
        let changed = user.patch(&path, &due).await.expect(200);
        assert_eq!(
            (&changed["title"], &changed["user_id"]),
            (&json!(title), &json!(user.id))
        );
        let toggled = user
            .call("POST", &format!("{path}/toggle"))
            .send()
            .await
            .expect(200);
        assert_eq!(
            (&toggled["id"], &toggled["completed"]),
            (&task["id"], &json!(true))
        );

        let list = user.get("/api/v1/tasks?limit=200").await.expect(200);
        let tasks = list["tasks"].as_array().expect("a list");
        let is_own = |task: &Value| task["user_id"] == user.id.as_str();
        assert!(tasks.iter().all(is_own), "{list}");
    }
    ROUNDS * REQUESTS_PER_ROUND
}

//! Limits for sign-ins and registrations.

use std::collections::BTreeMap;
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::json;
use testing::{Answer, Service, TestUser, new_address, new_email, service};
use tokio::task::JoinSet;

const WRONG: &str = "wrong password";

const MINUTES: std::ops::RangeInclusive<u32> = 1..=900;
const DAY: std::ops::RangeInclusive<u32> = 901..=86_400;

#[tokio::test]
async fn from_one_address_a_password_can_be_guessed_ten_times() {
    let user = service().new_user().await;
    let address = new_address();
    fail(&user, &address, 10).await;

    let answer = sign_in(&user, &user.password, &address).await;

    let wait = wait(&answer);
    assert!(MINUTES.contains(&wait), "{wait}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json().get("access_token"), None);
}

#[tokio::test]
async fn whoever_is_attacked_signs_in_from_elsewhere() {
    let user = service().new_user().await;
    let attacker = new_address();
    fail(&user, &attacker, 10).await;
    wait(&sign_in(&user, WRONG, &attacker).await);

    let answer = sign_in(&user, &user.password, &new_address()).await;

    answer.expect(200);
}

#[tokio::test]
async fn other_users_sign_in_from_the_address_of_a_guesser() {
    let service = service();
    let (user, neighbour) = (service.new_user().await, service.new_user().await);
    let address = new_address();
    fail(&user, &address, 10).await;

    let answer = sign_in(&neighbour, &neighbour.password, &address).await;

    answer.expect(200);
}

#[tokio::test]
async fn the_case_of_an_email_address_makes_no_other_one() {
    let mut user = service().new_user().await;
    let address = new_address();
    fail(&user, &address, 5).await;
    user.email = format!(" {} ", user.email.to_uppercase());
    fail(&user, &address, 5).await;

    let answer = sign_in(&user, &user.password, &address).await;

    wait(&answer);
}

#[tokio::test]
async fn an_unknown_email_address_is_throttled_the_same() {
    let mut user = service().new_user().await;
    let address = new_address();
    fail(&user, &address, 10).await;
    let known = sign_in(&user, WRONG, &address).await;
    user.email = new_email();
    fail(&user, &address, 10).await;

    let unknown = sign_in(&user, WRONG, &address).await;

    assert!(wait(&known).abs_diff(wait(&unknown)) < 60);
    assert_eq!(unknown.text(), known.text());
}

#[tokio::test]
async fn a_right_password_is_not_counted() {
    let user = service().new_user().await;
    let address = new_address();
    for _ in 0..12 {
        let answer = sign_in(&user, &user.password, &address).await;

        answer.expect(200);
    }
}

#[tokio::test]
async fn a_right_password_forgives_the_wrong_ones() {
    let user = service().new_user().await;
    let address = new_address();
    fail(&user, &address, 9).await;

    let answer = sign_in(&user, &user.password, &address).await;

    answer.expect(200);
    fail(&user, &address, 10).await;
    wait(&sign_in(&user, &user.password, &address).await);
}

#[tokio::test]
async fn what_is_refused_unread_is_not_counted() {
    let user = service().new_user().await;
    let address = new_address();
    for body in [
        json!({"email": user.email, "password": ""}),
        json!({"email": user.email}),
        json!({"email": user.email, "password": WRONG, "name": "Ann"}),
    ] {
        for _ in 0..5 {
            let call = user.service.post("/api/v1/auth/login").json(&body);
            let answer = call.source_address(&address).send().await;

            answer.expect_problem(422, "invalid");
        }
    }
    fail(&user, &address, 10).await;
}

#[tokio::test]
async fn no_header_changes_the_address() {
    let user = service().new_user().await;
    let address = new_address();
    let attempt = |round: u8, password: &str| {
        let body = json!({"email": user.email, "password": password});
        let elsewhere = format!("203.0.113.{round}");
        user.service
            .post("/api/v1/auth/login")
            .json(&body)
            .source_address(&address)
            .header("x-forwarded-for", &elsewhere)
            .header("x-real-ip", &elsewhere)
            .header("forwarded", &format!("for={elsewhere}"))
            .header("x-amzn-source-ip", &elsewhere)
            .send()
    };
    for round in 0..10 {
        let answer = attempt(round, WRONG).await;
        answer.expect_problem(401, "unauthorized");
    }

    let answer = attempt(10, &user.password).await;

    wait(&answer);
}

#[tokio::test]
async fn concurrent_attempts_are_all_counted() {
    let service = service();
    let user = Arc::new(service.new_user().await);
    for _ in 0..3 {
        let function = service.function("login");
        function.add_process().expect("another process starts");
    }
    let address = new_address();

    let mut attempts = JoinSet::new();
    for _ in 0..12 {
        let (user, address) = (user.clone(), address.clone());
        attempts.spawn(async move { sign_in(&user, WRONG, &address).await });
    }
    let answers = attempts.join_all().await;

    let mut statuses = BTreeMap::new();
    for answer in &answers {
        *statuses.entry(answer.status()).or_insert(0) += 1;
    }
    assert_eq!(
        statuses,
        BTreeMap::from([(401, 10), (429, 2)]),
        "{answers:?}"
    );
    wait(&sign_in(&user, &user.password, &address).await);
}

#[tokio::test]
async fn from_one_address_sixty_attempts_fail_whoever_is_tried() {
    let service = service();
    let user = service.new_user().await;
    let address = new_address();
    fail_with_many(&service, &address, 60).await;

    let answer = sign_in(&user, &user.password, &address).await;

    let wait = wait(&answer);
    assert!(MINUTES.contains(&wait), "{wait}");
    let elsewhere = sign_in(&user, &user.password, &new_address()).await;
    elsewhere.expect(200);
}

/// The local emulator gives every client this address.
#[tokio::test]
async fn on_loopback_everybody_has_tries_of_their_own() {
    let service = service();
    let user = service.new_user().await;
    fail_with_many(&service, "127.0.0.1", 61).await;

    let answer = sign_in(&user, &user.password, "127.0.0.1").await;

    answer.expect(200);
    fail(&user, "127.0.0.1", 10).await;
    wait(&sign_in(&user, &user.password, "127.0.0.1").await);
}

#[tokio::test]
async fn after_a_hundred_wrong_passwords_in_a_day_only_known_addresses_are_heard() {
    let user = service().new_user().await;
    let known = new_address();
    sign_in(&user, &user.password, &known).await.expect(200);
    for _ in 0..10 {
        fail(&user, &new_address(), 10).await;
    }

    let answer = sign_in(&user, &user.password, &new_address()).await;

    let wait = wait(&answer);
    assert!(DAY.contains(&wait), "{wait}");
    sign_in(&user, &user.password, &known).await.expect(200);
    let mistyped = sign_in(&user, WRONG, &known).await;
    mistyped.expect_problem(401, "unauthorized");
    user.sign_in().await;
}

/// A refused attempt is not counted: otherwise one address could keep a user from
/// signing in at any new address.
#[tokio::test]
async fn one_address_alone_locks_nobody_out_elsewhere() {
    let user = service().new_user().await;
    let attacker = new_address();
    fail(&user, &attacker, 10).await;
    for _ in 0..95 {
        wait(&sign_in(&user, WRONG, &attacker).await);
    }

    let answer = sign_in(&user, &user.password, &new_address()).await;

    answer.expect(200);
}

/// Registrations count whether they succeed or the e-mail address has an account:
/// both tell an attacker something.
#[tokio::test]
async fn from_one_address_sixty_accounts_can_be_asked_for() {
    let service = service();
    let user = service.new_user().await;
    let address = new_address();
    for _ in 0..30 {
        let taken = register(&service, &user.email, &address).await;
        taken.expect_problem(409, "conflict");
        let made = register(&service, &new_email(), &address).await;
        made.expect(201);
    }

    let answer = register(&service, &new_email(), &address).await;

    let wait = wait(&answer);
    assert!(MINUTES.contains(&wait), "{wait}");
    let elsewhere = register(&service, &new_email(), &new_address()).await;
    elsewhere.expect(201);
    sign_in(&user, &user.password, &address).await.expect(200);
}

#[tokio::test]
async fn once_the_time_is_over_counting_starts_anew() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let address = new_address();
    fail(&user, &address, 10).await;

    move_ends(&service, "window_ends_at - interval '10 minutes'").await;
    for _ in 0..3 {
        let wait = wait(&sign_in(&user, &user.password, &address).await);
        assert!((200..=300).contains(&wait), "{wait}");
    }
    for end in ["now()", "now() - interval '2 days'"] {
        move_ends(&service, end).await;
        fail(&user, &address, 10).await;
        let wait = wait(&sign_in(&user, &user.password, &address).await);
        assert!((800..=900).contains(&wait), "{end}: {wait}");
    }
}

#[tokio::test]
async fn what_ended_long_ago_goes() {
    let user = service().new_user().await;
    let insert = "
        insert into auth_throttle (key, hits, window_ends_at)
        select $1 || number, 100, now() - interval '25 hours'
        from generate_series(1, 25) as numbers (number)
        union all
        select $1 || ' lately', 100, now() - interval '23 hours'
        union all
        select $1 || ' still', 100, now() + interval '1 hour'";
    user.run(insert).await;

    fail(&user, &new_address(), 5).await;

    let kept = user
        .run("select from auth_throttle where starts_with(key, $1)")
        .await;
    assert_eq!(kept.len(), 2);
}

/// Else two attempts that remove each other's old counts wait in a circle.
#[tokio::test]
async fn an_attempt_that_waits_for_its_own_count_holds_no_old_one() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    user.run(
        "insert into auth_throttle (key, hits, window_ends_at)
        values ($1, 1, now()), ($1 || ' old', 1, now() - interval '2 days')",
    )
    .await;
    let own = "select from auth_throttle where key = $1 for update";
    let held = user.hold(own).await;
    let count = "select todo.count_attempt(array[$1], '{900}', '{10}', '{}', '{}', '{}', false)";
    let old = "select from auth_throttle where key = $1 || ' old' for update nowait";
    let meanwhile = async {
        held.until_waiting(1).await;
        let rows = user.run(old).await;
        held.release().await;
        rows
    };

    let (_, found) = tokio::join!(user.run(count), meanwhile);

    assert_eq!(found.len(), 1);
    assert!(user.run(old).await.is_empty());
}

#[tokio::test]
async fn neither_users_nor_addresses_are_stored() {
    let service = service();
    let user = service.new_user().await;
    let address = new_address();
    sign_in(&user, &user.password, &address).await.expect(200);
    fail(&user, &address, 2).await;
    let taken = register(&service, &user.email, &address).await;
    taken.expect_problem(409, "conflict");
    let delete = user.call("DELETE", "/api/v1/me");
    let delete = delete.json(&json!({"password": WRONG})).send().await;
    delete.expect_invalid(&["/password"]);
    let client = service.connect_as_owner().await;
    let select = "select auth_throttle::text from auth_throttle";

    let rows = client.query_typed(select, &[]).await.expect("select");

    assert!(rows.len() >= 6, "{rows:?}");
    let (local_part, _) = user.email.split_once('@').expect("it is an address");
    for row in &rows {
        let row: &str = row.get(0);
        for plain in [local_part, "example.com", &address, "127.0.0.1", &user.id] {
            assert!(!row.contains(plain), "{plain} in {row}");
        }
    }
}

async fn sign_in(user: &TestUser, password: &str, address: &str) -> Answer {
    let body = json!({"email": user.email, "password": password});
    let call = user.service.post("/api/v1/auth/login").json(&body);
    call.source_address(address).send().await
}

async fn register(service: &Service, email: &str, address: &str) -> Answer {
    let body = json!({"name": "Ann", "email": email, "password": "correct horse"});
    let call = service.post("/api/v1/auth/register").json(&body);
    call.source_address(address).send().await
}

/// Tries so many wrong passwords, and asserts that all are checked.
async fn fail(user: &TestUser, address: &str, times: usize) {
    for _ in 0..times {
        let answer = sign_in(user, WRONG, address).await;
        answer.expect_problem(401, "unauthorized");
    }
}

/// Does the same with many e-mail addresses, ten times each.
async fn fail_with_many(service: &Service, address: &str, times: usize) {
    let mut email = new_email();
    for round in 0..times {
        if round % 10 == 0 {
            email = new_email();
        }
        let body = json!({"email": email, "password": WRONG});
        let call = service.post("/api/v1/auth/login").json(&body);
        let answer = call.source_address(address).send().await;
        answer.expect_problem(401, "unauthorized");
    }
}

/// Moves the end of all counting periods.
async fn move_ends(service: &Service, end: &str) {
    let update = format!("update auth_throttle set window_ends_at = {end}");
    let client = service.connect_as_owner().await;
    client.batch_execute(&update).await.expect("update");
}

/// Asserts 429 and returns the seconds to wait.
#[track_caller]
fn wait(answer: &Answer) -> u32 {
    answer.expect_problem(429, "too-many-requests");
    let seconds = answer.header("retry-after").expect("it is told");
    seconds.parse().expect("it is a number")
}

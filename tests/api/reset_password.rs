//! `POST /api/v1/auth/forgot-password`, `POST /api/v1/auth/reset-password`

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::runtime_api::Function;
use testing::{Answer, Service, SmtpServer, TestUser, binary, new_address, new_email, service};

const FORGOT: &str = "/api/v1/auth/forgot-password";
const RESET: &str = "/api/v1/auth/reset-password";

const NEW: &str = "staple battery horse";

/// A service whose mail server takes a second for each mail, of all tests here.
fn with_mail() -> (&'static SmtpServer, Arc<Service>) {
    static MAIL: OnceLock<(SmtpServer, Arc<Service>)> = OnceLock::new();
    let (server, service) = MAIL.get_or_init(|| {
        let mut service = Service::start(&StackOptions::default());
        let server = SmtpServer::start(&service, Duration::from_secs(1));
        service.set("SMTP_URL", &server.url());
        let service = Arc::new(service);
        for _ in 0..5 {
            let function = service.function("reset-password");
            function.add_process().expect("another process starts");
        }
        (server, service)
    });
    (server, service.clone())
}

#[tokio::test]
async fn a_link_gives_an_account_a_new_password_once() {
    let (server, service) = with_mail();
    let user = service.new_user().await;
    let elsewhere = user.sign_in().await;

    ask(&service, &user.email.to_uppercase()).await;

    let mail = server.mail_to(&user.email, 1).await;
    assert_eq!(mail["from"], "tasks@example.com");
    assert_eq!(
        (&mail["tls"], &mail["authenticated"]),
        (&json!(true), &json!(true))
    );
    let content = mail["content"].as_str().expect("a mail has content");
    assert!(
        content.contains("\nhttps://todo.example.com/#token="),
        "{content}"
    );
    assert!(content.contains("within 30 minutes"), "{content}");
    let token = token_of(&mail);
    reset(&service, &token, NEW).await.expect(204);
    for refresh_token in [&user.refresh_token, &elsewhere] {
        let refused = user.refresh(refresh_token).await;
        refused.expect_problem(401, "unauthorized");
    }
    let refused = user.try_password(&user.password).await;
    refused.expect_problem(401, "unauthorized");
    user.try_password(NEW).await.expect(200);
    let again = reset(&service, &token, "another battery horse").await;
    again.expect_invalid(&["/token"]);
    user.try_password(NEW).await.expect(200);
}

#[tokio::test]
async fn nobody_learns_from_the_answer_or_its_time_whether_there_is_an_account() {
    let (server, service) = with_mail();
    let user = service.new_user().await;
    let timed = async |email: &str| {
        let start = Instant::now();
        let answer = forget(&service, email, &new_address()).await;
        (answer, start.elapsed())
    };
    // Before it is timed, the function has started.
    reset(&service, "a", "short").await;

    let unknown_email = new_email();
    let ((known, known_took), (unknown, unknown_took)) =
        tokio::join!(timed(&user.email), timed(&unknown_email));

    for answer in [&known, &unknown] {
        accepted(answer);
    }
    let names = |answer: &Answer| {
        let headers = answer.headers();
        headers.into_keys().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(known.text(), unknown.text());
    for took in [known_took, unknown_took] {
        assert!(took >= Duration::from_millis(2_900), "{took:?}");
    }
    // The mail server alone has taken a second.
    let difference = known_took.abs_diff(unknown_took);
    assert!(difference < Duration::from_millis(500), "{difference:?}");
    server.mail_to(&user.email, 1).await;
    assert_eq!(server.mails_to(&unknown_email), Vec::<Value>::new());
}

#[tokio::test]
async fn a_slow_database_takes_no_time_from_the_mail() {
    let (server, service) = with_mail();
    let user = service.new_user().await;
    let held = user
        .hold(r#"select from "user" where id = $1 for update"#)
        .await;
    let start = Instant::now();
    let release = async {
        held.until_waiting(1).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        drop(held);
    };

    tokio::join!(ask(&service, &user.email), release);

    assert!(start.elapsed() >= Duration::from_millis(3_900));
    server.mail_to(&user.email, 1).await;
}

#[tokio::test]
async fn only_the_last_link_works_and_only_for_half_an_hour() {
    let (server, service) = with_mail();
    let user = service.new_user().await;
    let first = issue(&user).await;
    ask(&service, &user.email).await;
    let second = token_of(&server.mail_to(&user.email, 1).await);

    let answer = reset(&service, &first, NEW).await;

    answer.expect_invalid(&["/token"]);
    let minutes = "
        select extract(epoch from expires_at - now())::int4 / 60
        from password_resets
        where user_id = $1";
    let left: i32 = user.run(minutes).await[0].get(0);
    assert!((28..30).contains(&left), "{left}");
    user.run("update password_resets set expires_at = now() where user_id = $1")
        .await;
    let expired = reset(&service, &second, NEW).await;
    assert_eq!(expired.text(), answer.text());
    user.sign_in().await;
}

#[tokio::test]
async fn a_changed_password_makes_a_link_useless() {
    let (_, service) = with_mail();
    let user = service.new_user().await;
    let token = issue(&user).await;
    let changes = json!({"current_password": user.password, "password": NEW});
    user.patch("/api/v1/me", &changes).await.expect(200);

    let answer = reset(&service, &token, "another battery horse").await;

    answer.expect_invalid(&["/token"]);
    user.try_password(NEW).await.expect(200);
}

/// Better Auth writes the password itself, and knows nothing of links.
#[tokio::test]
async fn a_password_that_was_changed_past_the_service_makes_a_link_useless() {
    let (server, service) = with_mail();
    let user = service.new_user().await;
    ask(&service, &user.email).await;
    let token = token_of(&server.mail_to(&user.email, 1).await);
    let scrypt = format!("{}:{}", "0".repeat(32), "0".repeat(128));
    let change = format!(r#"update account set password = '{scrypt}' where "userId" = $1"#);
    user.run(&change).await;

    let answer = reset(&service, &token, NEW).await;

    answer.expect_invalid(&["/token"]);
    // It is asked again where the password is written.
    let sql = "
        select todo.reset_password(substring(token_hash for 32), 'another')
        from password_resets
        where user_id = $1";
    assert!(!user.run(sql).await[0].get::<_, bool>(0));
    let sql = r#"select password from account where "userId" = $1"#;
    assert_eq!(user.run(sql).await[0].get::<_, String>(0), scrypt);
}

#[tokio::test]
async fn a_link_to_an_account_that_lost_its_password_is_refused() {
    let (_, service) = with_mail();
    let user = service.new_user().await;
    let token = issue(&user).await;
    user.run(r#"delete from account where "userId" = $1"#).await;
    let sql = "
        select todo.reset_password(substring(token_hash for 32), 'another')
        from password_resets
        where user_id = $1";

    assert!(!user.run(sql).await[0].get::<_, bool>(0));

    reset(&service, &token, NEW)
        .await
        .expect_invalid(&["/token"]);
}

#[tokio::test]
async fn the_rules_of_registration_hold_and_leave_the_link_good() {
    let (_, service) = with_mail();
    let user = service.new_user().await;
    let token = issue(&user).await;
    for password in ["short", "qwertyuiop", &user.email, "todo-service1"] {
        let answer = reset(&service, &token, password).await;

        answer.expect_invalid(&["/password"]);
    }
    reset(&service, &token, NEW).await.expect(204);
}

#[tokio::test]
async fn of_two_uses_at_once_one_succeeds() {
    let (_, service) = with_mail();
    let user = service.new_user().await;
    let token = issue(&user).await;

    let (one, two) = tokio::join!(
        reset(&service, &token, NEW),
        reset(&service, &token, "another battery horse")
    );

    let mut statuses = [one.status(), two.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
    let winner = if one.status() == 204 {
        NEW
    } else {
        "another battery horse"
    };
    user.try_password(winner).await.expect(200);
}

/// Better Auth resets its own: it need not know the hashes that are made here.
#[tokio::test]
async fn accounts_without_a_password_of_ours_and_banned_users_get_no_mail() {
    let (server, service) = with_mail();
    let (elsewhere, banned) = (service.new_user().await, service.new_user().await);
    let scrypt = format!("{}:{}", "0".repeat(32), "0".repeat(128));
    elsewhere
        .run(&format!(
            r#"update account set password = '{scrypt}' where "userId" = $1"#
        ))
        .await;
    let token = issue(&banned).await;
    // The column of Better Auth's admin plugin.
    let owner = service.connect_as_owner().await;
    let column = r#"alter table "user" add column if not exists banned boolean"#;
    owner.batch_execute(column).await.expect("the owner may");
    banned
        .run(r#"update "user" set banned = true where id = $1"#)
        .await;

    let address = new_address();
    let answers = tokio::join!(
        forget(&service, &elsewhere.email, &address),
        forget(&service, &banned.email, &address),
        reset(&service, &token, NEW),
    );

    accepted(&answers.0);
    accepted(&answers.1);
    answers.2.expect_invalid(&["/token"]);
    for user in [&elsewhere, &banned] {
        assert_eq!(server.mails_to(&user.email), Vec::<Value>::new());
    }
}

#[tokio::test]
async fn three_links_in_a_quarter_of_an_hour_are_enough() {
    let (server, service) = with_mail();
    let user = service.new_user().await;
    let unknown = new_email();
    let address = new_address();
    let asked = |email| forget(&service, email, &address);
    let answers = tokio::join!(
        asked(&user.email),
        asked(&user.email),
        asked(&user.email),
        asked(&unknown),
        asked(&unknown),
        asked(&unknown),
    );
    for answer in <[_; 6]>::from(answers) {
        accepted(&answer);
    }
    for email in [&user.email, &unknown] {
        let answer = asked(email).await;

        answer.expect_problem(429, "too-many-requests");
        let wait = answer.header("retry-after");
        let wait = wait.and_then(|it| it.parse::<u32>().ok());
        assert!(
            wait.is_some_and(|wait| (1..=900).contains(&wait)),
            "{wait:?}"
        );
    }
    server.mail_to(&user.email, 3).await;
    assert_eq!(server.mails_to(&user.email).len(), 3);
}

#[tokio::test]
async fn a_guesser_of_tokens_is_stopped_and_a_good_one_is_not_counted() {
    let (_, service) = with_mail();
    let user = service.new_user().await;
    let token = issue(&user).await;
    let address = new_address();
    for _ in 0..60 {
        let answer = reset_from(&service, &address, "guessed", NEW).await;
        answer.expect_invalid(&["/token"]);
    }

    let answer = reset_from(&service, &address, "guessed", NEW).await;

    answer.expect_problem(429, "too-many-requests");
    reset_from(&service, &address, &token, NEW)
        .await
        .expect(204);
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_no_secret_of_the_client_and_names_nobody() {
    let (_, service) = with_mail();
    let user = service.new_user().await;
    let email = format!("unknown-{}", user.email);
    user.run(&format!(
        r#"update "user" set email = '{email}' where id = $1"#
    ))
    .await;

    let answer = forget(&service, &email, &new_address()).await;

    accepted(&answer);
    let said = |text: &str| service.log().iter().any(|line| line.contains(text));
    testing::until(async || said("the mail server answered 550")).await;
    assert!(!said(&user.email));
    assert!(!said("no such mailbox"));
}

#[tokio::test]
async fn without_a_mail_server_both_answer_that_it_is_not_offered() {
    let service = service();
    let names = ["SMTP_URL", "MAIL_FROM", "PASSWORD_RESET_URL"];
    let environment: Vec<(String, String)> = service.environment().to_vec();
    let environment: Vec<(String, String)> = environment
        .into_iter()
        .filter(|(name, _)| !names.contains(&name.as_str()))
        .collect();
    let function = Function::start(binary("reset-password"), &environment).expect("it starts");
    for (path, body) in [
        (FORGOT, json!({"email": new_email()})),
        (RESET, json!({"token": "a", "password": NEW})),
    ] {
        let (event, _) = service.post(path).json(&body).event();

        let answer = function.invoke(&event).await.expect("it answers");

        assert_eq!(answer["statusCode"], 501, "{answer}");
        let body = answer["body"].as_str().unwrap_or_default();
        assert!(body.contains("/problems/not-offered"), "{body}");
        assert!(body.contains("sends no mail"), "{body}");
    }
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named() {
    let (_, service) = with_mail();
    for (path, body, pointer) in [
        (FORGOT, json!({}), "/email"),
        (FORGOT, json!({"email": "ann"}), "/email"),
        (
            FORGOT,
            json!({"email": "ann@example.com\r\nBcc: all@example.com"}),
            "/email",
        ),
        (
            FORGOT,
            json!({"email": new_email(), "name": "Ann"}),
            "/name",
        ),
        (RESET, json!({"password": NEW}), "/token"),
        (RESET, json!({"token": "\0", "password": NEW}), "/token"),
        (
            RESET,
            json!({"token": "a", "password": "short"}),
            "/password",
        ),
    ] {
        let answer = service.post(path).json(&body).send().await;

        answer.expect_invalid(&[pointer]);
    }
}

/// Stores the hash of the user's own refresh token as that of a link, without
/// the wait for a mail.
async fn issue(user: &TestUser) -> String {
    user.run(
        r#"insert into password_resets (user_id, token_hash, expires_at)
        select user_id, todo.bind_reset(token_hash, password), now() + interval '30 minutes'
        from auth_refresh
        join account on "userId" = user_id
        where user_id = $1"#,
    )
    .await;
    user.refresh_token.clone()
}

fn token_of(mail: &Value) -> String {
    let content = mail["content"].as_str().expect("a mail has content");
    let (_, rest) = content.split_once("#token=").expect("it has a link");
    rest.lines().next().unwrap_or_default().trim().to_owned()
}

async fn forget(service: &Service, email: &str, address: &str) -> Answer {
    let call = service.post(FORGOT).json(&json!({"email": email}));
    call.source_address(address).send().await
}

/// Asks for a link and asserts the answer.
async fn ask(service: &Service, email: &str) {
    accepted(&forget(service, email, &new_address()).await);
}

#[track_caller]
fn accepted(answer: &Answer) {
    assert_eq!(
        (answer.status(), answer.text().as_str()),
        (202, ""),
        "{answer:?}"
    );
}

async fn reset(service: &Service, token: &str, password: &str) -> Answer {
    reset_from(service, &new_address(), token, password).await
}

async fn reset_from(service: &Service, address: &str, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    let call = service.post(RESET).json(&body);
    call.source_address(address).send().await
}

//! A real Better Auth and this service on one database: a user who signs up with
//! one of them is known to both.

use std::collections::BTreeSet;
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::tokens::header_of;
use testing::{
    Answer, BetterAuth, Service, TestUser, binary, eventually, id_of, new_email, path_of,
};
use tokio::sync::OnceCell;
use tokio_postgres::types::Type;

const PASSWORD: &str = "correct horse battery";

/// An address where no server listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A service and a Better Auth on its database.
struct Fixture {
    service: Arc<Service>,
    better_auth: BetterAuth,
    /// The changes by Better Auth's migration.
    made: Vec<Value>,
}

/// Starts with our migration, as our documentation says.
async fn documented() -> &'static Fixture {
    static SHARED: OnceCell<Fixture> = OnceCell::const_new();
    SHARED
        .get_or_init(async || {
            let service = Service::start(&StackOptions::default());
            let made = BetterAuth::migrate(&service);
            Fixture::start(service, made, &[]).await
        })
        .await
}

/// Starts with Better Auth's migration, and with the admin plugin.
async fn administered() -> &'static Fixture {
    static SHARED: OnceCell<Fixture> = OnceCell::const_new();
    SHARED
        .get_or_init(async || {
            let service = Service::unmigrated(&StackOptions::default());
            let admin = [("ADMIN", "1")];
            let made = BetterAuth::migrate_with(&service, &admin);
            Fixture::start(service, made, &admin).await
        })
        .await
}

impl Fixture {
    async fn start(mut service: Service, made: Vec<Value>, variables: &[(&str, &str)]) -> Self {
        migrate(&service);
        let better_auth = BetterAuth::start(&service, variables);
        service.set("AUTH_URL", &better_auth.origin());
        let fixture = Self {
            service: Arc::new(service),
            better_auth,
            made,
        };
        // Better Auth makes its key with the first token, and several keys for
        // several first tokens at a time.
        fixture.sign_up(PASSWORD).await;
        fixture
    }

    /// Signs a new user up with Better Auth, and returns the session, too.
    async fn sign_up(&self, password: &str) -> (TestUser, String) {
        let email = new_email();
        let session = self.better_auth.sign_up("Ann", &email, password).await;
        let token = self.better_auth.token(&session).await;
        let me = self.service.get("/api/v1/me").token(&token).send().await;
        let me = me.expect(200);
        let user = TestUser {
            service: Arc::clone(&self.service),
            id: id_of(&me).to_owned(),
            email,
            password: password.to_owned(),
            token,
            // Better Auth has sessions and no refresh tokens.
            refresh_token: String::new(),
        };
        (user, session)
    }

    /// Signs in at this service.
    async fn login(&self, email: &str, password: &str) -> Answer {
        let body = json!({"email": email, "password": password});
        let call = self.service.post("/api/v1/auth/login");
        call.json(&body).send().await
    }

    /// Refreshes a session of this service.
    async fn refresh(&self, session: &Value) -> Answer {
        let body = json!({"refresh_token": session["refresh_token"]});
        let call = self.service.post("/api/v1/auth/refresh");
        call.json(&body).send().await
    }
}

fn access_token_of(session: &Value) -> &str {
    let token = session["access_token"].as_str();
    token.expect("a token is text")
}

fn migrate(service: &Service) {
    let said = service.stack.migrate(binary("migrate"));
    let said = said.expect("the migrations apply");
    assert!(said.contains("Better Auth's jwks"), "{said}");
}

#[tokio::test]
async fn a_token_of_better_auth_works_on_every_endpoint() {
    let fixture = documented().await;
    let (user, _) = fixture.sign_up(PASSWORD).await;
    let mut called = BTreeSet::new();
    let mut call = async |method: &str, path: &str, body: Value, status: u16| {
        let mut call = user.call(method, path);
        if !body.is_null() {
            call = call.json(&body);
        }
        called.insert(call.event().0["routeKey"].to_string());
        call.send().await.expect(status)
    };

    for base in user.families() {
        let task = call("POST", &base, json!({"title": "Buy milk"}), 201).await;
        assert_eq!(task["user_id"], user.id);
        let path = format!("{base}/{}", id_of(&task));
        assert_eq!(call("GET", &path, Value::Null, 200).await, task);
        assert_eq!(
            call("GET", &base, Value::Null, 200).await["tasks"],
            json!([task])
        );
        call("PATCH", &path, json!({"title": "Buy oat milk"}), 200).await;
        call("PUT", &path, json!({"title": "Buy soy milk"}), 200).await;
        let toggled = call("POST", &format!("{path}/toggle"), Value::Null, 200).await;
        assert_eq!(toggled["completed"], true);
        call("DELETE", &path, Value::Null, 204).await;
        let one =
            json!({"operations": [{"op": "create", "task": {"title": "Done", "completed": true}}]});
        call("POST", &format!("{base}/batch"), one, 200).await;
        let stats = call("GET", &format!("{base}/stats"), Value::Null, 200).await;
        assert_eq!(stats["completed"], 1);
        let cleared = format!("{base}?completed=true");
        assert_eq!(
            call("DELETE", &cleared, Value::Null, 200).await["deleted"],
            1
        );
        let changes = call("GET", &format!("{base}/changes"), Value::Null, 200).await;
        assert_eq!(changes["tasks"], json!([]));
    }
    let me = call("GET", "/api/v1/me", Value::Null, 200).await;
    assert_eq!(
        (&me["id"], &me["email"]),
        (&json!(user.id), &json!(user.email))
    );
    call("PATCH", "/api/v1/me", json!({"name": "Bob"}), 200).await;
    let export = call("GET", "/api/v1/me/export", Value::Null, 200).await;
    assert_eq!(export["user"]["name"], "Bob");
    call("DELETE", "/api/v1/me", json!({"password": PASSWORD}), 204).await;

    let routes = fixture.service.routes().iter();
    let open = [
        "/auth/",
        "/health/",
        "/.well-known/",
        "GET /\"",
        "/web/",
        "/docs",
        "/openapi.json",
    ];
    let rest: Vec<String> = routes
        .map(|route| json!(route.key()).to_string())
        .filter(|key| !open.iter().any(|part| key.contains(part)) && !called.contains(key))
        .collect();
    assert_eq!(rest, [] as [&str; 0], "were not called");
    let gone = fixture.better_auth.sign_in(&user.email, PASSWORD).await;
    assert_eq!(gone, Err(401), "who is deleted here is unknown there");
}

#[tokio::test]
async fn a_session_of_better_auth_is_no_token_here() {
    let fixture = documented().await;
    let (_, session) = fixture.sign_up(PASSWORD).await;

    let call = fixture.service.get("/api/v1/me").token(&session);

    call.send().await.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn users_of_both_sides_are_strangers_to_each_other() {
    let fixture = documented().await;
    let (theirs, _) = fixture.sign_up(PASSWORD).await;
    let ours = fixture.service.new_user().await;
    for (owner, stranger) in [(&theirs, &ours), (&ours, &theirs)] {
        let task = owner.create("Private").await;

        let theirs = stranger.get(&path_of(&task)).await;
        theirs.expect_problem(404, "not-found");
        let list = stranger.get(&format!("/api/{}/tasks", owner.id)).await;
        list.expect_problem(403, "forbidden");
        let own = stranger.get("/api/v1/tasks").await.expect(200);
        assert!(!own["tasks"].to_string().contains(&owner.id), "{own}");
    }
}

#[tokio::test]
async fn our_migration_leaves_better_auth_only_its_own_tables_to_make() {
    let fixture = documented().await;
    let made: Vec<&Value> = fixture.made.iter().map(|made| &made["created"]).collect();
    assert_eq!(
        made,
        ["session", "verification", "jwks"],
        "{:?}",
        fixture.made
    );
}

#[tokio::test]
async fn on_tables_that_better_auth_made_both_sides_work() {
    let fixture = administered().await;
    let made: Vec<&Value> = fixture.made.iter().map(|made| &made["created"]).collect();
    for table in ["user", "account", "session", "verification", "jwks"] {
        assert!(made.contains(&&json!(table)), "{:?}", fixture.made);
    }
    let (theirs, _) = fixture.sign_up(PASSWORD).await;
    let ours = fixture.service.new_user().await;
    for user in [&theirs, &ours] {
        let task = user.create("Buy milk").await;
        let list = user.get("/api/v1/tasks").await.expect(200);
        assert_eq!(list["tasks"], json!([task]));
        let (email, password) = (&user.email, &user.password);
        fixture.login(email, password).await.expect(200);
        let there = fixture.better_auth.sign_in(email, password).await;
        assert!(there.is_ok(), "{there:?}");
    }
}

#[tokio::test]
async fn an_account_made_here_signs_in_there() {
    let fixture = documented().await;
    let user = fixture.service.new_user().await;
    let task = user.create("Made here").await;
    let there = &fixture.better_auth;

    let session = there.sign_in(&user.email, &user.password).await;

    let token = there.token(&session.expect("it signs in")).await;
    let call = fixture.service.get("/api/v1/tasks").token(&token);
    assert_eq!(call.send().await.expect(200)["tasks"], json!([task]));
    let wrong = there.sign_in(&user.email, "wrong horse").await;
    assert_eq!(wrong, Err(401));
}

#[tokio::test]
async fn an_account_made_there_signs_in_here() {
    let fixture = documented().await;
    for password in [PASSWORD, "pässwörd \u{fb01}\u{2460}"] {
        let (user, _) = fixture.sign_up(password).await;
        let task = user.create("Made there").await;

        let session = fixture.login(&user.email, password).await.expect(200);

        assert_eq!(session["user"]["id"], user.id);
        let token = access_token_of(&session);
        let list = fixture
            .service
            .get("/api/v1/tasks")
            .token(token)
            .send()
            .await;
        assert_eq!(list.expect(200)["tasks"], json!([task]));
        let wrong = fixture.login(&user.email, "wrong horse").await;
        wrong.expect_problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn one_address_has_one_account() {
    let fixture = documented().await;
    let (theirs, _) = fixture.sign_up(PASSWORD).await;
    let body = json!({"name": "Ann", "email": theirs.email.to_uppercase(), "password": PASSWORD});
    let call = fixture.service.post("/api/v1/auth/register").json(&body);
    call.send().await.expect_problem(409, "conflict");

    let ours = fixture.service.new_user().await;
    let email = ours.email.to_uppercase();
    let there = fixture
        .better_auth
        .try_sign_up("Ann", &email, PASSWORD)
        .await;
    assert_eq!(there, Err(422));
}

#[tokio::test]
async fn a_password_changed_here_works_there() {
    let fixture = documented().await;
    let (theirs, _) = fixture.sign_up(PASSWORD).await;
    for user in [theirs, fixture.service.new_user().await] {
        let change = json!({"current_password": user.password, "password": "a better horse"});

        user.patch("/api/v1/me", &change).await.expect(200);

        let there = &fixture.better_auth;
        let new = there.sign_in(&user.email, "a better horse").await;
        assert!(new.is_ok(), "{new:?}");
        let old = there.sign_in(&user.email, &user.password).await;
        assert_eq!(old, Err(401));
    }
}

#[tokio::test]
async fn a_password_changed_there_works_here() {
    let fixture = documented().await;
    let user = fixture.service.new_user().await;
    let there = &fixture.better_auth;
    let session = there.sign_in(&user.email, &user.password).await;
    let session = session.expect("it signs in");

    there
        .change_password(&session, &user.password, "a better horse")
        .await;

    fixture
        .login(&user.email, "a better horse")
        .await
        .expect(200);
    let old = fixture.login(&user.email, &user.password).await;
    old.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_user_deleted_there_is_refused_here_at_once() {
    let fixture = documented().await;
    let (user, session) = fixture.sign_up(PASSWORD).await;
    let task = user.create("Gone with its owner").await;
    let here = fixture.login(&user.email, PASSWORD).await.expect(200);
    user.get(&path_of(&task)).await.expect(200);

    fixture.better_auth.delete_user(&session, PASSWORD).await;

    for token in [access_token_of(&here), &user.token] {
        let call = |method, path: &str| fixture.service.call(method, path).token(token);
        for call in [
            call("GET", "/api/v1/me"),
            call("GET", "/api/v1/tasks"),
            call("GET", &path_of(&task)),
            call("POST", "/api/v1/tasks").json(&json!({"title": "From beyond"})),
        ] {
            call.send().await.expect_problem(401, "unauthorized");
        }
    }
    let again = fixture.login(&user.email, PASSWORD).await;
    again.expect_problem(401, "unauthorized");
    let refresh = fixture.refresh(&here).await;
    refresh.expect_problem(401, "unauthorized");
    assert_eq!(user.stored().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_user_banned_there_is_refused_here_at_once_and_lifted_again() {
    let fixture = administered().await;
    let owner = fixture.service.connect_as_owner().await;
    let (user, _) = fixture.sign_up(PASSWORD).await;
    let task = user.create("Kept").await;
    let mut here = fixture.login(&user.email, PASSWORD).await.expect(200);
    for (banned, expires, is_banned) in [
        ("true", "null", true),
        ("false", "null", false),
        ("true", "now() + interval '1 hour'", true),
        ("null", "null", false),
        ("true", "now() - interval '1 second'", false),
        ("false", "now() + interval '1 hour'", false),
        ("true", "'infinity'", true),
        ("true", "'-infinity'", false),
    ] {
        let ban = format!(
            r#"update "user" set banned = {banned}, "banExpires" = {expires} where id = $1"#
        );
        let id = [(&user.id as _, Type::TEXT)];
        owner
            .query_typed(&ban, &id)
            .await
            .expect("the plugin's columns are there");

        let status = if is_banned { 401 } else { 200 };
        for token in [&user.token, access_token_of(&here)] {
            for path in ["/api/v1/me", "/api/v1/tasks", &path_of(&task)] {
                let answer = fixture.service.get(path).token(token).send().await;
                assert_eq!(answer.status(), status, "{banned}, {expires}: {answer:?}");
            }
        }
        let login = fixture.login(&user.email, PASSWORD).await;
        assert_eq!(login.status(), status, "{banned}, {expires}: {login:?}");
        let refresh = fixture.refresh(&here).await;
        assert_eq!(refresh.status(), status, "{banned}, {expires}: {refresh:?}");
        if !is_banned {
            here = refresh.json();
        }
    }
    assert_eq!(
        user.get("/api/v1/tasks").await.expect(200)["tasks"],
        json!([task])
    );
}

#[tokio::test]
async fn the_keys_of_the_running_server_are_read_over_http_too() {
    let mut service = Service::start(&StackOptions::default());
    BetterAuth::migrate(&service);
    let better_auth = BetterAuth::start(&service, &[]);
    let session = better_auth.sign_up("Ann", &new_email(), PASSWORD).await;
    let token = better_auth.token(&session).await;
    service.set("AUTH_URL", &better_auth.origin());

    // The functions cannot read the table before migrate runs again.
    let me = service.get("/api/v1/me").token(&token).send().await;

    assert_eq!(me.expect(200)["name"], "Ann");
}

#[tokio::test]
async fn a_rotated_key_is_picked_up_and_the_old_one_stays_good() {
    let mut service = Service::start(&StackOptions::default());
    BetterAuth::migrate(&service);
    migrate(&service);
    let better_auth = BetterAuth::start(&service, &[("JWKS_ROTATION_SECONDS", "1")]);
    service.set("AUTH_URL", &better_auth.origin());
    let session = better_auth.sign_up("Ann", &new_email(), PASSWORD).await;
    let old = better_auth.token(&session).await;
    let get = async |token: &str| service.get("/api/v1/me").token(token).send().await;
    get(&old).await.expect(200);

    let new = eventually(async || {
        let token = better_auth.token(&session).await;
        (header_of(&token)["kid"] != header_of(&old)["kid"]).then_some(token)
    })
    .await;

    get(&new).await.expect(200);
    get(&old).await.expect(200);
}

#[tokio::test]
async fn tokens_of_every_algorithm_are_good_while_better_auth_is_out_of_reach() {
    let mut service = Service::start(&StackOptions::default());
    BetterAuth::migrate(&service);
    migrate(&service);
    service.set("AUTH_URL", NOWHERE);
    let mut tokens = Vec::new();
    for algorithm in ["ES256", "RS256", "PS256"] {
        let variables = [("JWT_ALG", algorithm), ("BETTER_AUTH_URL", NOWHERE)];
        let better_auth = BetterAuth::start(&service, &variables);
        let session = better_auth.sign_up(algorithm, &new_email(), PASSWORD).await;
        let token = better_auth.token(&session).await;
        assert_eq!(header_of(&token)["alg"], algorithm);
        tokens.push((algorithm, token));
        // The next Better Auth would use this key, whatever its variables say.
        BetterAuth::rotate_keys(&service).await;
    }

    for (algorithm, token) in tokens {
        let me = service.get("/api/v1/me").token(&token).send().await;
        assert_eq!(me.expect(200)["name"], algorithm);
    }
}

#[tokio::test]
async fn better_auths_own_hashes_sign_in_here_and_stay() {
    let service = Service::start(&StackOptions::default());
    let stock = [("STOCK_HASH", "1")];
    let made = BetterAuth::migrate_with(&service, &stock);
    let fixture = Fixture::start(service, made, &stock).await;
    for password in [PASSWORD, "pässwörd \u{fb01}\u{2460}"] {
        let (user, _) = fixture.sign_up(password).await;
        for (typed, status) in [("wrong horse", 401), (password, 200), (password, 200)] {
            let login = fixture.login(&user.email, typed).await;
            assert_eq!(login.status(), status, "{typed}: {login:?}");
        }

        let there = fixture.better_auth.sign_in(&user.email, password).await;
        assert!(there.is_ok(), "{there:?}");
        let change = json!({"current_password": "wrong horse", "password": "a better horse"});
        user.patch("/api/v1/me", &change)
            .await
            .expect_problem(422, "invalid");
        let deletion = json!({"password": password});
        let delete = user.call("DELETE", "/api/v1/me").json(&deletion);
        delete.send().await.expect(204);
    }
}

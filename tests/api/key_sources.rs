//! The sources of Better Auth's keys: its table in the same database, or its
//! server; and failures of both.

mod table;

use std::sync::Arc;
use std::time::{Duration, Instant};

use local::stack::StackOptions;
use native_tls::Identity;
use serde_json::{Value, json};
use testing::proxy::Proxy;
use testing::runtime_api::Function;
use testing::tokens::{SigningKey, Token};
use testing::{Answer, Reply, Service, StubServer, TestUser, binary, service, until};

/// An address where no server listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A key server's answer.
fn key_set(keys: &[Value]) -> Reply {
    Reply::ok(&json!({"keys": keys}).to_string())
}

/// A function with variables of its own on the database of a service.
struct Verifier {
    function: Function,
    user: TestUser,
    issuer: String,
}

impl Verifier {
    async fn start(service: &Arc<Service>, auth_url: &str, variables: &[(&str, &str)]) -> Self {
        // The registration of the first user stores the key of the built-in tokens.
        let user = service.new_user().await;
        let mut environment = service.environment().to_vec();
        let variables = [&[("AUTH_URL", auth_url)], variables].concat();
        for (name, value) in variables {
            environment.retain(|(known, _)| known != name);
            environment.push((name.to_owned(), value.to_owned()));
        }
        let function = Function::start(binary("get-me"), &environment);
        Self {
            function: function.expect("the function starts"),
            user,
            issuer: auth_url.to_owned(),
        }
    }

    /// A good token of Better Auth.
    fn token(&self, key: &SigningKey) -> String {
        Token::new(&self.issuer, &self.user.id).sign(key)
    }

    async fn send(&self, token: &str) -> Answer {
        let (event, _) = self.user.service.get("/api/v1/me").token(token).event();
        let answer = self.function.invoke(&event).await;
        Answer::read(&answer.expect("the function answers")).expect("it is a response")
    }

    async fn status(&self, token: &str) -> u16 {
        self.send(token).await.status()
    }

    async fn assert_accepts(&self, token: &str) {
        let answer = self.send(token).await;
        assert_eq!(answer.status(), 200, "{answer:?}\n{}", self.log());
        let profile = answer.json();
        assert_eq!(profile["id"], self.user.id);
    }

    /// Asserts 503 for a token whose key cannot be fetched, and that other tokens work.
    async fn assert_knows_no_key_of(&self, key: &SigningKey, source: &str) {
        let answer = self.send(&self.token(key)).await;
        assert_eq!(answer.status(), 503, "{source}: {answer:?}");
        let problem = answer.json();
        assert_eq!(problem["type"], "/problems/unavailable");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert!(answer.header("retry-after").is_some(), "{answer:?}");

        self.assert_accepts(&self.user.token).await;
        assert_eq!(self.status("no.token.").await, 401);
    }

    fn log(&self) -> String {
        self.function.log().join("\n")
    }
}

#[tokio::test]
async fn without_a_table_the_keys_come_from_the_server() {
    let keys = [SigningKey::ed25519("a"), SigningKey::ec("b", "ES256")];
    for variables in [
        &[][..],
        &[("JWKS_SOURCE", "auto")],
        &[("JWKS_SOURCE", "http")],
    ] {
        let server = StubServer::start(key_set(&keys.each_ref().map(SigningKey::jwk_of_set)));
        let verifier = Verifier::start(&service(), &server.origin(), variables).await;

        for key in &keys {
            verifier.assert_accepts(&verifier.token(key)).await;
        }
        verifier.assert_accepts(&verifier.user.token).await;
        assert_eq!(server.requested(), ["/api/auth/jwks"], "{variables:?}");
    }
}

#[tokio::test]
async fn the_path_of_auth_url_is_where_better_auth_is_mounted() {
    let key = SigningKey::ed25519("a");
    let server = StubServer::start(key_set(&[key.jwk_of_set()]));
    let mounted = format!("{}/identity/v2/", server.origin());
    let mut verifier = Verifier::start(&service(), &mounted, &[]).await;
    verifier.issuer = server.origin();

    verifier.assert_accepts(&verifier.token(&key)).await;

    assert_eq!(server.requested(), ["/identity/v2/jwks"]);
}

#[tokio::test]
async fn strange_keys_of_the_server_do_not_take_the_others_down() {
    let key = SigningKey::ed25519("good");
    let nameless = SigningKey::ed25519("nameless");
    let strange = SigningKey::ec("strange", "ES256K");
    let mut other_use = SigningKey::ed25519("other-use").jwk_of_set();
    other_use["use"] = json!("enc");
    let server = StubServer::start(key_set(&[
        json!(null),
        json!("key"),
        json!({"kid": "empty"}),
        json!({"kid": 5, "kty": "OKP"}),
        json!({"kid": "oct", "kty": "oct", "k": "AAAA", "alg": "HS256"}),
        json!({"kid": "x", "kty": "OKP", "crv": "X25519", "x": "AAAA"}),
        nameless.jwk(),
        other_use,
        SigningKey::ec("P-521", "ES512").jwk_of_set(),
        strange.jwk_of_set(),
        key.jwk_of_set(),
    ]));
    let verifier = Verifier::start(&service(), &server.origin(), &[]).await;

    verifier.assert_accepts(&verifier.token(&key)).await;
    for key in [&strange, &nameless] {
        assert_eq!(verifier.status(&verifier.token(key)).await, 401);
    }
}

#[tokio::test]
async fn unknown_key_ids_ask_the_server_once_in_a_while() {
    let key = SigningKey::ed25519("a");
    let server = StubServer::start(key_set(&[key.jwk_of_set()]));
    let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
    verifier.assert_accepts(&verifier.token(&key)).await;
    assert_eq!(server.requested().len(), 1, "at the start");

    for number in 0..100 {
        let unknown = key.renamed(&format!("unknown-{number}"), "EdDSA");
        assert_eq!(verifier.status(&verifier.token(&unknown)).await, 401);
    }

    assert_eq!(server.requested().len(), 2, "once more for all of them");
    verifier.assert_accepts(&verifier.token(&key)).await;
}

#[tokio::test]
async fn a_new_key_of_the_server_is_picked_up() {
    let keys = [SigningKey::ed25519("a"), SigningKey::ed25519("b")];
    let server = StubServer::start(key_set(&[keys[0].jwk_of_set()]));
    let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
    verifier.assert_accepts(&verifier.token(&keys[0])).await;
    server.reply(key_set(&keys.each_ref().map(SigningKey::jwk_of_set)));

    verifier.assert_accepts(&verifier.token(&keys[1])).await;
    verifier.assert_accepts(&verifier.token(&keys[0])).await;
}

#[tokio::test]
async fn unknown_key_ids_ask_the_database_once_in_a_while() {
    let mut service = Service::start(&StackOptions::default());
    let pooler = service.stack.pooler().port();
    let proxy = Proxy::start(pooler, Duration::ZERO).expect("a port is free");
    let url = service.stack.pooled_url();
    let through_the_proxy = url.replace(&format!(":{pooler}/"), &format!(":{}/", proxy.port()));
    service.set("DATABASE_URL", &through_the_proxy);
    let service = Arc::new(service);
    let user = service.new_user().await;
    let unknown = SigningKey::ed25519("unknown");
    let token = Token::new(NOWHERE, &user.id).sign(&unknown);
    user.get("/api/v1/me").await.expect(200);
    let ask = async || {
        let answer = service.get("/api/v1/me").token(&token).send().await;
        answer.expect_problem(401, "unauthorized");
    };
    ask().await;
    proxy.reset();

    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(1500) {
        ask().await;
    }

    assert_eq!(proxy.turns(), 0, "within 1.5 s of the last time");
}

#[tokio::test]
async fn without_a_built_in_key_unknown_key_ids_cost_no_more() {
    let mut service = Service::start(&StackOptions::default());
    let proxy = service.put_behind_a_proxy(Duration::ZERO);
    let service = Arc::new(service);
    let key = SigningKey::ed25519("a");
    let server = StubServer::start(key_set(&[key.jwk_of_set()]));
    let verifier = Verifier::start(&service, &server.origin(), &[]).await;
    let owner = service.connect_as_owner().await;
    let delete = "delete from auth_signing_key";
    owner.batch_execute(delete).await.expect("the owner may");
    verifier.assert_accepts(&verifier.token(&key)).await;
    let unknown = verifier.token(&key.renamed("unknown", "EdDSA"));
    assert_eq!(verifier.status(&unknown).await, 401);
    let requested = server.requested().len();
    proxy.reset();

    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(2500) {
        assert_eq!(verifier.status(&unknown).await, 401);
    }

    assert_eq!((proxy.turns(), server.requested().len()), (0, requested));
}

#[tokio::test]
async fn keys_stay_when_the_server_fails_later() {
    let key = SigningKey::ed25519("a");
    let server = StubServer::start(key_set(&[key.jwk_of_set()]));
    let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
    verifier.assert_accepts(&verifier.token(&key)).await;
    server.reply(Reply::status("500 Internal Server Error", "{}"));

    let unknown = verifier.token(&key.renamed("unknown", "EdDSA"));
    assert_eq!(verifier.status(&unknown).await, 401);

    assert_eq!(server.requested().len(), 2, "the failure was seen");
    until(async || verifier.log().contains("the old ones stay")).await;
    verifier.assert_accepts(&verifier.token(&key)).await;
}

#[tokio::test]
async fn a_server_that_fails_is_503_and_never_401() {
    let key = SigningKey::ed25519("a");
    let set = json!({"keys": [key.jwk_of_set()]});
    let good = set.to_string();
    let huge = json!({"keys": [key.jwk_of_set()], "x": "x".repeat(64 * 1024)}).to_string();
    let of_another_kind = SigningKey::ec("b", "ES512").jwk_of_set();
    for (what, reply) in [
        ("500", Reply::status("500 Internal Server Error", &good)),
        ("404", Reply::status("404 Not Found", &good)),
        ("204", Reply::status("204 No Content", "")),
        ("201", Reply::status("201 Created", &good)),
        ("HTML", Reply::ok("<!doctype html><title>Sign in</title>")),
        ("nothing", Reply::ok("")),
        ("half a set", Reply::ok(&good[..good.len() - 1])),
        ("null", Reply::ok("null")),
        ("a list", Reply::ok(&json!([key.jwk_of_set()]).to_string())),
        ("a key by itself", Reply::ok(&key.jwk_of_set().to_string())),
        ("keys that are no list", Reply::ok(r#"{"keys": {}}"#)),
        ("no keys", key_set(&[])),
        ("no key that can be used", key_set(&[of_another_kind])),
        ("more than 64 KiB", Reply::ok(&huge)),
        ("no HTTP", Reply::Whole("220 mail.example ESMTP\r\n".into())),
        ("no answer", Reply::Whole(String::new())),
        (
            "less than it says",
            Reply::Whole(format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{good}"
            )),
        ),
    ] {
        let server = StubServer::start(reply);
        let verifier = Verifier::start(&service(), &server.origin(), &[]).await;

        verifier.assert_knows_no_key_of(&key, what).await;
        let asked = server.requested().len();
        assert!(asked >= 2, "{what}: {asked} times");
    }
}

#[tokio::test]
async fn a_server_out_of_reach_is_503_and_never_401() {
    let key = SigningKey::ed25519("a");
    for variables in [&[][..], &[("JWKS_SOURCE", "http")]] {
        let verifier = Verifier::start(&service(), NOWHERE, variables).await;

        verifier.assert_knows_no_key_of(&key, "nobody").await;
    }
}

#[tokio::test]
async fn a_slow_server_is_503_after_two_seconds() {
    let key = SigningKey::ed25519("a");
    let set = json!({"keys": [key.jwk_of_set()]}).to_string();
    let length = set.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    let stall = async |bytes: String| {
        let server = StubServer::start(Reply::Stalled(bytes));
        let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
        // The start of the function waits for the server, too.
        assert_eq!(verifier.status("no.token.").await, 401);
        let started = Instant::now();

        verifier.assert_knows_no_key_of(&key, "slow").await;

        let waited = started.elapsed();
        assert!(waited > Duration::from_millis(1900), "{waited:?}");
        until(async || verifier.log().contains("no answer within 2 s")).await;
    };
    tokio::join!(
        stall(String::new()),
        stall(head.clone()),
        stall(format!("{head}{}", &set[..length - 1])),
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let key = SigningKey::ed25519("a");
    let other = StubServer::start(key_set(&[key.jwk_of_set()]));
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
    ] {
        let location = format!("{}/api/auth/jwks", other.origin());
        let server = StubServer::start(Reply::Whole(format!(
            "HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
        )));
        let verifier = Verifier::start(&service(), &server.origin(), &[]).await;

        verifier.assert_knows_no_key_of(&key, status).await;
    }
    assert_eq!(other.requested(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_server_that_comes_back_is_asked_again_soon_and_not_for_every_token() {
    let key = SigningKey::ed25519("a");
    let server = StubServer::start(Reply::status("503 Service Unavailable", ""));
    let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
    let token = verifier.token(&key);
    let started = Instant::now();
    for _ in 0..50 {
        assert_eq!(verifier.status(&token).await, 503);
    }
    // The server is asked at the start, for the first token, and then once a second.
    let asked = server.requested().len() as u64;
    assert!(
        asked <= 2 + started.elapsed().as_secs(),
        "asked {asked} times"
    );

    server.reply(key_set(&[key.jwk_of_set()]));
    until(async || verifier.status(&token).await == 200).await;
}

#[tokio::test]
async fn a_server_has_to_prove_who_it_is() {
    let key = SigningKey::ed25519("a");
    let reply = key_set(&[key.jwk_of_set()]);
    let read = |name: &str| std::fs::read(service().stack.directory().join(name));
    let (certificate, private) = (read("server.pem"), read("server.key"));
    let (certificate, private) = (
        certificate.expect("it is there"),
        private.expect("it is there"),
    );
    let identity = Identity::from_pkcs8(&certificate, &private).expect("they belong together");
    let trusted = StubServer::start_with_tls(identity, reply.clone());
    let verifier = Verifier::start(&service(), &trusted.origin(), &[]).await;
    verifier.assert_accepts(&verifier.token(&key)).await;

    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("it can be made");
    let (certificate, private) = (own.cert.pem(), own.signing_key.serialize_pem());
    let identity = Identity::from_pkcs8(certificate.as_bytes(), private.as_bytes());
    let stranger = StubServer::start_with_tls(identity.expect("they belong together"), reply);
    let verifier = Verifier::start(&service(), &stranger.origin(), &[]).await;
    verifier.assert_knows_no_key_of(&key, "a stranger").await;
    assert_eq!(stranger.requested(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_source_of_nothing_but_the_database_never_asks_the_server() {
    let key = SigningKey::ed25519("a");
    let server = StubServer::start(key_set(&[key.jwk_of_set()]));
    let only_the_database = [("JWKS_SOURCE", "database")];
    let verifier = Verifier::start(&service(), &server.origin(), &only_the_database).await;

    assert_eq!(verifier.status(&verifier.token(&key)).await, 401);

    verifier.assert_accepts(&verifier.user.token).await;
    assert_eq!(server.requested(), [] as [&str; 0]);
}

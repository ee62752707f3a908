//! Where the keys of Better Auth's tokens come from: its table in the same
//! database, or its server; and what happens while that fails.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use local::gateway::GatewayResponse;
use local::proxy::Proxy;
use local::runtime_api::Function;
use local::stack::StackOptions;
use native_tls::{Identity, TlsAcceptor};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::harness::tokens::{
    JWKS_TABLE, PRIVATE_HALF, SigningKey, Token, header_of, store_our_key, store_their_key,
};
use crate::harness::{Service, TestUser, binary, service, until};

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A function with variables of its own on the database of a service.
struct Verifier {
    function: Function,
    user: TestUser,
    issuer: String,
}

impl Verifier {
    async fn start(service: &Arc<Service>, auth_url: &str, variables: &[(&str, &str)]) -> Self {
        // The first user of a service brings the key of the built-in tokens.
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

    /// A good token of Better Auth's.
    fn token(&self, key: &SigningKey) -> String {
        Token::new(&self.issuer, &self.user.id).sign(key)
    }

    async fn send(&self, token: &str) -> GatewayResponse {
        let (event, _) = self.user.service.get("/api/v1/me").token(token).event();
        let answer = self.function.invoke(&event).await;
        GatewayResponse::read(&answer.expect("the function answers")).expect("it is a response")
    }

    async fn status(&self, token: &str) -> u16 {
        self.send(token).await.status
    }

    async fn assert_accepts(&self, token: &str) {
        let answer = self.send(token).await;
        assert_eq!(answer.status, 200, "{answer:?}\n{}", self.log());
        let profile = answer.json().expect("it is JSON");
        assert_eq!(profile["id"], self.user.id);
    }

    /// 503 for a token whose key could not be had, and nothing else suffers.
    async fn assert_knows_no_key_of(&self, key: &SigningKey, source: &str) {
        let answer = self.send(&self.token(key)).await;
        assert_eq!(answer.status, 503, "{source}: {answer:?}");
        let problem = answer.json().expect("it is JSON");
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

/// What stands where Better Auth's server should be.
struct KeyServer {
    port: u16,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
}

struct State {
    reply: Reply,
    requested: Vec<String>,
}

#[derive(Clone)]
enum Reply {
    /// These bytes, and the end.
    Whole(String),
    /// These bytes, and then nothing more.
    Stalled(String),
}

impl Reply {
    fn ok(body: &str) -> Self {
        Self::status("200 OK", body)
    }

    fn keys(keys: &[Value]) -> Self {
        Self::ok(&json!({"keys": keys}).to_string())
    }

    fn status(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::Whole(format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }
}

impl KeyServer {
    fn start(reply: Reply) -> Self {
        Self::serve("http", reply, |stream| Ok(Box::new(stream)))
    }

    fn start_with_tls(identity: Identity, reply: Reply) -> Self {
        let acceptor = TlsAcceptor::new(identity).expect("TLS is there");
        Self::serve("https", reply, move |stream| {
            let stream = acceptor.accept(stream).map_err(io::Error::other)?;
            Ok(Box::new(stream))
        })
    }

    fn serve(
        scheme: &'static str,
        reply: Reply,
        open: impl Fn(TcpStream) -> io::Result<Box<dyn ReadWrite>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let requested = Vec::new();
        let state = Arc::new(Mutex::new(State { reply, requested }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            // The clients that wait for the rest of an answer.
            let mut held = Vec::new();
            for stream in listener.incoming() {
                // A client that went away again is of no interest.
                if let Ok(stream) = stream.and_then(&open)
                    && let Ok(stream) = answer(stream, &shared)
                {
                    held.extend(stream);
                }
            }
        });
        Self {
            port,
            scheme,
            state,
        }
    }

    fn origin(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Replies otherwise from now on.
    fn reply(&self, reply: Reply) {
        lock(&self.state).reply = reply;
    }

    /// The paths of all requests so far.
    fn requested(&self) -> Vec<String> {
        lock(&self.state).requested.clone()
    }
}

trait ReadWrite: Read + Write + Send {}

impl<T: Read + Write + Send> ReadWrite for T {}

/// Answers one request; a stream that comes back is not to be closed.
fn answer(
    stream: Box<dyn ReadWrite>,
    state: &Mutex<State>,
) -> io::Result<Option<Box<dyn ReadWrite>>> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut stream = reader.into_inner();
    let reply = {
        let mut state = lock(state);
        state.requested.push(path);
        state.reply.clone()
    };
    match reply {
        Reply::Whole(bytes) => stream.write_all(bytes.as_bytes()).map(|()| None),
        Reply::Stalled(bytes) => stream.write_all(bytes.as_bytes()).map(|()| Some(stream)),
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[tokio::test]
async fn without_a_table_the_keys_come_from_the_server() {
    let keys = [SigningKey::ed25519("a"), SigningKey::ec("b", "ES256")];
    for variables in [
        &[][..],
        &[("JWKS_SOURCE", "auto")],
        &[("JWKS_SOURCE", "http")],
    ] {
        let server = KeyServer::start(Reply::keys(&keys.each_ref().map(SigningKey::jwk_of_set)));
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
    let server = KeyServer::start(Reply::keys(&[key.jwk_of_set()]));
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
    let server = KeyServer::start(Reply::keys(&[
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
    let server = KeyServer::start(Reply::keys(&[key.jwk_of_set()]));
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
    let server = KeyServer::start(Reply::keys(&[keys[0].jwk_of_set()]));
    let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
    verifier.assert_accepts(&verifier.token(&keys[0])).await;
    server.reply(Reply::keys(&keys.each_ref().map(SigningKey::jwk_of_set)));

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
async fn keys_stay_when_the_server_fails_later() {
    let key = SigningKey::ed25519("a");
    let server = KeyServer::start(Reply::keys(&[key.jwk_of_set()]));
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
        ("no keys", Reply::keys(&[])),
        ("no key that can be used", Reply::keys(&[of_another_kind])),
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
        let server = KeyServer::start(reply);
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
        let server = KeyServer::start(Reply::Stalled(bytes));
        let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
        // Its start waits for the server, too.
        assert_eq!(verifier.status("no.token.").await, 401);
        let started = Instant::now();

        verifier.assert_knows_no_key_of(&key, "slow").await;

        let waited = started.elapsed();
        assert!(waited > Duration::from_millis(1900), "{waited:?}");
        assert!(waited < Duration::from_millis(3500), "{waited:?}");
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
    let other = KeyServer::start(Reply::keys(&[key.jwk_of_set()]));
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
    ] {
        let location = format!("{}/api/auth/jwks", other.origin());
        let server = KeyServer::start(Reply::Whole(format!(
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
    let server = KeyServer::start(Reply::status("503 Service Unavailable", ""));
    let verifier = Verifier::start(&service(), &server.origin(), &[]).await;
    let token = verifier.token(&key);
    let started = Instant::now();
    for _ in 0..50 {
        assert_eq!(verifier.status(&token).await, 503);
    }
    // At the start, for the first token, and then once a second.
    let asked = server.requested().len() as u64;
    assert!(
        asked <= 2 + started.elapsed().as_secs(),
        "asked {asked} times"
    );

    server.reply(Reply::keys(&[key.jwk_of_set()]));
    until(async || verifier.status(&token).await == 200).await;
}

#[tokio::test]
async fn a_server_has_to_prove_who_it_is() {
    let key = SigningKey::ed25519("a");
    let reply = Reply::keys(&[key.jwk_of_set()]);
    let read = |name: &str| std::fs::read(service().stack.directory().join(name));
    let (certificate, private) = (read("server.pem"), read("server.key"));
    let (certificate, private) = (
        certificate.expect("it is there"),
        private.expect("it is there"),
    );
    let identity = Identity::from_pkcs8(&certificate, &private).expect("they belong together");
    let trusted = KeyServer::start_with_tls(identity, reply.clone());
    let verifier = Verifier::start(&service(), &trusted.origin(), &[]).await;
    verifier.assert_accepts(&verifier.token(&key)).await;

    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("it can be made");
    let (certificate, private) = (own.cert.pem(), own.signing_key.serialize_pem());
    let identity = Identity::from_pkcs8(certificate.as_bytes(), private.as_bytes());
    let stranger = KeyServer::start_with_tls(identity.expect("they belong together"), reply);
    let verifier = Verifier::start(&service(), &stranger.origin(), &[]).await;
    verifier.assert_knows_no_key_of(&key, "a stranger").await;
    assert_eq!(stranger.requested(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_source_of_nothing_but_the_database_never_asks_the_server() {
    let key = SigningKey::ed25519("a");
    let server = KeyServer::start(Reply::keys(&[key.jwk_of_set()]));
    let only_the_database = [("JWKS_SOURCE", "database")];
    let verifier = Verifier::start(&service(), &server.origin(), &only_the_database).await;

    assert_eq!(verifier.status(&verifier.token(&key)).await, 401);

    verifier.assert_accepts(&verifier.user.token).await;
    assert_eq!(server.requested(), [] as [&str; 0]);
}

/// A service on a database that has Better Auth's table, with keys.
struct Tabled {
    service: Arc<Service>,
    key: SigningKey,
}

/// One for all tests here that change nothing about it.
async fn tabled() -> &'static Tabled {
    static SHARED: OnceCell<Tabled> = OnceCell::const_new();
    SHARED.get_or_init(Tabled::start).await
}

impl Tabled {
    async fn start() -> Self {
        let service = Service::unmigrated(&StackOptions::default());
        let owner = service.connect_as_owner().await;
        owner
            .batch_execute(JWKS_TABLE)
            .await
            .expect("the owner may");
        migrate(&service);
        let key = SigningKey::ed25519("theirs");
        store_their_key(&owner, &key.kid, &key.jwk().to_string(), Some("EdDSA")).await;
        let service = Arc::new(service);
        Self { service, key }
    }

    async fn verifier(&self, auth_url: &str, variables: &[(&str, &str)]) -> Verifier {
        Verifier::start(&self.service, auth_url, variables).await
    }
}

fn migrate(service: &Service) -> String {
    let said = service.stack.migrate(binary("migrate"));
    said.expect("the migrations apply")
}

#[tokio::test]
async fn with_a_table_the_server_is_never_asked() {
    let world = tabled().await;
    let server = KeyServer::start(Reply::keys(&[]));
    for variables in [
        &[][..],
        &[("JWKS_SOURCE", "auto")],
        &[("JWKS_SOURCE", "database")],
    ] {
        let verifier = world.verifier(&server.origin(), variables).await;

        verifier.assert_accepts(&verifier.token(&world.key)).await;

        let unknown = world.key.renamed("unknown", "EdDSA");
        assert_eq!(verifier.status(&verifier.token(&unknown)).await, 401);
        verifier.assert_accepts(&verifier.user.token).await;
    }
    assert_eq!(server.requested(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_source_of_nothing_but_the_server_never_reads_the_table() {
    let world = tabled().await;
    let key = SigningKey::ed25519("of-the-server");
    let server = KeyServer::start(Reply::keys(&[key.jwk_of_set()]));
    let verifier = world
        .verifier(&server.origin(), &[("JWKS_SOURCE", "http")])
        .await;

    verifier.assert_accepts(&verifier.token(&key)).await;
    assert_eq!(verifier.status(&verifier.token(&world.key)).await, 401);
}

/// Better Auth's issuer is the origin of its URL as browsers have it.
#[tokio::test]
async fn auth_url_may_name_the_default_port() {
    let world = tabled().await;
    let mut verifier = world.verifier("https://app.example.com:443", &[]).await;
    verifier.issuer = "https://app.example.com".to_owned();

    verifier.assert_accepts(&verifier.token(&world.key)).await;
}

#[tokio::test]
async fn without_auth_url_their_keys_verify_nothing() {
    let world = tabled().await;
    let user = world.service.new_user().await;
    for issuer in [NOWHERE, &StackOptions::default().api_base_url] {
        let token = Token::new(issuer, &user.id).sign(&world.key);
        let call = world.service.get("/api/v1/me").token(&token);
        let answer = call.send().await;
        answer.expect_problem(401, "unauthorized");
    }
    user.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_key_is_good_for_thirty_days_after_its_end() {
    let world = tabled().await;
    let owner = world.service.connect_as_owner().await;
    let ended = async |kid: &str, days: u32| {
        let key = SigningKey::ed25519(kid);
        store_their_key(&owner, kid, &key.jwk().to_string(), Some("EdDSA")).await;
        let end = format!(
            r#"update jwks set "expiresAt" = now() - interval '{days} days' where id = '{kid}'"#
        );
        owner.batch_execute(&end).await.expect("the owner may");
        key
    };
    let (younger, older) = (ended("younger", 29).await, ended("older", 31).await);
    let verifier = world.verifier(NOWHERE, &[]).await;

    verifier.assert_accepts(&verifier.token(&younger)).await;
    assert_eq!(verifier.status(&verifier.token(&older)).await, 401);
}

#[tokio::test]
async fn a_key_of_ours_is_good_until_it_is_retired() {
    let world = tabled().await;
    let owner = world.service.connect_as_owner().await;
    let retired = async |kid: &str, when: &str| {
        let key = SigningKey::ed25519(kid);
        store_our_key(&owner, kid, &key.jwk_of_set().to_string()).await;
        let retire =
            format!("update auth_signing_key set retired_at = now() {when} where kid = '{kid}'");
        owner.batch_execute(&retire).await.expect("the owner may");
        key
    };
    let gone = retired("retired", "- interval '1 second'").await;
    let leaving = retired("retiring", "+ interval '1 hour'").await;
    let mut verifier = world.verifier(NOWHERE, &[]).await;
    verifier.issuer = StackOptions::default().api_base_url;

    verifier.assert_accepts(&verifier.token(&leaving)).await;
    assert_eq!(verifier.status(&verifier.token(&gone)).await, 401);
}

#[tokio::test]
async fn a_row_of_theirs_does_not_take_the_place_of_our_key() {
    let world = tabled().await;
    let owner = world.service.connect_as_owner().await;
    let token = world.service.new_user().await.token;
    let header = header_of(&token);
    let kid = header["kid"].as_str().expect("a key id is text");
    let planted = SigningKey::ed25519(kid);
    store_their_key(&owner, kid, &planted.jwk().to_string(), Some("EdDSA")).await;

    let mut verifier = world.verifier(NOWHERE, &[]).await;

    verifier.assert_accepts(&verifier.user.token).await;
    for issuer in [NOWHERE.to_owned(), StackOptions::default().api_base_url] {
        verifier.issuer = issuer;
        assert_eq!(verifier.status(&verifier.token(&planted)).await, 401);
    }
}

#[tokio::test]
async fn nobodys_private_keys_are_granted() {
    let world = tabled().await;
    let login = world.service.connect_as_login().await;
    let owner = world.service.connect_as_owner().await;
    let sql = "
        select attname::text
        from pg_attribute
        where attrelid = 'jwks'::regclass
        and attnum > 0
        and has_column_privilege('todo_auth', attrelid, attnum, 'select')
        order by attname";
    let rows = owner.query_typed(sql, &[]).await.expect("select");
    let readable: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        readable,
        ["alg", "createdAt", "crv", "expiresAt", "id", "publicKey"]
    );

    for role in ["todo_auth", "todo_user"] {
        for sql in [
            r#"select "privateKey" from jwks"#,
            "select * from jwks",
            "select jwks from jwks",
            r#"update jwks set "publicKey" = ''"#,
            "delete from jwks",
            r#"insert into jwks (id, "publicKey", "privateKey", "createdAt") values ('', '', '', now())"#,
        ] {
            let sql = format!("begin; set local role {role}; {sql}");
            let refusal = login.batch_execute(&sql).await.expect_err("it may not");
            assert_eq!(refusal.code().map(|it| it.code()), Some("42501"), "{sql}");
            login.batch_execute("rollback").await.expect("rollback");
        }
    }
}

#[tokio::test]
async fn a_table_of_better_auth_1_4_has_no_algorithms_and_is_read() {
    let service = Service::unmigrated(&StackOptions::default());
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute(JWKS_TABLE)
        .await
        .expect("the owner may");
    let keys = [
        SigningKey::ed25519("a"),
        SigningKey::ec("b", "ES256"),
        SigningKey::rsa("c", "RS256"),
    ];
    for key in &keys {
        store_their_key(&owner, &key.kid, &key.jwk().to_string(), None).await;
    }
    let drop = "alter table jwks drop column alg, drop column crv";
    owner.batch_execute(drop).await.expect("the owner may");
    assert!(migrate(&service).contains("Better Auth's jwks"));

    let service = Arc::new(service);
    for variables in [&[][..], &[("JWKS_SOURCE", "database")]] {
        let verifier = Verifier::start(&service, NOWHERE, variables).await;
        for key in &keys {
            verifier.assert_accepts(&verifier.token(key)).await;
        }
        verifier.assert_accepts(&verifier.user.token).await;
    }
}

#[tokio::test]
async fn a_missing_right_is_in_the_log_and_migrate_repairs_it() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute(JWKS_TABLE)
        .await
        .expect("the owner may");
    let key = SigningKey::ed25519("theirs");
    store_their_key(&owner, &key.kid, &key.jwk().to_string(), Some("EdDSA")).await;
    let automatic = Verifier::start(&service, NOWHERE, &[]).await;
    let only_the_database = [("JWKS_SOURCE", "database")];
    let of_database = Verifier::start(&service, NOWHERE, &only_the_database).await;

    automatic.assert_knows_no_key_of(&key, "no right").await;
    assert_eq!(of_database.status(&of_database.token(&key)).await, 401);
    of_database.assert_accepts(&of_database.user.token).await;
    for verifier in [&automatic, &of_database] {
        let is_hint = |line: &str| line.contains("run migrate again") && line.contains(r#""WARN""#);
        until(async || verifier.log().lines().any(is_hint)).await;
        let log = verifier.log();
        let urls = [service.stack.pooled_url(), service.stack.direct_url()];
        let passwords = urls.iter().filter_map(|url| url.split([':', '@']).nth(2));
        let secrets = ["postgres://", PRIVATE_HALF, "privateKey", "publicKey"];
        for secret in passwords.chain(secrets) {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
    }

    assert!(migrate(&service).contains("Better Auth's jwks"));

    for verifier in [&automatic, &of_database] {
        let token = verifier.token(&key);
        until(async || verifier.status(&token).await == 200).await;
    }
}

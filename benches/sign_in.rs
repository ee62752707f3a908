//! Does the time of a refused sign-in tell whether an account exists?
//!
//! `cargo bench --bench sign_in` sends wrong passwords for unknown e-mail
//! addresses, for accounts of our own (argon2id) and for Better Auth's
//! (scrypt), in turn, and prints medians and their ratios.

use std::path::Path;
use std::time::Instant;

use local::stack::{Stack, StackOptions};
use serde_json::{Value, json};
use testing::gateway::{GatewayResponse, Request, Routes, event};
use testing::runtime_api::Function;
use uuid::Uuid;

use testing::measuring::statistics::Spread;

const TRIES: usize = 200;

/// Fewer than the throttle allows.
const TRIES_PER_ACCOUNT: usize = 8;

/// Of "correct horse battery", with Better Auth's parameters.
const SCRYPT: &str = "00112233445566778899aabbccddeeff:\
    00000000000000000000000000000000000000000000000000000000000000000\
    000000000000000000000000000000000000000000000000000000000000000";

struct Service {
    routes: Routes,
    register: Function,
    login: Function,
}

impl Service {
    fn start(stack: &Stack) -> Self {
        let mut environment = stack.environment();
        environment.push(("AUTH_URL".into(), "http://127.0.0.1:9".into()));
        let start = |binary| Function::start(Path::new(binary), &environment);
        Self {
            routes: Routes::from_manifest(include_str!("../Cargo.toml")).expect("it has routes"),
            register: start(env!("CARGO_BIN_EXE_register")).expect("it starts"),
            login: start(env!("CARGO_BIN_EXE_login")).expect("it starts"),
        }
    }

    async fn post(&self, function: &Function, path: &str, body: &Value) -> u16 {
        let body = body.to_string();
        let mut request = Request::new("POST", path);
        request.headers = &[("content-type", "application/json")];
        request.body = Some(body.as_bytes());
        let found = self.routes.find("POST", path).expect("it is routed");
        let answer = function.invoke(&event(&request, &found)).await;
        let answer = GatewayResponse::read(&answer.expect("it answers"));
        answer.expect("it is a response").status
    }

    async fn new_account(&self) -> String {
        let email = new_email();
        let body = json!({"name": "Ann", "email": email, "password": "correct horse battery"});
        let status = self
            .post(&self.register, "/api/v1/auth/register", &body)
            .await;
        assert_eq!(status, 201);
        email
    }

    /// Milliseconds until the password is refused.
    async fn refusal_ms(&self, email: &str) -> f64 {
        let body = json!({"email": email, "password": "wrong horse battery"});
        let started = Instant::now();
        let status = self.post(&self.login, "/api/v1/auth/login", &body).await;
        let elapsed = started.elapsed();
        assert_eq!(status, 401);
        elapsed.as_secs_f64() * 1e3
    }
}

fn new_email() -> String {
    format!("{}@example.com", Uuid::new_v4().simple())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let stack = Stack::temporary(&StackOptions::default()).expect("the stack starts");
    let migrated = stack.migrate(Path::new(env!("CARGO_BIN_EXE_migrate")));
    migrated.expect("the migrations apply");
    let service = Service::start(&stack);
    let (mut argon2, mut scrypt) = (Vec::new(), Vec::new());
    for _ in 0..TRIES / TRIES_PER_ACCOUNT {
        argon2.push(service.new_account().await);
        scrypt.push(service.new_account().await);
    }
    give_scrypt_hashes(&stack, &scrypt).await;

    let mut times: [Vec<f64>; 3] = Default::default();
    for index in 0..TRIES {
        let account = index % argon2.len();
        times[0].push(service.refusal_ms(&new_email()).await);
        times[1].push(service.refusal_ms(&argon2[account]).await);
        times[2].push(service.refusal_ms(&scrypt[account]).await);
    }

    let spreads = times.map(|times| Spread::of(&times));
    let unknown = spreads[0].median;
    println!("{TRIES} refused sign-ins each, in turn; milliseconds\n");
    println!("| account | p10 | median | p90 | median / unknown |\n|---|--:|--:|--:|--:|");
    for (name, spread) in ["unknown", "argon2id", "scrypt"].iter().zip(spreads) {
        let Spread { p10, median, p90 } = spread;
        let ratio = median / unknown;
        println!("| {name} | {p10:.1} | {median:.1} | {p90:.1} | {ratio:.3} |");
    }
}

/// Turns accounts of ours into accounts of Better Auth's kind.
async fn give_scrypt_hashes(stack: &Stack, emails: &[String]) {
    let pem = std::fs::read(stack.certificate_authority()).expect("the CA is there");
    let tls = native_tls::TlsConnector::builder()
        .add_root_certificate(native_tls::Certificate::from_pem(&pem).expect("it is PEM"))
        .build()
        .expect("TLS is there");
    let url = stack.direct_url().replace("verify-full", "require");
    let tls = postgres_native_tls::MakeTlsConnector::new(tls);
    let (client, connection) = tokio_postgres::connect(&url, tls)
        .await
        .expect("it is there");
    tokio::spawn(connection);
    let sql = r#"update account set password = $1 from "user"
        where "user".id = account."userId" and "user".email = any ($2)"#;
    let changed = client.execute(sql, &[&SCRYPT, &emails]).await;
    assert_eq!(changed.expect("the owner may"), emails.len() as u64);
}

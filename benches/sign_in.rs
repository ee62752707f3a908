//! Does the time of a refused sign-in tell whether an account exists?
//!
//! `cargo bench --bench sign_in` sends wrong passwords for unknown e-mail
//! addresses, for accounts of our own (argon2id) and for Better Auth's
//! (scrypt), in turn, and prints medians and their ratios.

use std::sync::Arc;
use std::time::Instant;

use local::stack::StackOptions;
use serde_json::json;
use testing::measuring::statistics::Spread;
use testing::{Service, new_email};

const TRIES: usize = 200;

/// The number of tries, below the limit of the throttle.
const TRIES_PER_ACCOUNT: usize = 8;

/// The hash of "correct horse battery", with Better Auth's parameters.
const SCRYPT: &str = "00112233445566778899aabbccddeeff:\
    00000000000000000000000000000000000000000000000000000000000000000\
    000000000000000000000000000000000000000000000000000000000000000";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut service = Service::start(&StackOptions::default());
    service.set("AUTH_URL", "http://127.0.0.1:9");
    let service = Arc::new(service);
    let (mut argon2, mut scrypt) = (Vec::new(), Vec::new());
    for _ in 0..TRIES / TRIES_PER_ACCOUNT {
        argon2.push(service.new_user().await.email);
        scrypt.push(service.new_user().await.email);
    }
    give_scrypt_hashes(&service, &scrypt).await;

    let mut times: [Vec<f64>; 3] = Default::default();
    for index in 0..TRIES {
        let account = index % argon2.len();
        times[0].push(refusal_ms(&service, &new_email()).await);
        times[1].push(refusal_ms(&service, &argon2[account]).await);
        times[2].push(refusal_ms(&service, &scrypt[account]).await);
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

/// Milliseconds until a wrong password is refused.
async fn refusal_ms(service: &Service, email: &str) -> f64 {
    let body = json!({"email": email, "password": "wrong horse battery"});
    let login = service.post("/api/v1/auth/login").json(&body);
    let started = Instant::now();
    let answer = login.send().await;
    let elapsed = started.elapsed();
    assert_eq!(answer.status(), 401);
    elapsed.as_secs_f64() * 1e3
}

/// Turns accounts of ours into accounts of Better Auth's kind.
async fn give_scrypt_hashes(service: &Service, emails: &[String]) {
    let owner = service.connect_as_owner().await;
    let sql = r#"update account set password = $1 from "user"
        where "user".id = account."userId" and "user".email = any ($2)"#;
    let changed = owner.execute(sql, &[&SCRYPT, &emails]).await;
    assert_eq!(changed.expect("the owner may"), emails.len() as u64);
}

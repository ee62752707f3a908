//! Tokens that somebody made up, and what becomes of them.
//!
//! Every key here is one whose private half the tests hold, so a token is
//! good but for the one thing that a test has changed about it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use local::stack::StackOptions;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::harness::tokens::{
    JWKS_TABLE, SigningKey, Token, message, now, seal, store_our_key, store_their_key,
};
use crate::harness::{Answer, Service, TestUser, binary, new_email};

/// The issuer of Better Auth's tokens. Nobody calls it: its table is there.
const THEIR_ISSUER: &str = "https://app.example.com";

/// The algorithms that Better Auth signs with and this service verifies.
const ALGORITHMS: [&str; 5] = ["EdDSA", "ES256", "ES384", "RS256", "PS256"];

/// Of the `oct` keys in the sets.
const SHARED_SECRET: &[u8] = b"whoever reads the set knows this";

/// A user, and the keys of both issuers.
struct World {
    user: TestUser,
    our_issuer: String,
    ours: SigningKey,
    /// One for each of [`ALGORITHMS`].
    theirs: BTreeMap<&'static str, SigningKey>,
    /// In the sets of both issuers, and never to verify anything.
    strange: Vec<SigningKey>,
}

/// One service for all tests here: the functions read the keys when they start.
async fn world() -> &'static World {
    static SHARED: OnceCell<World> = OnceCell::const_new();
    SHARED.get_or_init(World::start).await
}

impl World {
    async fn start() -> Self {
        let options = StackOptions::default();
        let mut service = Service::unmigrated(&options);
        let owner = service.connect_as_owner().await;
        owner
            .batch_execute(JWKS_TABLE)
            .await
            .expect("the owner may");
        let migrated = service.stack.migrate(binary("migrate"));
        migrated.expect("the migrations apply");
        service.set("AUTH_URL", THEIR_ISSUER);

        let ours = SigningKey::ed25519("ours");
        store_our_key(&owner, &ours.kid, &ours.jwk_of_set().to_string()).await;
        let rsa = SigningKey::rsa("theirs-RS256", "RS256");
        let theirs = BTreeMap::from([
            ("EdDSA", SigningKey::ed25519("theirs-EdDSA")),
            ("ES256", SigningKey::ec("theirs-ES256", "ES256")),
            ("ES384", SigningKey::ec("theirs-ES384", "ES384")),
            ("PS256", rsa.renamed("theirs-PS256", "PS256")),
            ("RS256", rsa.clone()),
        ]);
        for key in theirs.values() {
            let jwk = key.jwk().to_string();
            store_their_key(&owner, &key.kid, &jwk, Some(key.algorithm)).await;
        }
        let strange = strange_keys(&rsa);
        for (key, jwk, algorithm) in &strange {
            let jwk = jwk.to_string();
            store_our_key(&owner, &key.kid, &jwk).await;
            store_their_key(&owner, &key.kid, &jwk, Some(algorithm)).await;
        }
        for (kid, jwk, algorithm) in strange_rows() {
            store_our_key(&owner, &kid, &jwk).await;
            store_their_key(&owner, &kid, &jwk, algorithm).await;
        }
        for id in unusable_ids() {
            store_user(&owner, &id).await;
        }
        Self {
            user: Arc::new(service).new_user().await,
            our_issuer: options.api_base_url,
            ours,
            theirs,
            strange: strange.into_iter().map(|(key, ..)| key).collect(),
        }
    }

    /// Each issuer with a key of its own.
    fn issuers(&self) -> [(&str, &SigningKey); 2] {
        [
            (&self.our_issuer, &self.ours),
            (THEIR_ISSUER, &self.theirs["ES256"]),
        ]
    }

    /// A token that is good once it is signed by a key of `issuer`.
    fn token(&self, issuer: &str) -> Token {
        Token::new(issuer, &self.user.id)
    }

    /// Good tokens of all keys and of the registration.
    fn good(&self) -> Vec<(String, String)> {
        let ours = self.token(&self.our_issuer).sign(&self.ours);
        let theirs = self.theirs.values();
        let theirs = theirs.map(|key| (key.kid.clone(), self.token(THEIR_ISSUER).sign(key)));
        [
            ("registered".into(), self.user.token.clone()),
            ("ours".into(), ours),
        ]
        .into_iter()
        .chain(theirs)
        .collect()
    }

    async fn send(&self, token: &str) -> Answer {
        let call = self.user.service.get("/api/v1/me");
        call.token(token).send().await
    }

    async fn assert_accepted(&self, what: impl Display, token: &str) {
        let answer = self.send(token).await;
        assert_eq!(answer.status(), 200, "{what}: {answer:?}");
        assert_eq!(answer.json()["id"], self.user.id, "{what}");
    }

    /// Holds all answers against the one to a text that is no token.
    async fn assert_refused(&self, tokens: Tokens) {
        let no_token = self.send("no.token.").await;
        no_token.expect_problem(401, "unauthorized");
        assert_eq!(
            no_token.header("www-authenticate"),
            Some(r#"Bearer error="invalid_token""#)
        );
        let mut wrong = Vec::new();
        for (what, token) in &tokens.0 {
            let answer = self.send(token).await;
            if seen(&answer) != seen(&no_token) {
                wrong.push(format!("{what}: {answer:?}"));
            }
        }
        assert!(!tokens.0.is_empty() && wrong.is_empty(), "{wrong:#?}");
    }
}

/// All of an answer that a client sees.
fn seen(answer: &Answer) -> (u16, String, BTreeMap<&str, &str>) {
    (answer.status(), answer.text(), answer.headers())
}

/// Tokens, each with what is wrong about it.
#[derive(Default)]
struct Tokens(Vec<(String, String)>);

impl Tokens {
    fn add(&mut self, what: impl Display, token: String) {
        self.0.push((what.to_string(), token));
    }

    /// Tokens of both issuers with each of the values for one claim.
    fn add_claims(&mut self, world: &World, name: &str, values: impl Fn(&str) -> Vec<Value>) {
        for (issuer, key) in world.issuers() {
            for value in values(issuer) {
                let what = format!("{name} of {issuer}: {value}");
                self.add(what, world.token(issuer).claim(name, value).sign(key));
            }
        }
    }

    /// Tokens of both issuers with each of the values for one member of the header.
    fn add_headers(
        &mut self,
        world: &World,
        name: &str,
        values: impl Fn(&SigningKey) -> Vec<Value>,
    ) {
        for (issuer, key) in world.issuers() {
            for value in values(key) {
                let what = format!("{name} of {issuer}: {value}");
                self.add(what, world.token(issuer).header(name, value).sign(key));
            }
        }
    }
}

/// Keys that can sign, each with its JWK and the algorithm that is stored with it.
fn strange_keys(rsa: &SigningKey) -> Vec<(SigningKey, Value, &'static str)> {
    let of_another_kind = [
        SigningKey::ec("P-521", "ES512"),
        SigningKey::ec("secp256k1", "ES256K"),
        SigningKey::ed25519(&"k".repeat(129)),
        SigningKey::ed25519(&"k".repeat(200)),
        rsa.renamed("RS384", "RS384"),
        rsa.renamed("RS512", "RS512"),
        rsa.renamed("PS384", "PS384"),
        rsa.renamed("PS512", "PS512"),
    ];
    let mut keys: Vec<_> = of_another_kind
        .map(|key| (key.clone(), key.jwk_of_set(), key.algorithm))
        .into();
    for of_another_use in ["enc", "other", ""] {
        let key = SigningKey::ed25519(&format!("use-{of_another_use}"));
        let mut jwk = key.jwk_of_set();
        jwk["use"] = json!(of_another_use);
        keys.push((key, jwk, "EdDSA"));
    }
    for misnamed in ["ES256", "HS256", "Ed25519", ""] {
        let key = SigningKey::ed25519(&format!("named-{misnamed}"));
        let mut jwk = key.jwk_of_set();
        jwk["alg"] = json!(misnamed);
        keys.push((key, jwk, misnamed));
    }
    keys
}

/// Rows with which nobody can sign: `(kid, jwk, algorithm)`.
fn strange_rows() -> impl Iterator<Item = (String, String, Option<&'static str>)> {
    let x = BASE64_URL_SAFE_NO_PAD.encode([7; 32]);
    let k = BASE64_URL_SAFE_NO_PAD.encode(SHARED_SECRET);
    let rows = [
        (
            "oct",
            json!({"kty": "oct", "k": k, "alg": "HS256"}),
            Some("HS256"),
        ),
        ("oct-EdDSA", json!({"kty": "oct", "k": k}), Some("EdDSA")),
        ("oct-null", json!({"kty": "oct", "k": k}), None),
        (
            "X25519",
            json!({"kty": "OKP", "crv": "X25519", "x": x}),
            None,
        ),
        ("Ed448", json!({"kty": "OKP", "crv": "Ed448", "x": x}), None),
        (
            "short",
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
            None,
        ),
        (
            "no-base64",
            json!({"kty": "OKP", "crv": "Ed25519", "x": "?"}),
            None,
        ),
        (
            "no-point",
            json!({"kty": "EC", "crv": "P-256", "x": x, "y": x}),
            None,
        ),
        ("no-kty", json!({"crv": "Ed25519", "x": x}), None),
        ("null", json!(null), None),
        ("list", json!([]), None),
    ];
    let broken = [("broken", r#"{"kty": "OKP", "crv""#), ("empty", "")];
    let broken = broken.map(|(kid, text)| (kid.to_owned(), text.to_owned(), Some("EdDSA")));
    rows.map(|(kid, jwk, algorithm)| (kid.to_owned(), jwk.to_string(), algorithm))
        .into_iter()
        .chain(broken)
}

/// Users may have these ids, their tokens may not.
fn unusable_ids() -> [String; 3] {
    [String::new(), "x".repeat(300), "\u{1b}[31m".to_owned()]
}

async fn store_user(owner: &Client, id: &str) {
    let insert = r#"
        insert into "user" (id, name, email, "emailVerified")
        values ($1, 'Ann', $2, true)"#;
    let parameters = [(&id as _, Type::TEXT), (&new_email() as _, Type::TEXT)];
    let stored = owner.query_typed(insert, &parameters).await;
    stored.expect("the owner may");
}

/// The header of a good token, as text.
fn header(key: &SigningKey) -> String {
    format!(r#"{{"alg":"{}","kid":"{}"}}"#, key.algorithm, key.kid)
}

/// The claims of a good token, as text.
fn claims(issuer: &str, user: &str) -> String {
    let end = now() + 600;
    format!(r#"{{"iss":"{issuer}","aud":"{issuer}","sub":"{user}","exp":{end}}}"#)
}

/// A token of these texts, signed whatever they say.
fn written(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = message(header, claims);
    seal(&message, &key.sign(&message))
}

fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().expect("a token has three parts")
}

fn decode(part: &str) -> Vec<u8> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part);
    bytes.expect("a part is in base64url")
}

#[tokio::test]
async fn a_token_of_every_algorithm_is_accepted() {
    let world = world().await;
    let good = world.good();
    assert_eq!(good.len(), 2 + ALGORITHMS.len());
    for (name, token) in good {
        world.assert_accepted(name, &token).await;
    }
}

#[tokio::test]
async fn what_an_issuer_may_say_otherwise_is_accepted() {
    let world = world().await;
    for (issuer, key) in world.issuers() {
        let with_claim = |name, value: Value| world.token(issuer).claim(name, value);
        let with_type = |value: &str| world.token(issuer).header("typ", value);
        for (what, token) in [
            ("a list", with_claim("aud", json!([issuer]))),
            (
                "not us alone",
                with_claim("aud", json!(["https://b.example", issuer])),
            ),
            ("a person", with_claim("email", json!("ann@example.com"))),
            ("a fraction", with_claim("exp", json!(now() as f64 + 60.5))),
            ("a clock behind ours", with_claim("exp", json!(now() - 1))),
            ("a clock ahead of ours", with_claim("nbf", json!(now() + 3))),
            ("7 kB", with_claim("x", json!("x".repeat(5000)))),
            ("JWT", with_type("JWT")),
            ("jwt", with_type("jwt")),
            ("RFC 9068", with_type("at+jwt")),
            ("RFC 9068 in full", with_type("application/at+jwt")),
        ] {
            world.assert_accepted(what, &token.sign(key)).await;
        }
    }
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        for none in [
            json!("none"),
            json!("None"),
            json!("NONE"),
            json!("nOnE"),
            json!("none "),
            json!(""),
            json!(null),
            json!(0),
            json!(["none", key.algorithm]),
        ] {
            let message = world.token(issuer).header("alg", none.clone()).message(key);
            tokens.add(format!("{none}"), format!("{message}."));
            tokens.add(format!("{none}, two parts"), message.clone());
            tokens.add(format!("{none}, some bytes"), seal(&message, b"signature"));
            tokens.add(
                format!("{none}, signed"),
                seal(&message, &key.sign(&message)),
            );
        }
        let header = format!(r#"{{"kid":"{}"}}"#, key.kid);
        let claims = claims(issuer, &world.user.id);
        tokens.add("no algorithm", format!("{}.", message(&header, &claims)));
        tokens.add("no algorithm, signed", written(key, &header, &claims));
    }
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let world = world().await;
    let ours = (world.our_issuer.as_str(), &world.ours);
    let theirs = world.theirs.values().map(|key| (THEIR_ISSUER, key));
    let mut tokens = Tokens::default();
    for (issuer, key) in theirs.chain([ours]) {
        for (encoding, secret) in encodings(key) {
            for (algorithm, hash) in [
                ("HS256", hmac::HMAC_SHA256),
                ("HS384", hmac::HMAC_SHA384),
                ("HS512", hmac::HMAC_SHA512),
            ] {
                let token = world.token(issuer).header("alg", algorithm);
                let message = token.message(key);
                let code = hmac::sign(&hmac::Key::new(hash, &secret), message.as_bytes());
                let what = format!("{algorithm} with {} as {encoding}", key.kid);
                tokens.add(what, seal(&message, code.as_ref()));
            }
        }
    }
    world.assert_refused(tokens).await;
}

/// A public key in all the forms that a library might take for a secret.
fn encodings(key: &SigningKey) -> Vec<(&'static str, Vec<u8>)> {
    let (bytes, info, jwk) = (key.public_bytes(), key.subject_public_key_info(), key.jwk());
    let number = jwk.get("x").or(jwk.get("n")).and_then(Value::as_str);
    let number = number.expect("every kind has one").as_bytes();
    let info_pem = pem("PUBLIC KEY", &info);
    let own_pem = pem("RSA PUBLIC KEY", &bytes);
    vec![
        ("nothing", Vec::new()),
        ("its id", key.kid.clone().into()),
        ("bytes", bytes.clone()),
        ("base64", BASE64_STANDARD.encode(&bytes).into()),
        ("base64url", BASE64_URL_SAFE_NO_PAD.encode(&bytes).into()),
        ("its number", number.to_vec()),
        (
            "its number in bytes",
            decode(&String::from_utf8_lossy(number)),
        ),
        ("JWK", jwk.to_string().into()),
        ("JWK of the set", key.jwk_of_set().to_string().into()),
        ("SPKI in base64", BASE64_STANDARD.encode(&info).into()),
        ("SPKI", info),
        ("SPKI in PEM", info_pem.clone().into()),
        (
            "SPKI in PEM without its last newline",
            info_pem.trim_end().into(),
        ),
        ("PKCS #1 in PEM", own_pem.clone().into()),
        (
            "PKCS #1 in PEM without its last newline",
            own_pem.trim_end().into(),
        ),
    ]
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n")
}

#[tokio::test]
async fn a_shared_secret_in_the_set_verifies_nothing() {
    let world = world().await;
    let secret = hmac::Key::new(hmac::HMAC_SHA256, SHARED_SECRET);
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        for kid in ["oct", "oct-EdDSA", "oct-null"] {
            let token = world.token(issuer).header("alg", "HS256");
            let message = token.header("kid", kid).message(key);
            let code = hmac::sign(&secret, message.as_bytes());
            tokens.add(kid, seal(&message, code.as_ref()));
        }
    }
    world.assert_refused(tokens).await;
}

/// That they do not take the good keys of the same sets down is what every
/// other test here shows.
#[tokio::test]
async fn a_strange_key_in_the_set_verifies_nothing() {
    let world = world().await;
    let mut tokens = Tokens::default();
    for (issuer, good) in world.issuers() {
        for key in &world.strange {
            tokens.add(&key.kid, world.token(issuer).sign(key));
            for algorithm in ALGORITHMS {
                let what = format!("{} as {algorithm}", key.kid);
                let token = world.token(issuer).header("alg", algorithm);
                tokens.add(what, token.sign(key));
            }
            for algorithm in key.algorithms() {
                let what = format!("{} by {algorithm}", key.kid);
                let other = key.renamed(&key.kid, algorithm);
                tokens.add(what, world.token(issuer).sign(&other));
            }
        }
        for (kid, _, _) in strange_rows() {
            let token = world.token(issuer).header("kid", kid.as_str());
            tokens.add(kid, token.sign(good));
        }
    }
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn the_algorithm_is_the_keys_and_not_the_tokens() {
    let world = world().await;
    let ours = (world.our_issuer.as_str(), &world.ours);
    let theirs = world.theirs.values().map(|key| (THEIR_ISSUER, key));
    let mut tokens = Tokens::default();
    for (issuer, key) in theirs.chain([ours]) {
        let others = [
            "EdDSA", "Ed25519", "eddsa", "ES256", "ES384", "ES512", "ES256K", "RS1", "rs256",
            "HS256", "RSA-OAEP", "dir",
        ];
        for algorithm in others.into_iter().chain(ALGORITHMS) {
            if algorithm != key.algorithm {
                let what = format!("{algorithm} on {}", key.kid);
                let token = world.token(issuer).header("alg", algorithm);
                tokens.add(what, token.sign(key));
            }
        }
    }
    for key in world.theirs.values() {
        for algorithm in key.algorithms() {
            if *algorithm != key.algorithm {
                let what = format!("{algorithm} by {}", key.kid);
                let other = key.renamed(&key.kid, algorithm);
                tokens.add(what, world.token(THEIR_ISSUER).sign(&other));
            }
        }
    }
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn an_issuer_that_is_not_the_keys_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        tokens.add("none", world.token(issuer).without_claim("iss").sign(key));
    }
    tokens.add_claims(world, "iss", |issuer| {
        vec![
            json!("https://evil.example"),
            json!(format!("{issuer}/")),
            json!(format!("{issuer}.evil.example")),
            json!(format!("{issuer}\0")),
            json!(format!(" {issuer}")),
            json!(issuer.to_uppercase()),
            json!(issuer.replacen("http", "ftp", 1)),
            json!(""),
            json!([issuer]),
            json!([issuer, "https://evil.example"]),
            json!({"iss": issuer}),
            json!(null),
            json!(5),
            json!(true),
        ]
    });
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn an_audience_without_us_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        tokens.add("none", world.token(issuer).without_claim("aud").sign(key));
    }
    tokens.add_claims(world, "aud", |issuer| {
        vec![
            json!("https://evil.example"),
            json!(format!("{issuer}/")),
            json!(format!("{issuer} https://evil.example")),
            json!(""),
            json!([]),
            json!(["https://evil.example"]),
            json!([[issuer]]),
            json!([issuer, 5]),
            json!({"0": issuer}),
            json!(null),
            json!(5),
            json!(true),
        ]
    });
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn an_issuers_key_does_not_speak_for_the_other() {
    let world = world().await;
    let ours = world.our_issuer.as_str();
    let keys = world.theirs.values().map(|key| (key, THEIR_ISSUER, ours));
    let mut tokens = Tokens::default();
    for (key, own, other) in keys.chain([(&world.ours, ours, THEIR_ISSUER)]) {
        let both = json!([own, other]);
        for (iss, aud) in [
            (other, json!(other)),
            (other, json!(own)),
            (other, both.clone()),
            (own, json!(other)),
        ] {
            let what = format!("{} for {iss} and {aud}", key.kid);
            tokens.add(what, world.token(iss).claim("aud", aud).sign(key));
        }
        let what = format!("{} for both", key.kid);
        tokens.add(what, world.token(own).claim("iss", both).sign(key));
    }
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_subject_that_is_no_user_is_refused() {
    let world = world().await;
    let user = world.user.id.as_str();
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        tokens.add("none", world.token(issuer).without_claim("sub").sign(key));
    }
    tokens.add_claims(world, "sub", |_| {
        vec![
            json!(" "),
            json!("nobody"),
            json!("' or '1'='1"),
            json!("%"),
            json!("\0"),
            json!(format!("{user}\0")),
            json!(format!("{user}\n")),
            json!(format!("{user} ")),
            json!(user.to_uppercase()),
            json!("x".repeat(255)),
            json!("\u{1f980}".repeat(255)),
            json!([user]),
            json!({"id": user}),
            json!(null),
            json!(5),
            json!(true),
        ]
    });
    tokens.add_claims(world, "sub", |_| unusable_ids().map(Value::from).into());
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_token_out_of_its_time_is_refused() {
    let world = world().await;
    let until = now() + 600;
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        tokens.add("no end", world.token(issuer).without_claim("exp").sign(key));
        let endless = claims(issuer, &world.user.id).replace("exp\":", "exp\":1e999,\"end\":");
        tokens.add("1e999", written(key, &header(key), &endless));
    }
    tokens.add_claims(world, "exp", |_| {
        vec![
            json!(now() - 6),
            json!(now() - 3600),
            json!(0),
            json!(-1),
            json!(-1e30),
            json!(1e30),
            json!(until.to_string()),
            json!("tomorrow"),
            json!(""),
            json!([until]),
            json!({"exp": until}),
            json!(null),
            json!(true),
        ]
    });
    tokens.add_claims(world, "nbf", |_| {
        vec![
            json!(now() + 30),
            json!(until),
            json!(until as f64 + 0.5),
            json!(u64::MAX),
            json!("0"),
            json!("yesterday"),
            json!([0]),
            json!(-1),
            json!(true),
        ]
    });
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_header_that_changes_what_a_signature_means_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    tokens.add_headers(world, "crit", |_| {
        vec![
            json!(["b64"]),
            json!(["exp"]),
            json!(["https://example.com/unknown"]),
            json!([]),
            json!("exp"),
            json!({}),
        ]
    });
    tokens.add_headers(world, "enc", |_| vec![json!("A256GCM"), json!("")]);
    tokens.add_headers(world, "zip", |_| vec![json!("DEF"), json!("none")]);
    for (issuer, key) in world.issuers() {
        // RFC 7797: signed is the payload as it is.
        let token = world.token(issuer).header("b64", false);
        for token in [token.clone(), token.header("crit", json!(["b64"]))] {
            let encoded = token.message(key);
            let (header, payload) = encoded.split_once('.').expect("it has two parts");
            let payload = String::from_utf8(decode(payload)).expect("it is JSON");
            let plain = format!("{header}.{payload}");
            let signature = key.sign(&plain);
            tokens.add("plain", seal(&plain, &signature));
            tokens.add("signed plain", seal(&encoded, &signature));
        }
    }
    world.assert_refused(tokens).await;
}

/// RFC 7797 section 7 keeps it out of JWTs.
#[tokio::test]
async fn a_token_that_says_it_is_not_encoded_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    tokens.add_headers(world, "b64", |_| vec![json!(false)]);
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    tokens.add_headers(world, "typ", |_| {
        vec![
            json!("JWE"),
            json!("JOSE"),
            json!("dpop+jwt"),
            json!("logout+jwt"),
            json!("secevent+jwt"),
            json!("application/secevent+jwt"),
            json!("id_token+jwt"),
            json!("refresh+jwt"),
            json!("jwt+at"),
            json!("text/jwt"),
            json!(""),
            json!(" JWT"),
            json!(5),
            json!(["JWT"]),
        ]
    });
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_never_used_nor_fetched() {
    let world = world().await;
    let attacker = SigningKey::ed25519("attackers");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("it can");
    let address = listener.local_addr().expect("it has an address");
    let url = format!("http://{address}/jwks");
    let certificate = BASE64_STANDARD.encode(attacker.subject_public_key_info());
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        let mut of_that_id = attacker.jwk_of_set();
        of_that_id["kid"] = json!(key.kid);
        for (name, value) in [
            ("jwk", attacker.jwk()),
            ("jwk", attacker.jwk_of_set()),
            ("jwk", of_that_id),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
            ("jwk", json!("no key")),
            ("jku", json!(url)),
            ("jku", json!(format!("{issuer}@{address}/jwks"))),
            ("x5u", json!(url)),
            ("x5c", json!([certificate])),
            ("x5c", json!(certificate)),
            ("x5t", json!("AAAA")),
            ("x5t#S256", json!("AAAA")),
            ("url", json!(url)),
        ] {
            for kid in [&key.kid, &attacker.kid, &url] {
                for algorithm in [key.algorithm, attacker.algorithm] {
                    let what = format!("{name}: {value} under {kid} for {algorithm}");
                    let token = world.token(issuer).header(name, value.clone());
                    let token = token.header("kid", kid.as_str());
                    tokens.add(what, token.header("alg", algorithm).sign(&attacker));
                }
            }
        }
    }
    world.assert_refused(tokens).await;
    let visitor = listener.accept();
    assert!(visitor.is_err(), "{visitor:?} came for the attacker's key");
}

#[tokio::test]
async fn a_key_id_that_nobody_has_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        let header = format!(r#"{{"alg":"{}"}}"#, key.algorithm);
        let claims = claims(issuer, &world.user.id);
        tokens.add("none", written(key, &header, &claims));
        let of_another = world.token(issuer).header("kid", "theirs-EdDSA");
        tokens.add("another key's", of_another.sign(key));
    }
    tokens.add_headers(world, "kid", |key| {
        let kid = key.kid.as_str();
        vec![
            json!("unknown"),
            json!(""),
            json!("%"),
            json!("' or 1=1 --"),
            json!(format!("{kid}' --")),
            json!("' union select kid, public_jwk, null from auth_signing_key --"),
            json!("../../../../../../dev/null"),
            json!("/proc/self/environ"),
            json!("http://127.0.0.1/jwks"),
            json!("$(id)"),
            json!("${jndi:ldap://127.0.0.1/a}"),
            json!("\u{202e}"),
            json!(format!("{kid}\0")),
            json!(format!("{kid}\n")),
            json!(format!("{kid} ")),
            json!(format!(" {kid}")),
            json!(kid.to_uppercase()),
            json!(kid[1..]),
            json!("x".repeat(128)),
            json!("x".repeat(129)),
            json!("x".repeat(200)),
            json!([kid]),
            json!({"kid": kid}),
            json!(null),
            json!(0),
            json!(true),
        ]
    });
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let world = world().await;
    let stranger = world.user.service.new_user().await;
    let good = world.good();
    let mut tokens = Tokens::default();
    for (name, token) in &good {
        let [header, payload, signature] = parts(token);
        let bytes = decode(signature);
        let text = String::from_utf8(decode(payload)).expect("it is JSON");
        let message = format!("{header}.{payload}");
        let mut add = |what: &str, token: String| tokens.add(format!("{name}: {what}"), token);

        for (what, text) in [
            ("another user", text.replace(&world.user.id, &stranger.id)),
            ("one more space", text.replacen(':', ": ", 1)),
        ] {
            let payload = BASE64_URL_SAFE_NO_PAD.encode(text);
            add(what, format!("{header}.{payload}.{signature}"));
        }
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            add("one bit", seal(&message, &changed));
        }
        for (what, signature) in [
            ("no signature", vec![]),
            ("half a signature", bytes[..bytes.len() / 2].to_vec()),
            ("a byte less", bytes[..bytes.len() - 1].to_vec()),
            ("a byte more", [&bytes[..], &[0]].concat()),
            ("a byte ahead", [&[0], &bytes[..]].concat()),
            ("twice", [&bytes[..], &bytes[..]].concat()),
            ("zeros", vec![0; bytes.len()]),
            ("ones", vec![0xff; bytes.len()]),
            ("one", [vec![0; bytes.len() - 1], vec![1]].concat()),
        ] {
            add(what, seal(&message, &signature));
        }
        for (_, other) in good.iter().filter(|(other, _)| other != name) {
            let [their_header, _, their_signature] = parts(other);
            add(
                "a foreign signature",
                format!("{message}.{their_signature}"),
            );
            add(
                "a foreign header",
                format!("{their_header}.{payload}.{signature}"),
            );
        }
    }
    world.assert_refused(tokens).await;
}

/// Little-endian: S of a signature is less than this (RFC 8032 section 5.1.7).
const ORDER_OF_ED25519: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Big-endian: r and s of a signature are less than this, and not zero.
const ORDER_OF_P256: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[tokio::test]
async fn a_second_form_of_an_eddsa_signature_is_refused() {
    let world = world().await;
    let theirs = &world.theirs["EdDSA"];
    let mut tokens = Tokens::default();
    for (issuer, key) in [
        (world.our_issuer.as_str(), &world.ours),
        (THEIR_ISSUER, theirs),
    ] {
        let message = world.token(issuer).message(key);
        let mut signature = key.sign(&message);
        let token = seal(&message, &signature);

        let mut carry = 0;
        for (byte, addend) in signature[32..].iter_mut().zip(ORDER_OF_ED25519) {
            let sum = u16::from(*byte) + u16::from(addend) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        tokens.add("S + L", seal(&message, &signature));
        let neutral_point = [vec![1], vec![0; 63]].concat();
        tokens.add("the neutral point", seal(&message, &neutral_point));

        // 86 letters have 516 bits, of which 512 are the signature's.
        let (rest, last) = token.split_at(token.len() - 1);
        let next = char::from(last.as_bytes()[0] + 1);
        tokens.add("a bit that is not used", format!("{rest}{next}"));
    }
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_second_form_of_an_ecdsa_signature_is_refused() {
    let world = world().await;
    let key = &world.theirs["ES256"];
    let message = world.token(THEIR_ISSUER).message(key);
    let signature = key.sign(&message);
    let (r, s) = signature.split_at(32);
    let (n, zero) = (&ORDER_OF_P256[..], &[0; 32][..]);
    let mut tokens = Tokens::default();
    for (what, r, s) in [
        ("zeros", zero, zero),
        ("r = 0", zero, s),
        ("s = 0", r, zero),
        ("r = s = n", n, n),
    ] {
        tokens.add(what, seal(&message, &[r, s].concat()));
    }
    // Other protocols have it so; RFC 7518 section 3.4 puts r and s side by side.
    let der = der(0x30, &[der(0x02, r), der(0x02, s)].concat());
    tokens.add("DER", seal(&message, &der));
    world.assert_refused(tokens).await;
}

/// A short value with its tag; a number starts with a zero rather than a sign.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let is_negative = tag == 0x02 && value[0] > 0x7f;
    let zero: &[u8] = if is_negative { &[0] } else { &[] };
    let length = u8::try_from(zero.len() + value.len()).expect("it is short");
    [&[tag, length], zero, value].concat()
}

#[tokio::test]
async fn what_does_not_have_the_form_of_a_token_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    for text in [
        "",
        ".",
        "..",
        "...",
        "....",
        "x",
        "x.y",
        "x.y.z",
        "null",
        "{}",
        "e30.e30.",
        "e30.e30.e30",
        "\"\"",
        "%20",
        "undefined",
        "[object Object]",
        "Bearer",
    ] {
        tokens.add(text, text.to_owned());
    }
    for (issuer, key) in world.issuers() {
        let token = world.token(issuer).sign(key);
        let [header, payload, signature] = parts(&token);
        for text in [
            header.to_owned(),
            format!("{header}.{payload}"),
            format!("{token}."),
            format!("{token}.{signature}"),
            format!("{header}.{payload}.{payload}.{payload}.{signature}"),
            format!(".{token}"),
            format!(".{payload}.{signature}"),
            format!("{header}..{signature}"),
            format!("{signature}.{payload}.{header}"),
            format!("{header}=.{payload}.{signature}"),
            format!("{header}.{payload}==.{signature}"),
            format!("{token}="),
            format!("{token}=="),
            format!("{token}%3D"),
            format!("{header}. {payload}.{signature}"),
            format!("{header} .{payload}.{signature}"),
            format!("{header}.{payload}\t.{signature}"),
            format!("\"{token}\""),
            format!("Bearer {token}"),
            format!("{token},"),
            format!("{token} {token}"),
            format!("{token},{token}"),
            token[..token.len() - 1].to_owned(),
            token[..token.len() / 2].to_owned(),
        ] {
            tokens.add(text.clone(), text);
        }
    }
    for size in [8_193, 100_000] {
        tokens.add(size, "e".repeat(size));
        tokens.add(size, ".".repeat(size));
        tokens.add(size, format!("{}.", message(&"[".repeat(size), "{}")));
        for (issuer, key) in world.issuers() {
            let (token, long) = (world.token(issuer), "x".repeat(size));
            tokens.add(size, token.clone().claim("x", long.as_str()).sign(key));
            tokens.add(size, token.header("x", long).sign(key));
        }
    }
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_part_that_is_no_json_object_is_refused() {
    let world = world().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        let (header, claims) = (header(key), claims(issuer, &world.user.id));
        for text in ["claims", "", "[]", "\"claims\"", "null", "{", "{}"] {
            tokens.add(text, written(key, &header, text));
            tokens.add(text, written(key, text, &claims));
        }
        for text in [&header, &claims] {
            for text in [
                format!("{text}{text}"),
                format!("{text}x"),
                format!("\u{feff}{text}"),
                format!("[{text}]"),
                text.replacen(":\"", ":\"\\ud800", 1),
                text.replace('"', "'"),
                text.replacen('{', "{,", 1),
            ] {
                tokens.add(text.clone(), written(key, &header, &text));
                tokens.add(text.clone(), written(key, &text, &claims));
            }
        }
    }
    world.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_name_that_stands_twice_is_refused() {
    let world = world().await;
    let (user, end) = (&world.user.id, now() + 600);
    let stranger = world.user.service.new_user().await.id;
    let mut tokens = Tokens::default();
    for (issuer, key) in world.issuers() {
        let (header, claims) = (header(key), claims(issuer, user));
        for member in [
            format!(r#""sub":"{stranger}""#),
            format!(r#""sub":"{user}""#),
            format!(r#""\u0073ub":"{stranger}""#),
            format!(r#""iss":"{issuer}""#),
            r#""iss":"https://evil.example""#.into(),
            format!(r#""aud":"{issuer}""#),
            r#""aud":"https://evil.example""#.into(),
            format!(r#""exp":{end}"#),
            format!(r#""\u0065xp":{end}"#),
            r#""exp":0"#.into(),
            r#""nbf":0,"nbf":0"#.into(),
            format!(r#""nbf":0,"nbf":{end}"#),
        ] {
            for claims in with_member(&claims, &member) {
                tokens.add(&claims, written(key, &header, &claims));
            }
        }
        for member in [
            format!(r#""alg":"{}""#, key.algorithm),
            r#""alg":"none""#.into(),
            r#""alg":"HS256""#.into(),
            r#""\u0061lg":"none""#.into(),
            format!(r#""kid":"{}""#, key.kid),
            r#""kid":"unknown""#.into(),
            r#""typ":"JWT","typ":"JWT""#.into(),
            r#""crit":["exp"],"crit":null"#.into(),
        ] {
            for header in with_member(&header, &member) {
                tokens.add(&header, written(key, &header, &claims));
            }
        }
    }
    world.assert_refused(tokens).await;
}

/// An object with one member more, as its first and as its last.
fn with_member(object: &str, member: &str) -> [String; 2] {
    [
        object.replacen('{', &format!("{{{member},"), 1),
        object.replacen('}', &format!(",{member}}}"), 1),
    ]
}

#[tokio::test]
async fn the_case_of_the_scheme_does_not_matter() {
    let world = world().await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "bearer "] {
        let value = format!("{scheme} {}", world.user.token);
        let call = world.user.service.get("/api/v1/me");
        let answer = call.header("authorization", &value).send().await;

        assert_eq!(answer.status(), 200, "{scheme:?}: {answer:?}");
        assert_eq!(answer.json()["id"], world.user.id);
    }
}

#[tokio::test]
async fn a_token_anywhere_but_behind_bearer_is_no_token() {
    let world = world().await;
    let token = &world.user.token;
    let get = |query: &str| world.user.service.get(&format!("/api/v1/me{query}"));
    let with = |name: &str, value: String| get("").header(name, &value);
    let without = get("").send().await;
    without.expect_problem(401, "unauthorized");
    assert_eq!(without.header("www-authenticate"), Some("Bearer"));
    let basic = BASE64_STANDARD.encode(format!("{}:{token}", world.user.id));
    let form = format!("access_token={token}");

    for (what, call) in [
        ("query", get(&format!("?access_token={token}"))),
        ("query", get(&format!("?authorization=Bearer%20{token}"))),
        ("cookie", with("cookie", format!("access_token={token}"))),
        (
            "cookie",
            with("cookie", format!("authorization=Bearer {token}")),
        ),
        (
            "cookie",
            with("cookie", format!("better-auth.session_token={token}")),
        ),
        ("header", with("x-authorization", format!("Bearer {token}"))),
        (
            "header",
            with("proxy-authorization", format!("Bearer {token}")),
        ),
        ("header", with("x-access-token", token.clone())),
        (
            "body",
            get("").raw("application/x-www-form-urlencoded", form.as_bytes()),
        ),
        ("Basic", with("authorization", format!("Basic {basic}"))),
        ("Basic", with("authorization", format!("Basic {token}"))),
        ("Token", with("authorization", format!("Token {token}"))),
        ("JWT", with("authorization", format!("JWT {token}"))),
        ("DPoP", with("authorization", format!("DPoP {token}"))),
        ("no scheme", with("authorization", token.clone())),
        ("no space", with("authorization", format!("Bearer{token}"))),
        ("a colon", with("authorization", format!("Bearer: {token}"))),
        (
            "not ASCII",
            with("authorization", format!("Bearer {token}\u{e9}")),
        ),
        ("no token", with("authorization", "Bearer".into())),
        ("nothing", with("authorization", String::new())),
    ] {
        let answer = call.send().await;

        assert_eq!(seen(&answer), seen(&without), "{what}");
    }
}

#[tokio::test]
async fn of_two_authorization_headers_neither_counts() {
    let world = world().await;
    let bearer = format!("Bearer {}", world.user.token);
    let basic = "Basic YW5uOnNlY3JldA==".to_owned();
    for (first, second) in [(&bearer, &bearer), (&bearer, &basic), (&basic, &bearer)] {
        let call = world.user.service.get("/api/v1/me");
        let call = call.header("authorization", first);
        let answer = call.header("Authorization", second).send().await;

        answer.expect_problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_refused_token_leaves_nothing_of_itself_in_the_log() {
    let world = world().await;
    let (kid, user) = ("a-key-id-to-look-for", "a-user-to-look-for");
    let token = Token::new(&world.our_issuer, user);
    let of_nobody = token.sign(&world.ours);
    let by_nobody = token.header("kid", kid).sign(&world.ours);
    let mut answers = Vec::new();
    for token in [&of_nobody, &by_nobody] {
        let answer = world.send(token).await;
        answer.expect_problem(401, "unauthorized");
        answers.push(answer);
    }

    let log = async || {
        loop {
            // A line may come after its answer.
            let log = world.user.service.log().join("\n");
            let ids = answers.iter().map(|answer| answer.header("x-request-id"));
            if ids.flatten().all(|id| log.contains(id)) {
                break log;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let log = tokio::time::timeout(Duration::from_secs(5), log()).await;
    let log = log.expect("the requests are in the log");
    for secret in [kid, user, &of_nobody, &by_nobody, "Bearer"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

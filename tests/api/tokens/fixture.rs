//! A service that trusts keys of the tests, and tokens to send to it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use local::stack::StackOptions;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::strange::{strange_keys, strange_rows};
use testing::tokens::{
    JWKS_TABLE, SigningKey, Token, message, now, seal, store_our_key, store_their_key,
};
use testing::{Answer, Service, TestUser, binary, new_email};

/// The issuer of Better Auth's tokens. Its keys are in its table, so that no
/// function calls its server.
pub const THEIR_ISSUER: &str = "https://app.example.com";

/// The algorithms that Better Auth signs with and this service verifies.
pub const ALGORITHMS: [&str; 5] = ["EdDSA", "ES256", "ES384", "RS256", "PS256"];

/// The secret of the `oct` keys in the sets.
pub const SHARED_SECRET: &[u8] = b"whoever reads the set knows this";

/// A user, and the keys of both issuers.
pub struct Fixture {
    pub user: TestUser,
    pub our_issuer: String,
    pub ours: SigningKey,
    /// A key for each of [`ALGORITHMS`].
    pub theirs: BTreeMap<&'static str, SigningKey>,
    /// Keys in the sets of both issuers that never verify anything.
    pub strange: Vec<SigningKey>,
}

/// The fixture of all tests here. Its functions read the keys at their start.
pub async fn fixture() -> &'static Fixture {
    static SHARED: OnceCell<Fixture> = OnceCell::const_new();
    SHARED.get_or_init(Fixture::start).await
}

impl Fixture {
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
            our_issuer: options.token_issuer,
            ours,
            theirs,
            strange: strange.into_iter().map(|(key, ..)| key).collect(),
        }
    }

    /// Both issuers, each with one of its keys.
    pub fn issuers(&self) -> [(&str, &SigningKey); 2] {
        [
            (&self.our_issuer, &self.ours),
            (THEIR_ISSUER, &self.theirs["ES256"]),
        ]
    }

    /// A token that is good when a key of `issuer` signs it.
    pub fn token(&self, issuer: &str) -> Token {
        Token::new(issuer, &self.user.id)
    }

    /// Good tokens of all keys and of the registration.
    pub fn good(&self) -> Vec<(String, String)> {
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

    pub async fn send(&self, token: &str) -> Answer {
        let call = self.user.service.get("/api/v1/me");
        call.token(token).send().await
    }

    pub async fn assert_accepted(&self, what: impl Display, token: &str) {
        let answer = self.send(token).await;
        assert_eq!(answer.status(), 200, "{what}: {answer:?}");
        assert_eq!(answer.json()["id"], self.user.id, "{what}");
    }

    /// Asserts that all tokens get the same answer as a text that is no token.
    pub async fn assert_refused(&self, tokens: Tokens) {
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

/// Everything that a client sees of an answer.
pub fn seen(answer: &Answer) -> (u16, String, BTreeMap<&str, &str>) {
    (answer.status(), answer.text(), answer.headers())
}

/// Bad tokens, each with a description.
#[derive(Default)]
pub struct Tokens(Vec<(String, String)>);

impl Tokens {
    pub fn add(&mut self, what: impl Display, token: String) {
        self.0.push((what.to_string(), token));
    }

    /// Adds tokens of both issuers with each of the values for one claim.
    pub fn add_claims(
        &mut self,
        fixture: &Fixture,
        name: &str,
        values: impl Fn(&str) -> Vec<Value>,
    ) {
        for (issuer, key) in fixture.issuers() {
            for value in values(issuer) {
                let what = format!("{name} of {issuer}: {value}");
                self.add(what, fixture.token(issuer).claim(name, value).sign(key));
            }
        }
    }

    /// Adds tokens of both issuers with each of the values for one member of the header.
    pub fn add_headers(
        &mut self,
        fixture: &Fixture,
        name: &str,
        values: impl Fn(&SigningKey) -> Vec<Value>,
    ) {
        for (issuer, key) in fixture.issuers() {
            for value in values(key) {
                let what = format!("{name} of {issuer}: {value}");
                self.add(what, fixture.token(issuer).header(name, value).sign(key));
            }
        }
    }
}

/// Ids that users may have and that tokens may not.
pub fn unusable_ids() -> [String; 3] {
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
pub fn header(key: &SigningKey) -> String {
    format!(r#"{{"alg":"{}","kid":"{}"}}"#, key.algorithm, key.kid)
}

/// The claims of a good token, as text.
pub fn claims(issuer: &str, user: &str) -> String {
    let end = now() + 600;
    format!(r#"{{"iss":"{issuer}","aud":"{issuer}","sub":"{user}","exp":{end}}}"#)
}

/// A token of these texts, with a good signature.
pub fn written(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = message(header, claims);
    seal(&message, &key.sign(&message))
}

pub fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().expect("a token has three parts")
}

pub fn decode(part: &str) -> Vec<u8> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part);
    bytes.expect("a part is in base64url")
}

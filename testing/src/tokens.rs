//! Signing keys, and tokens of any shape.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
    RsaSignatureEncoding,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// Better Auth's table, as the migration of its version 1.7 makes it.
pub const JWKS_TABLE: &str = r#"
    create table jwks (id text primary key, "publicKey" text not null, "privateKey" text not null,
        "createdAt" timestamptz not null, "expiresAt" timestamptz, alg text, crv text)"#;

/// The text in the place of a private key.
pub const PRIVATE_HALF: &str = "the private half";

/// A pair of keys with an id and an algorithm.
#[derive(Clone)]
pub struct SigningKey {
    /// The key's id.
    pub kid: String,
    /// The algorithm, as a token's header names it.
    pub algorithm: &'static str,
    pair: Arc<Pair>,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// A new pair for EdDSA.
    pub fn ed25519(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().expect("there is randomness");
        Self::new(kid, "EdDSA", Pair::Ed25519(pair))
    }

    /// A new pair for ES256, ES384, ES512 or ES256K.
    pub fn ec(kid: &str, algorithm: &'static str) -> Self {
        let (_, signing) = curve(algorithm);
        let pair = EcdsaKeyPair::generate(signing).expect("there is randomness");
        Self::new(kid, algorithm, Pair::Ec(pair))
    }

    /// A new RSA pair of 2048 bits.
    pub fn rsa(kid: &str, algorithm: &'static str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("there is randomness");
        Self::new(kid, algorithm, Pair::Rsa(pair))
    }

    fn new(kid: &str, algorithm: &'static str, pair: Pair) -> Self {
        Self {
            kid: kid.to_owned(),
            algorithm,
            pair: Arc::new(pair),
        }
    }

    /// The same pair with another id and algorithm.
    pub fn renamed(&self, kid: &str, algorithm: &'static str) -> Self {
        Self {
            kid: kid.to_owned(),
            algorithm,
            pair: Arc::clone(&self.pair),
        }
    }

    /// The algorithms that the pair can sign for.
    pub fn algorithms(&self) -> &[&'static str] {
        match self.pair.as_ref() {
            Pair::Ed25519(_) => &["EdDSA"],
            Pair::Ec(_) => std::slice::from_ref(&self.algorithm),
            Pair::Rsa(_) => &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
        }
    }

    /// The public half as a JWK with neither `kid` nor `alg`, as Better Auth stores it.
    pub fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let bytes = self.public_bytes();
        match self.pair.as_ref() {
            Pair::Ed25519(_) => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&bytes)}),
            Pair::Ec(_) => {
                let (x, y) = bytes[1..].split_at(bytes.len() / 2);
                let (name, _) = curve(self.algorithm);
                json!({"kty": "EC", "crv": name, "x": encode(x), "y": encode(y)})
            }
            // In RFC 8017 appendix A.1.1 the numbers have fixed places for 2048
            // bits and the exponent 65537.
            Pair::Rsa(_) => {
                json!({"kty": "RSA", "n": encode(&bytes[9..265]), "e": encode(&bytes[267..])})
            }
        }
    }

    /// The public half as a key of a set.
    pub fn jwk_of_set(&self) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.algorithm);
        jwk
    }

    /// The public half as its algorithm has it: 32 bytes, an uncompressed
    /// point, or a PKCS #1 structure.
    pub fn public_bytes(&self) -> Vec<u8> {
        match self.pair.as_ref() {
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// The public half as X.509 has it (RFC 5280 section 4.1.2.7).
    pub fn subject_public_key_info(&self) -> Vec<u8> {
        let der: Result<PublicKeyX509Der, _> = match self.pair.as_ref() {
            Pair::Ed25519(pair) => pair.public_key().as_der(),
            Pair::Ec(pair) => pair.public_key().as_der(),
            Pair::Rsa(pair) => pair.public_key().as_der(),
        };
        der.expect("it is a good key").as_ref().to_vec()
    }

    /// Signs a message.
    pub fn sign(&self, message: &str) -> Vec<u8> {
        let (message, random) = (message.as_bytes(), SystemRandom::new());
        match self.pair.as_ref() {
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, message).expect("it can sign");
                signature.as_ref().to_vec()
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding(self.algorithm), &random, message, &mut signature)
                    .expect("it can sign");
                signature
            }
        }
    }
}

/// Stores a key of the built-in tokens; `public_jwk` may be any text.
pub async fn store_our_key(owner: &Client, kid: &str, public_jwk: &str) {
    let insert = "
        insert into auth_signing_key (kid, public_jwk)
        values ($1, $2)";
    let parameters = [(&kid as _, Type::TEXT), (&public_jwk as _, Type::TEXT)];
    let stored = owner.query_typed(insert, &parameters).await;
    stored.expect("the migrations are applied");
}

/// Stores a key of Better Auth's; `public_key` may be any text.
pub async fn store_their_key(owner: &Client, kid: &str, public_key: &str, algorithm: Option<&str>) {
    let insert = r#"
        insert into jwks (id, "publicKey", "privateKey", "createdAt", alg)
        values ($1, $2, $3, now(), $4)"#;
    let parameters = [
        (&kid as _, Type::TEXT),
        (&public_key as _, Type::TEXT),
        (&PRIVATE_HALF as _, Type::TEXT),
        (&algorithm as _, Type::TEXT),
    ];
    let stored = owner.query_typed(insert, &parameters).await;
    stored.expect("Better Auth's table is there");
}

/// A token that a test changes before it is signed.
#[derive(Clone)]
pub struct Token {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Token {
    /// A good token: `issuer` is the audience, too, and the end is in ten minutes.
    pub fn new(issuer: &str, subject: &str) -> Self {
        let token = Self {
            header: Map::new(),
            claims: Map::new(),
        };
        token
            .claim("iss", issuer)
            .claim("aud", issuer)
            .claim("sub", subject)
            .claim("exp", now() + 600)
    }

    /// Sets a member of the header.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a claim.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// The token, signed by `key`. The header gets the key's id and algorithm unless
    /// it has others.
    pub fn sign(&self, key: &SigningKey) -> String {
        let message = self.message(key);
        seal(&message, &key.sign(&message))
    }

    /// The message that `key` would sign.
    pub fn message(&self, key: &SigningKey) -> String {
        let mut header = self.header.clone();
        for (name, value) in [("alg", key.algorithm), ("kid", &key.kid)] {
            header.entry(name).or_insert_with(|| value.into());
        }
        message(
            &Value::from(header).to_string(),
            &Value::from(self.claims.clone()).to_string(),
        )
    }
}

/// The part of a token that is signed.
pub fn message(header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|text| BASE64_URL_SAFE_NO_PAD.encode(text));
    format!("{header}.{claims}")
}

/// A message and its signature as a token.
pub fn seal(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The header of a token.
pub fn header_of(token: &str) -> Value {
    let (header, _) = token.split_once('.').expect("a token has parts");
    let header = BASE64_URL_SAFE_NO_PAD.decode(header);
    serde_json::from_slice(&header.expect("it is base64url")).expect("it is JSON")
}

/// Seconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is later than 1970").as_secs()
}

fn curve(algorithm: &str) -> (&'static str, &'static EcdsaSigningAlgorithm) {
    match algorithm {
        "ES256" => ("P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        "ES384" => ("P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        "ES512" => ("P-521", &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
        "ES256K" => ("secp256k1", &signature::ECDSA_P256K1_SHA256_FIXED_SIGNING),
        _ => panic!("no curve is for {algorithm}"),
    }
}

fn padding(algorithm: &str) -> &'static RsaSignatureEncoding {
    match algorithm {
        "RS256" => &signature::RSA_PKCS1_SHA256,
        "RS384" => &signature::RSA_PKCS1_SHA384,
        "RS512" => &signature::RSA_PKCS1_SHA512,
        "PS256" => &signature::RSA_PSS_SHA256,
        "PS384" => &signature::RSA_PSS_SHA384,
        "PS512" => &signature::RSA_PSS_SHA512,
        _ => panic!("no padding is for {algorithm}"),
    }
}

//! Signing keys, and tokens of any shape.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
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
    pair: PKey<Private>,
}

impl SigningKey {
    /// A new pair for EdDSA.
    pub fn ed25519(kid: &str) -> Self {
        Self::new(kid, "EdDSA", PKey::generate_ed25519())
    }

    /// A new pair for ES256, ES384, ES512 or ES256K.
    pub fn ec(kid: &str, algorithm: &'static str) -> Self {
        let group = EcGroup::from_curve_name(curve(algorithm).nid);
        let pair = group.and_then(|group| EcKey::generate(&group));
        Self::new(kid, algorithm, pair.and_then(PKey::from_ec_key))
    }

    /// A new RSA pair of 2048 bits.
    pub fn rsa(kid: &str, algorithm: &'static str) -> Self {
        let pair = Rsa::generate(2048);
        Self::new(kid, algorithm, pair.and_then(PKey::from_rsa))
    }

    fn new(kid: &str, algorithm: &'static str, pair: Result<PKey<Private>, ErrorStack>) -> Self {
        Self {
            kid: kid.to_owned(),
            algorithm,
            pair: pair.expect("there is randomness"),
        }
    }

    /// The same pair with another id and algorithm.
    pub fn renamed(&self, kid: &str, algorithm: &'static str) -> Self {
        Self {
            kid: kid.to_owned(),
            algorithm,
            pair: self.pair.clone(),
        }
    }

    /// The algorithms that the pair can sign for.
    pub fn algorithms(&self) -> &[&'static str] {
        match self.pair.id() {
            Id::RSA => &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
            _ => std::slice::from_ref(&self.algorithm),
        }
    }

    /// The public half as a JWK with neither `kid` nor `alg`, as Better Auth stores it.
    pub fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let bytes = self.public_bytes();
        match self.pair.id() {
            Id::ED25519 => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&bytes)}),
            Id::EC => {
                let (x, y) = bytes[1..].split_at(bytes.len() / 2);
                let name = curve(self.algorithm).name;
                json!({"kty": "EC", "crv": name, "x": encode(x), "y": encode(y)})
            }
            _ => {
                let pair = self.pair.rsa().expect("it is RSA");
                let [n, e] = [pair.n(), pair.e()].map(|number| encode(&number.to_vec()));
                json!({"kty": "RSA", "n": n, "e": e})
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
        let bytes = match self.pair.id() {
            Id::ED25519 => self.pair.raw_public_key(),
            Id::EC => self.pair.ec_key().and_then(|pair| {
                let form = PointConversionForm::UNCOMPRESSED;
                let mut context = BigNumContext::new()?;
                pair.public_key().to_bytes(pair.group(), form, &mut context)
            }),
            _ => self
                .pair
                .rsa()
                .and_then(|pair| pair.public_key_to_der_pkcs1()),
        };
        bytes.expect("it is a good key")
    }

    /// The public half as X.509 has it (RFC 5280 section 4.1.2.7).
    pub fn subject_public_key_info(&self) -> Vec<u8> {
        self.pair.public_key_to_der().expect("it is a good key")
    }

    /// Signs a message.
    pub fn sign(&self, message: &str) -> Vec<u8> {
        let message = message.as_bytes();
        let signature = match self.pair.id() {
            Id::ED25519 => Signer::new_without_digest(&self.pair)
                .and_then(|mut signer| signer.sign_oneshot_to_vec(message)),
            Id::EC => self.sign_with_curve(message),
            _ => self.sign_with_rsa(message),
        };
        signature.expect("it can sign")
    }

    /// Both numbers in the length of the curve's (RFC 7518 section 3.4).
    fn sign_with_curve(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let curve = curve(self.algorithm);
        let digest = hash(curve.digest, message)?;
        let signature = EcdsaSig::sign(&digest, self.pair.ec_key()?.as_ref())?;
        let [r, s] = [signature.r(), signature.s()].map(|it| it.to_vec_padded(curve.bytes));
        Ok([r?, s?].concat())
    }

    fn sign_with_rsa(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let digest = match &self.algorithm[2..] {
            "256" => MessageDigest::sha256(),
            "384" => MessageDigest::sha384(),
            _ => MessageDigest::sha512(),
        };
        let mut signer = Signer::new(digest, &self.pair)?;
        if self.algorithm.starts_with("PS") {
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        signer.sign_oneshot_to_vec(message)
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

/// A curve of RFC 7518 section 3.4 or RFC 8812 section 3.2.
struct Curve {
    name: &'static str,
    nid: Nid,
    digest: MessageDigest,
    /// The length of a number.
    bytes: i32,
}

fn curve(algorithm: &str) -> Curve {
    let (name, nid, digest, bytes) = match algorithm {
        "ES256" => ("P-256", Nid::X9_62_PRIME256V1, MessageDigest::sha256(), 32),
        "ES384" => ("P-384", Nid::SECP384R1, MessageDigest::sha384(), 48),
        "ES512" => ("P-521", Nid::SECP521R1, MessageDigest::sha512(), 66),
        "ES256K" => ("secp256k1", Nid::SECP256K1, MessageDigest::sha256(), 32),
        _ => panic!("no curve is for {algorithm}"),
    };
    Curve {
        name,
        nid,
        digest,
        bytes,
    }
}

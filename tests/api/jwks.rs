//! `GET /.well-known/jwks.json`

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Service, members, service};
use tokio_postgres::types::Type;

const PATH: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn everybody_may_read_the_key_of_a_token() {
    let user = service().new_user().await;
    let kid = header_of(&user.service, &user.token).await["kid"].clone();

    let answer = user.service.get(PATH).send().await;

    let set = answer.expect(200);
    assert_eq!(members(&set), ["keys"]);
    let keys = set["keys"].as_array().expect("the keys are a list");
    let of_token: Vec<&Value> = keys.iter().filter(|key| key["kid"] == kid).collect();
    assert_eq!(of_token.len(), 1, "{kid} in {set}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
}

#[tokio::test]
async fn a_key_shows_its_public_half_only() {
    let user = service().new_user().await;

    let set = user.service.get(PATH).send().await.expect(200);

    for key in set["keys"].as_array().expect("the keys are a list") {
        assert_eq!(members(key), ["alg", "crv", "kid", "kty", "x"], "{key}");
        assert_eq!(
            (&key["kty"], &key["crv"]),
            (&json!("OKP"), &json!("Ed25519"))
        );
        assert_eq!(key["alg"], "EdDSA");
        // 32 bytes in base64url.
        assert_eq!(key["x"].as_str().map(str::len), Some(43), "{key}");
    }
}

#[tokio::test]
async fn a_token_says_which_key_signed_it_and_how() {
    let user = service().new_user().await;

    let header = header_of(&user.service, &user.token).await;

    assert_eq!(members(&header), ["alg", "kid", "typ"]);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("EdDSA"), &json!("JWT"))
    );
}

#[tokio::test]
async fn all_sign_with_one_key() {
    let user = service().new_user().await;
    let body = json!({"email": user.email, "password": user.password});
    let login = user
        .service
        .post("/api/v1/auth/login")
        .json(&body)
        .send()
        .await
        .expect(200);
    let token = login["access_token"].as_str().expect("a token is text");

    let of_register = header_of(&user.service, &user.token).await;
    let of_login = header_of(&user.service, token).await;

    assert_eq!(of_register, of_login);
}

#[tokio::test]
async fn a_retired_key_is_shown_until_its_last_token_is_gone() {
    let service = Service::start(&StackOptions::default());
    let insert = r#"
        delete from auth_signing_key;
        insert into auth_signing_key (kid, public_jwk, created_at, retired_at)
        values ('gone', '{"kid": "gone"}', now() - interval '3 days', now() - interval '1 second'),
            ('leaving', '{"kid": "leaving"}', now() - interval '2 days', now() + interval '1 hour'),
            ('current', '{"kid": "current"}', now() - interval '1 day', null)"#;
    service
        .connect_as_owner()
        .await
        .batch_execute(insert)
        .await
        .expect("insert");

    let set = service.get(PATH).send().await.expect(200);

    assert_eq!(
        set,
        json!({"keys": [{"kid": "current"}, {"kid": "leaving"}]})
    );
}

/// The decoded header of a token. PostgreSQL knows base64.
async fn header_of(service: &Service, token: &str) -> Value {
    let header = token.split('.').next().expect("a token has a header");
    let padded = format!("{header}{}", "=".repeat((4 - header.len() % 4) % 4));
    let decode = "select convert_from(decode(translate($1, '-_', '+/'), 'base64'), 'UTF8')";
    let client = service.connect_as_owner().await;
    let rows = client
        .query_typed(decode, &[(&padded, Type::TEXT)])
        .await
        .expect("it is base64");
    serde_json::from_str(rows[0].get(0)).expect("a header is JSON")
}

//! Keys in Better Auth's table, and in our own.

use std::sync::Arc;

use local::stack::StackOptions;
use testing::tokens::{
    JWKS_TABLE, PRIVATE_HALF, SigningKey, Token, header_of, store_our_key, store_their_key,
};
use testing::{Service, StubServer, binary, until};
use tokio::sync::OnceCell;

use super::{NOWHERE, Verifier, key_set};

/// A service on a database that has Better Auth's table, with keys.
struct Tabled {
    service: Arc<Service>,
    key: SigningKey,
}

/// The service of all tests here that do not change it.
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
    let fixture = tabled().await;
    let server = StubServer::start(key_set(&[]));
    for variables in [
        &[][..],
        &[("JWKS_SOURCE", "auto")],
        &[("JWKS_SOURCE", "database")],
    ] {
        let verifier = fixture.verifier(&server.origin(), variables).await;

        verifier.assert_accepts(&verifier.token(&fixture.key)).await;

        let unknown = fixture.key.renamed("unknown", "EdDSA");
        assert_eq!(verifier.status(&verifier.token(&unknown)).await, 401);
        verifier.assert_accepts(&verifier.user.token).await;
    }
    assert_eq!(server.requested(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_source_of_nothing_but_the_server_never_reads_the_table() {
    let fixture = tabled().await;
    let key = SigningKey::ed25519("of-the-server");
    let server = StubServer::start(key_set(&[key.jwk_of_set()]));
    let verifier = fixture
        .verifier(&server.origin(), &[("JWKS_SOURCE", "http")])
        .await;

    verifier.assert_accepts(&verifier.token(&key)).await;
    assert_eq!(verifier.status(&verifier.token(&fixture.key)).await, 401);
}

/// Better Auth's issuer is the origin of its URL, in the form of browsers.
#[tokio::test]
async fn auth_url_may_name_the_default_port() {
    let fixture = tabled().await;
    let mut verifier = fixture.verifier("https://app.example.com:443", &[]).await;
    verifier.issuer = "https://app.example.com".to_owned();

    verifier.assert_accepts(&verifier.token(&fixture.key)).await;
}

#[tokio::test]
async fn without_auth_url_their_keys_verify_nothing() {
    let fixture = tabled().await;
    let user = fixture.service.new_user().await;
    for issuer in [NOWHERE, &StackOptions::default().token_issuer] {
        let token = Token::new(issuer, &user.id).sign(&fixture.key);
        let call = fixture.service.get("/api/v1/me").token(&token);
        let answer = call.send().await;
        answer.expect_problem(401, "unauthorized");
    }
    user.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_key_is_good_for_thirty_days_after_its_end() {
    let fixture = tabled().await;
    let owner = fixture.service.connect_as_owner().await;
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
    let verifier = fixture.verifier(NOWHERE, &[]).await;

    verifier.assert_accepts(&verifier.token(&younger)).await;
    assert_eq!(verifier.status(&verifier.token(&older)).await, 401);
}

#[tokio::test]
async fn a_key_of_ours_is_good_until_it_is_retired() {
    let fixture = tabled().await;
    let owner = fixture.service.connect_as_owner().await;
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
    let mut verifier = fixture.verifier(NOWHERE, &[]).await;
    verifier.issuer = StackOptions::default().token_issuer;

    verifier.assert_accepts(&verifier.token(&leaving)).await;
    assert_eq!(verifier.status(&verifier.token(&gone)).await, 401);
}

#[tokio::test]
async fn a_row_of_theirs_does_not_take_the_place_of_our_key() {
    let fixture = tabled().await;
    let owner = fixture.service.connect_as_owner().await;
    let token = fixture.service.new_user().await.token;
    let header = header_of(&token);
    let kid = header["kid"].as_str().expect("a key id is text");
    let planted = SigningKey::ed25519(kid);
    store_their_key(&owner, kid, &planted.jwk().to_string(), Some("EdDSA")).await;

    let mut verifier = fixture.verifier(NOWHERE, &[]).await;

    verifier.assert_accepts(&verifier.user.token).await;
    for issuer in [NOWHERE.to_owned(), StackOptions::default().token_issuer] {
        verifier.issuer = issuer;
        assert_eq!(verifier.status(&verifier.token(&planted)).await, 401);
    }
}

#[tokio::test]
async fn nobodys_private_keys_are_granted() {
    let fixture = tabled().await;
    let owner = fixture.service.connect_as_owner().await;
    let sql = "
        select attname::text
        from pg_attribute
        where attrelid = 'jwks'::regclass
        and attnum > 0
        and has_column_privilege('todo_auth', attrelid, attnum, 'select')
        order by attname";
    let rows = owner.query_typed(sql, &[]).await.expect("select");
    let readable: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(readable, ["alg", "expiresAt", "id", "publicKey"]);

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
            let refusal = owner.batch_execute(&sql).await.expect_err("it may not");
            assert_eq!(refusal.code().map(|it| it.code()), Some("42501"), "{sql}");
            owner.batch_execute("rollback").await.expect("rollback");
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

//! Texts that are almost a token.

use super::fixture::{Tokens, claims, fixture, header, parts, written};
use testing::tokens::{message, now};

#[tokio::test]
async fn what_does_not_have_the_form_of_a_token_is_refused() {
    let fixture = fixture().await;
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
    for (issuer, key) in fixture.issuers() {
        let token = fixture.token(issuer).sign(key);
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
        for (issuer, key) in fixture.issuers() {
            let (token, long) = (fixture.token(issuer), "x".repeat(size));
            tokens.add(size, token.clone().claim("x", long.as_str()).sign(key));
            tokens.add(size, token.header("x", long).sign(key));
        }
    }
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_part_that_is_no_json_object_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        let (header, claims) = (header(key), claims(issuer, &fixture.user.id));
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
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_name_that_stands_twice_is_refused() {
    let fixture = fixture().await;
    let (user, end) = (&fixture.user.id, now() + 600);
    let stranger = fixture.user.service.new_user().await.id;
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
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
    fixture.assert_refused(tokens).await;
}

/// An object with one member more, once as the first and once as the last.
fn with_member(object: &str, member: &str) -> [String; 2] {
    [
        object.replacen('{', &format!("{{{member},"), 1),
        object.replacen('}', &format!(",{member}}}"), 1),
    ]
}

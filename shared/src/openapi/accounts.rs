//! The operations on sessions and on the user's own account.

use serde_json::{Value, json};
use utoipa::openapi::path::HttpMethod;

use super::answers::Answer;
use super::endpoint::{Endpoint, Section};
use super::parameters::{EXPORT_CURSOR, EXPORT_LIMIT};
use super::tasks::task;
use crate::auth::{
    Deletion, Login, Logout, Profile, ProfileChanges, Refresh, Registration, Session,
};
use crate::problem::Kind;
use crate::tasks::Export;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        register(),
        login(),
        refresh(),
        logout(),
        get_me(),
        update_me(),
        delete_me(),
        export(),
    ]
}

const ME: &str = "/api/v1/me";

fn sign_in(path: &str, id: &str) -> Endpoint {
    Endpoint::new(Section::Sessions, HttpMethod::Post, path, id)
        .public()
        .writes()
}

fn me(method: HttpMethod, id: &str) -> Endpoint {
    Endpoint::new(Section::Account, method, ME, id)
}

fn register() -> Endpoint {
    sign_in("/api/v1/auth/register", "register")
        .says(
            "Sign up",
            "Makes an account and signs it in. Accounts have the shape of Better Auth's, which can share the database.",
        )
        .body::<Registration>(&[(
            "ada",
            "A new account",
            json!({"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}),
        )])
        .answers(Answer::json::<Session>("201", "The account, signed in.", session()))
        .refuses([Kind::RegistrationClosed, Kind::Conflict, Kind::TooManyRequests])
}

fn login() -> Endpoint {
    sign_in("/api/v1/auth/login", "login")
        .says(
            "Sign in",
            "Whether the e-mail address or the password is wrong is not told, and takes the same time.",
        )
        .body::<Login>(&[(
            "ada",
            "A known account",
            json!({"email": "ada@example.com", "password": "correct horse battery"}),
        )])
        .answers(Answer::json::<Session>("200", "The account, signed in.", session()))
        .refuses([Kind::Unauthorized, Kind::TooManyRequests])
}

fn refresh() -> Endpoint {
    sign_in("/api/v1/auth/refresh", "refreshSession")
        .says(
            "Renew a session",
            "A refresh token is good for one use: keep the new one. Using one twice ends its whole sign-in, because one of the two was a thief.",
        )
        .body::<Refresh>(&[(
            "token",
            "The refresh token of the session",
            json!({"refresh_token": REFRESH_TOKEN}),
        )])
        .answers(Answer::json::<Session>("200", "The next session of this sign-in.", session()))
        .refuses([Kind::Unauthorized])
}

fn logout() -> Endpoint {
    sign_in("/api/v1/auth/logout", "logout")
        .says(
            "Sign out",
            "Ends the sign-in that the refresh token belongs to, if there is one, or all sign-ins of its user. Access tokens stay good for the rest of their 15 minutes.",
        )
        .body::<Logout>(&[
            (
                "here",
                "This sign-in",
                json!({"refresh_token": REFRESH_TOKEN}),
            ),
            (
                "everywhere",
                "All sign-ins",
                json!({"refresh_token": REFRESH_TOKEN, "everywhere": true}),
            ),
        ])
        .answers(Answer::empty("204", "The token is not good (any more)."))
}

fn get_me() -> Endpoint {
    me(HttpMethod::Get, "getMe")
        .says("Read the account", "Who the user of the token is.")
        .answers(Answer::json::<Profile>("200", "The account.", profile()))
}

fn update_me() -> Endpoint {
    me(HttpMethod::Patch, "updateMe")
        .says(
            "Change the account",
            "A new password needs the current one, and ends every sign-in. An account that was made elsewhere and has no password cannot change it here.",
        )
        .body::<ProfileChanges>(&[
            ("name", "Another name", json!({"name": "Ada Lovelace"})),
            (
                "password",
                "Another password",
                json!({
                    "current_password": "correct horse battery",
                    "password": "staple battery horse",
                }),
            ),
        ])
        .answers(Answer::json::<Profile>("200", "The account as it is now.", profile()))
        .refuses([Kind::Conflict, Kind::TooManyRequests])
        .writes()
}

fn delete_me() -> Endpoint {
    me(HttpMethod::Delete, "deleteMe")
        .says(
            "Delete the account",
            "Deletes the user and everything of it, for good. Its tokens are refused from then on.",
        )
        .body::<Deletion>(&[(
            "password",
            "The user's password",
            json!({"password": "correct horse battery"}),
        )])
        .answers(Answer::empty("204", "The account is deleted."))
        .refuses([Kind::Conflict, Kind::TooManyRequests])
        .writes()
}

fn export() -> Endpoint {
    let page = json!({
        "user": profile(),
        "sign_ins": [{
            "signed_in_at": "2026-11-21T07:12:02.337194Z",
            "expires_at": "2027-02-19T07:12:02.337194Z",
        }],
        "tasks": [task()],
        "next_cursor": null,
    });
    Endpoint::new(Section::Account, HttpMethod::Get, "/api/v1/me/export", "exportMe")
        .says(
            "Export everything",
            "All that is stored of the user, the oldest task first. Follow `next_cursor`; the user and the sign-ins are on every page.",
        )
        .takes(EXPORT_CURSOR)
        .takes(EXPORT_LIMIT)
        .answers(Answer::json::<Export>("200", "A page of the export.", page))
        .refuses([Kind::Invalid])
}

const REFRESH_TOKEN: &str = "mZ0n3cQvX1yq8mE5o2vS7b9kR4tJ6wL0aH1dFgUiPxY";

fn session() -> Value {
    json!({
        "user": profile(),
        "access_token": "eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.eyJzdWIiOiI1ZjBjNmU4ZCJ9.c2lnbmF0dXJl",
        "token_type": "Bearer",
        "expires_in": 900,
        "refresh_token": REFRESH_TOKEN,
    })
}

fn profile() -> Value {
    json!({
        "id": "5f0c6e8d3b7a4c1f9e2d8a6b4c3d2e1f",
        "name": "Ada",
        "email": "ada@example.com",
        "created_at": "2026-11-21T07:12:02.337194Z",
    })
}

//! The login role of DATABASE_URL and what it may do: looked at in each run,
//! because the role and Better Auth's tables can come after the migrations.

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::MigrateError;
use crate::config::DatabaseUrl;

/// NOINHERIT: before `set local role` it has no right at all, so a statement
/// outside of a flight is refused. The limits are a net below the flight's
/// own; PgBouncer would not pass them on from a connection.
const CREATE_LOGIN: &str = "
do $$
begin
    execute format(
        'create role %I login noinherit password %L',
        current_setting('todo.login'),
        current_setting('todo.password')
    );
    execute format('alter role %I set statement_timeout = ''10s''', current_setting('todo.login'));
    execute format('alter role %I set lock_timeout = ''5s''', current_setting('todo.login'));
    execute format('alter role %I set idle_in_transaction_session_timeout = ''10s''', current_setting('todo.login'));
end
$$";

const GRANT_ROLES: &str = "
do $$
begin
    execute format('grant todo_user, todo_auth to %I', current_setting('todo.login'));
end
$$";

/// The public columns alone, of which Better Auth 1.4 has fewer.
const GRANT_JWKS: &str = r#"
do $$
begin
    execute format(
        'grant select (%s) on jwks to todo_auth',
        (
            select string_agg(format('%I', attname), ', ')
            from pg_attribute
            where attrelid = to_regclass('jwks')
            and attname in ('id', 'publicKey', 'createdAt', 'expiresAt', 'alg', 'crv')
            and not attisdropped
        )
    );
end
$$"#;

/// Creates the login role of `login` when it is missing, and grants it what
/// requests take on.
pub(super) async fn ensure(
    client: &mut Client,
    login: &DatabaseUrl,
    say: &impl Fn(&str),
) -> Result<(), MigrateError> {
    let transaction = client.transaction().await?;
    // Bound and not written into a statement, which a server may log. It has
    // to be the password itself: Neon refuses a hashed one.
    transaction
        .query_typed(
            "select set_config('todo.login', $1, true), set_config('todo.password', $2, true)",
            &[(&login.user(), Type::TEXT), (&login.password(), Type::TEXT)],
        )
        .await?;
    let row = transaction
        .query_typed_one(
            "select
                current_user = $1,
                (select not rolsuper and not rolbypassrls and not rolinherit from pg_roles where rolname = $1),
                to_regclass('jwks') is not null",
            &[(&login.user(), Type::TEXT)],
        )
        .await?;
    let (is_owner, is_bounded): (bool, Option<bool>) = (row.try_get(0)?, row.try_get(1)?);
    let has_jwks: bool = row.try_get(2)?;

    if is_bounded.is_none() {
        transaction.batch_execute(CREATE_LOGIN).await?;
        say("created the login role of DATABASE_URL");
    }
    transaction.batch_execute(GRANT_ROLES).await?;
    if has_jwks {
        transaction.batch_execute(GRANT_JWKS).await?;
        say("granted the public columns of Better Auth's jwks");
    }
    transaction.commit().await?;

    if is_owner {
        say(
            "warning: DATABASE_URL signs in as the owner of the tables; give it a role of its own, and migrate will create it",
        );
    } else if is_bounded == Some(false) {
        say(
            "warning: the role of DATABASE_URL has rights of its own; it should be NOINHERIT, without SUPERUSER and BYPASSRLS",
        );
    }
    say("the login role of DATABASE_URL may act as todo_user and todo_auth");
    Ok(())
}

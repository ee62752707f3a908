//! The logins of the functions and what each may call: looked at in each run,
//! because a secret and Better Auth's tables can come after the migrations.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

use super::MigrateError;
use super::functions::{ACCOUNTS, EVERYONE, Folder, SIGN_IN, TASKS};
use crate::config::{DatabaseLogin, DatabaseUrl};

/// NOINHERIT and a member of nothing: a login may make its calls, and any
/// other statement is refused. The limits end a call that its environment has
/// given up; PgBouncer would not pass them on from a connection.
const CREATE: &str = "
do $$
declare
    login text := current_setting('todo.login');
begin
    execute format(
        'create role %I login noinherit password %L',
        login,
        current_setting('todo.password')
    );
    execute format('alter role %I set statement_timeout = ''5s''', login);
    execute format('alter role %I set lock_timeout = ''2s''', login);
    execute format('alter role %I set idle_in_transaction_session_timeout = ''10s''', login);
end
$$";

/// Whether there is such a role, whether it is ours to bound, and whether the
/// functions before the contraction are still there.
const LOOK_AT: &str = "
    select
        $1 = current_user,
        (
            select not (
                rolsuper or rolbypassrls or rolinherit or rolcreaterole or rolreplication
            )
            from pg_roles
            where rolname = $1
        ),
        to_regprocedure('public.identify(text)') is not null";

/// A login that another one of its kind took the place of works for another
/// day, for the environments that still have it, and is removed by the run
/// after that.
const RETIRE: &str = "
do $$
declare
    login text := current_setting('todo.login');
    old record;
begin
    for old in
        select rolname, coalesce(rolvaliduntil < now(), false) as has_ended
        from pg_roles
        where starts_with(rolname, current_setting('todo.prefix'))
        and rolname <> login
    loop
        if old.has_ended then
            execute format('revoke execute on all functions in schema todo from %I', old.rolname);
            execute format('revoke usage on schema todo from %I', old.rolname);
            execute format('drop role %I', old.rolname);
        else
            execute format(
                'alter role %I valid until %L',
                old.rolname,
                (
                    select least(coalesce(rolvaliduntil, 'infinity'), now() + interval '1 day')
                    from pg_roles
                    where rolname = old.rolname
                )
            );
        end if;
    end loop;
    execute format('alter role %I valid until ''infinity''', login);
end
$$";

/// The public columns alone, of which Better Auth 1.4 has fewer.
const GRANT_JWKS: &str = r#"
do $$
begin
    execute format(
        'grant select (%s) on public.jwks to todo_auth',
        (
            select string_agg(format('%I', attname), ', ')
            from pg_attribute
            where attrelid = to_regclass('public.jwks')
            and attname in ('id', 'publicKey', 'expiresAt', 'alg')
            and not attisdropped
        )
    );
end
$$"#;

/// Makes sure of all three logins.
pub(super) async fn ensure(
    client: &mut Client,
    url: &DatabaseUrl,
    say: &impl Fn(&str),
) -> Result<(), MigrateError> {
    let transaction = client.transaction().await?;
    let may = |folders: &[Folder]| -> Vec<String> {
        folders
            .iter()
            .flat_map(|folder| folder.functions())
            .collect()
    };
    let login = LoginRole {
        name: url.user(),
        password: url.password(),
        replaces: None,
        functions: may(&[EVERYONE, TASKS]),
    };
    login.ensure(&transaction, say).await?;
    for (login, functions) in [
        (DatabaseLogin::of_accounts(url)?, may(&[EVERYONE, ACCOUNTS])),
        (DatabaseLogin::of_sign_in(url)?, may(&[SIGN_IN])),
    ] {
        let login = LoginRole {
            name: &login.role,
            password: &login.password,
            replaces: Some(&login.prefix),
            functions,
        };
        login.ensure(&transaction, say).await?;
    }
    let row = transaction
        .query_typed_one("select to_regclass('public.jwks') is not null", &[])
        .await?;
    if row.try_get(0)? {
        transaction.batch_execute(GRANT_JWKS).await?;
        say("granted the public columns of Better Auth's jwks");
    }
    transaction.commit().await?;
    say("the logins may make the calls of their endpoints");
    Ok(())
}

struct LoginRole<'a> {
    name: &'a str,
    password: &'a str,
    /// The beginning of the names of the logins that this one replaces.
    replaces: Option<&'a str>,
    functions: Vec<String>,
}

impl LoginRole<'_> {
    async fn ensure(
        &self,
        transaction: &Transaction<'_>,
        say: &impl Fn(&str),
    ) -> Result<(), MigrateError> {
        let name = self.name;
        // Bound and not written into a statement, which a server may log. It
        // has to be the password itself: Neon refuses a hashed one.
        transaction
            .query_typed(
                "select
                    set_config('todo.login', $1, true),
                    set_config('todo.password', $2, true),
                    set_config('todo.prefix', $3, true)",
                &[
                    (&name, Type::TEXT),
                    (&self.password, Type::TEXT),
                    (&self.replaces.unwrap_or_default(), Type::TEXT),
                ],
            )
            .await?;
        let row = transaction
            .query_typed_one(LOOK_AT, &[(&name, Type::TEXT)])
            .await?;
        let (is_owner, is_bounded): (bool, Option<bool>) = (row.try_get(0)?, row.try_get(1)?);
        let is_contracted = !row.try_get::<_, bool>(2)?;
        if is_owner {
            return Err(MigrateError::lasting(
                "DATABASE_URL signs in as the owner of the tables, so one leaked function would \
                 own them. Name a role in it that does not exist yet: migrate creates it.",
            ));
        }
        match is_bounded {
            None => {
                transaction.batch_execute(CREATE).await?;
                say(&format!("created the login role {name}"));
            }
            Some(true) => {}
            Some(false) => {
                return Err(MigrateError::lasting(format!(
                    "The login role {name} has rights of its own. Run `alter role {name} \
                     noinherit nosuperuser nobypassrls nocreaterole noreplication`, or name a \
                     role that does not exist yet."
                )));
            }
        }
        if self.replaces.is_some() {
            transaction.batch_execute(RETIRE).await?;
        }
        self.grant(transaction, is_contracted).await
    }

    /// Exactly its calls: what it was granted before goes.
    async fn grant(
        &self,
        transaction: &Transaction<'_>,
        is_contracted: bool,
    ) -> Result<(), MigrateError> {
        let name = quoted(self.name);
        let functions = self.functions.join(", ");
        let mut rights = format!(
            "revoke execute on all functions in schema todo from {name};
            grant usage on schema todo to {name};
            grant execute on function {functions} to {name};"
        );
        // The functions of the releases before the contraction take on these
        // roles; only the login of DATABASE_URL had them.
        if self.replaces.is_none() {
            rights += &match is_contracted {
                true => format!("revoke todo_user, todo_auth from {name};"),
                false => format!("grant todo_user, todo_auth to {name};"),
            };
        }
        Ok(transaction.batch_execute(&rights).await?)
    }
}

/// A name as SQL takes it, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

//! The rights of each login of the functions in the database, with any SQL: the
//! calls of its endpoints, and nothing else. The lists are read from the catalogue.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::json;
use testing::{Service, id_of, service};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

/// A login, and the folders of `sql/` whose functions it may call.
struct Login {
    role: String,
    url: String,
    folders: &'static [&'static str],
}

/// All logins, each with its password.
async fn logins(service: &Service) -> Vec<Login> {
    let owner = service.connect_as_owner().await;
    let sql = "
        select rolname::text
        from pg_roles
        where rolcanlogin
        and starts_with(rolname, 'todo_login')";
    let roles = rows(&owner, sql).await;
    let mut logins = Vec::new();
    for role in roles.iter().map(|row| row.get::<_, String>(0)) {
        let folders: &[&str] = match &role {
            role if role.contains("_accounts_") => &["everyone", "accounts"],
            role if role.contains("_sign_in_") => &["sign_in"],
            _ => &["everyone", "tasks"],
        };
        // The passwords of the other logins are unknown here and are set anew.
        let password = "a-password-of-the-test";
        let sql = format!("alter role {role} password '{password}'");
        owner.batch_execute(&sql).await.expect("the owner may");
        let direct = service.stack.direct_url();
        let at = direct.find('@').expect("it names a user");
        logins.push(Login {
            url: format!("postgres://{role}:{password}{}", &direct[at..]),
            role,
            folders,
        });
    }
    assert_eq!(logins.len(), 3);
    logins
}

async fn rows(client: &Client, sql: &str) -> Vec<Row> {
    client.query_typed(sql, &[]).await.expect("the query runs")
}

fn first_column(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.get(0)).collect()
}

fn functions_of(folder: &str) -> BTreeSet<String> {
    let path = format!("{}/sql/{folder}", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(path).expect("the folder is there");
    files
        .map(|file| file.expect("it can be read").path())
        .map(|path| path.file_stem().expect("it has a name").to_owned())
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// A service of its own: the passwords of its logins are changed.
fn own_service() -> Arc<Service> {
    Arc::new(Service::start(&StackOptions::default()))
}

#[tokio::test]
async fn a_login_may_call_the_functions_of_its_endpoints_and_no_others() {
    let service = own_service();
    let owner = service.connect_as_owner().await;
    let sql = "
        select proname::text
        from pg_proc
        join pg_namespace on pg_namespace.oid = pronamespace
        where nspname = 'todo'
        and has_schema_privilege($1, nspname, 'usage')
        and has_function_privilege($1, pg_proc.oid, 'execute')";
    for login in logins(&service).await {
        let may = owner.query_typed(sql, &[(&login.role, Type::TEXT)]).await;
        let may: BTreeSet<String> = first_column(&may.expect("select")).into_iter().collect();
        let folders = login.folders.iter().flat_map(|folder| functions_of(folder));
        assert_eq!(may, folders.collect(), "{}", login.role);
    }
}

#[tokio::test]
async fn only_the_sign_in_functions_write_a_signing_key() {
    let publishes = |folder: &str| {
        let path = |name: &str| format!("{}/sql/{folder}/{name}.sql", env!("CARGO_MANIFEST_DIR"));
        let functions = functions_of(folder).into_iter();
        let texts = functions.map(|name| fs::read_to_string(path(&name)).expect("it can be read"));
        texts
            .filter(|text| {
                text.contains("publish_key") || text.contains("into public.auth_signing_key")
            })
            .count()
    };
    assert_eq!(publishes("sign_in"), 3);
    for folder in ["everyone", "tasks", "accounts"] {
        assert_eq!(publishes(folder), 0, "{folder}");
    }
}

#[tokio::test]
async fn no_login_has_a_right_on_a_table_or_can_become_another_role() {
    let service = own_service();
    let owner = service.connect_as_owner().await;
    let relations = first_column(
        &rows(
            &owner,
            "select oid::regclass::text
            from pg_class
            where relkind in ('r', 'p', 'v', 'm', 'S')
            and relnamespace in ('public'::regnamespace, 'todo'::regnamespace)",
        )
        .await,
    );
    assert!(
        relations.iter().any(|name| name == "account"),
        "{relations:?}"
    );
    let roles = first_column(&rows(&owner, "select quote_ident(rolname) from pg_roles").await);
    for login in logins(&service).await {
        let client = service.connect(&login.url).await;
        let mut attempts: Vec<String> = Vec::new();
        for relation in &relations {
            attempts.push(format!("select from {relation}"));
            attempts.push(format!("delete from {relation}"));
            attempts.push(format!("truncate {relation}"));
            attempts.push(format!(
                "create trigger t before insert on {relation} execute function now()"
            ));
            attempts.push(format!("alter table {relation} disable row level security"));
        }
        attempts.extend(
            roles
                .iter()
                .filter(|role| **role != login.role)
                .map(|role| format!("set role {role}")),
        );
        attempts.extend(
            [
                "create temporary table tasks (id uuid)",
                "create table public.planted (id uuid)",
                "create table todo.planted (id uuid)",
                "create schema planted",
                "create function public.planted() returns int language sql as 'select 1'",
                "copy (select 1) to program 'true'",
                "alter role todo_login superuser",
                "select pg_read_file('PG_VERSION')",
            ]
            .map(str::to_owned),
        );
        for attempt in attempts {
            let refusal = client
                .batch_execute(&attempt)
                .await
                .expect_err(&format!("{} may {attempt}", login.role));
            let state = refusal.code().map(|state| state.code().to_owned());
            // 42809: only a table can be truncated.
            assert!(
                matches!(state.as_deref(), Some("42501" | "42809")),
                "{}: {attempt}: {refusal:?}",
                login.role
            );
        }
        let columns = "
            select count(*)
            from pg_attribute
            join pg_class on pg_class.oid = attrelid
            where relkind in ('r', 'v')
            and relnamespace in ('public'::regnamespace, 'todo'::regnamespace)
            and attnum > 0
            and has_any_column_privilege(current_user, attrelid, 'select, insert, update, references')";
        let row = client.query_typed_one(columns, &[]).await.expect("select");
        assert_eq!(row.get::<_, i64>(0), 0, "{}", login.role);
    }
}

#[tokio::test]
async fn what_runs_with_anothers_rights_names_every_object_with_its_schema() {
    let owner = service().connect_as_owner().await;
    let sql = "
        select
            proname::text,
            array_to_string(proconfig, ';'),
            prosrc,
            coalesce(proargnames, '{}')
        from pg_proc
        where prosecdef
        and pronamespace in ('public'::regnamespace, 'todo'::regnamespace)";
    let functions = rows(&owner, sql).await;
    assert!(functions.len() > 20, "{}", functions.len());
    for function in functions {
        let (name, settings): (String, Option<String>) = (function.get(0), function.get(1));
        let settings = settings.unwrap_or_default();
        assert!(
            settings
                .split(';')
                .any(|it| it == "search_path=pg_catalog, pg_temp"),
            "{name} has {settings}"
        );
        let source: String = function.get(2);
        let arguments: Vec<String> = function.get(3);
        let mut unqualified = unqualified_names(&source);
        unqualified.retain(|name| !arguments.contains(name));
        assert!(unqualified.is_empty(), "{name} says {unqualified:?}");
    }
}

/// The relations in a text of SQL that are named without a schema, without those
/// that the text makes itself and the functions of pg_catalog.
fn unqualified_names(source: &str) -> Vec<String> {
    let words: Vec<&str> = source
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || "(),;".contains(c)))
        .filter(|word| !word.is_empty())
        .collect();
    let is_made_here = |name: &str| {
        words
            .windows(2)
            .any(|pair| pair[0] == name && pair[1] == "as" || pair[0] == "as" && pair[1] == name)
    };
    words
        .windows(3)
        .filter(|words| ["from", "join", "into", "update"].contains(&words[1]))
        .filter(|words| !["for", "distinct"].contains(&words[0]))
        .map(|words| words[2])
        .filter(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '"'))
        .filter(|name| !name.contains('.') && !is_made_here(name))
        .filter(|name| !NOT_RELATIONS.contains(name) && !declared(source).contains(name))
        .map(str::to_owned)
        .collect()
}

/// The variables of a function, which may be the target of a select.
fn declared(source: &str) -> Vec<&str> {
    source
        .lines()
        .skip_while(|line| *line != "declare")
        .take_while(|line| *line != "begin")
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// Words that follow such a word and are no relation of ours: key words, functions
/// and tables of pg_catalog.
const NOT_RELATIONS: [&str; 6] = [
    "select",
    "unnest",
    "jsonb_array_elements",
    "pg_attribute",
    "pg_control_system",
    "pg_control_checkpoint",
];

#[test]
fn an_unqualified_name_is_found() {
    assert_eq!(
        unqualified_names("select 1 from tasks where true"),
        ["tasks"]
    );
    assert_eq!(
        unqualified_names("begin insert into \"user\" (id) select 1"),
        ["\"user\""]
    );
    assert_eq!(
        unqualified_names("with gone as (delete from public.tasks) select from gone -- from tasks"),
        [""; 0]
    );
}

#[tokio::test]
async fn a_temporary_table_gets_in_the_way_of_no_function() {
    let service = own_service();
    let user = service.new_user().await;
    let task = user.create("Deleted").await;
    let owner = service.connect_as_owner().await;
    // The migration revokes a right that somebody has granted again.
    owner
        .batch_execute("grant temporary on database todo to todo_login")
        .await
        .expect("the owner may");
    let login = service.connect_as_login().await;
    login
        .batch_execute(
            r#"begin;
            create temporary table "user" (id text, name text, email text);
            insert into pg_temp."user" values ('ghost', 'Ghost', 'ghost@example.com');
            create temporary table tasks (id uuid, user_id text, title text, description text,
                status text, due_date date, created_at timestamptz, updated_at timestamptz,
                version integer, change_id uuid, create_hash bytea, deleted_at timestamptz, era integer);
            create temporary table task_tombstones (id uuid, user_id text, deleted_at timestamptz);
            create function pg_temp.take_over() returns trigger language plpgsql as
            $$ begin raise exception 'taken over as %', current_user; end $$;
            create trigger take_over before insert or update or delete on pg_temp.tasks
            for each row execute function pg_temp.take_over();
            create trigger take_over before insert or update or delete on pg_temp.task_tombstones
            for each row execute function pg_temp.take_over()"#,
        )
        .await
        .expect("it was granted");

    let delete = "select * from todo.delete_task($1, $2::text::uuid, null)";
    let arguments = [
        (&user.id as &(dyn ToSql + Sync), Type::TEXT),
        (&id_of(&task), Type::TEXT),
    ];
    let deleted = login.query_typed(delete, &arguments).await;
    assert!(deleted.expect("nothing gets in the way")[0].get::<_, bool>(0));
    let ghost = login
        .query_typed("select * from todo.get_stats('ghost', null)", &[])
        .await
        .expect_err("there is no such user");
    assert_eq!(ghost.code().map(|state| state.code()), Some("TD401"));
}

#[tokio::test]
async fn a_banned_users_change_is_refused_and_stores_nothing() {
    let service = own_service();
    let user = service.new_user().await;
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute(r#"alter table "user" add column banned boolean"#)
        .await
        .expect("the owner may");
    user.run(r#"update "user" set banned = true where id = $1"#)
        .await;

    let answer = user.patch("/api/v1/me", &json!({"name": "Renamed"})).await;

    answer.expect_problem(401, "unauthorized");
    let row = user.run(r#"select name from "user" where id = $1"#).await;
    assert_eq!(row[0].get::<_, String>(0), "Ann");
}

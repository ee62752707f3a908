//! The compared candidates: this service's calls on its own schema, the flights
//! before them on the schema of that time, and bare statements on the smallest
//! schema.

use testing::Service;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use super::lists::{self, List, SIZES};

/// The user whose requests are measured.
pub const USER: &str = "measured";

#[derive(Clone, Copy, PartialEq)]
pub enum Candidate {
    Flights,
    Calls,
    Smallest,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Operation {
    Get,
    List,
    Create,
    Toggle,
    Patch,
    Delete,
}

impl Operation {
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::List,
        Self::Create,
        Self::Toggle,
        Self::Patch,
        Self::Delete,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Create => "create",
            Self::Toggle => "toggle",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

impl Candidate {
    pub const ALL: [Self; 3] = [Self::Flights, Self::Calls, Self::Smallest];

    pub fn name(self) -> &'static str {
        match self {
            Self::Flights => "flights",
            Self::Calls => "calls",
            Self::Smallest => "smallest",
        }
    }

    /// The database, which has the candidate's name but for our own.
    pub fn database(self) -> &'static str {
        match self {
            Self::Calls => "todo",
            other => other.name(),
        }
    }

    /// Connects to the candidate's database, as its login through the pooler.
    pub async fn connect(self, service: &Service) -> Client {
        let url = service.stack.pooled_url();
        let (_, rest) = url.split_once('@').expect("it names a user");
        let url = match self {
            Self::Calls => url,
            _ => format!("postgres://{0}:{0}@{rest}", self.name())
                .replace("/todo?", &format!("/{}?", self.name())),
        };
        service.connect(&url).await
    }

    /// Makes the candidate's database and fills it, as the superuser.
    pub async fn prepare(self, service: &Service, tasks: i32) {
        let superuser = self.superuser(service).await;
        if self != Self::Calls {
            let name = self.name();
            superuser
                .batch_execute(&format!(
                    "create role {name} login noinherit password '{name}'"
                ))
                .await
                .expect("the superuser may");
        }
        for text in self.schema() {
            superuser.batch_execute(&text).await.expect("it is SQL");
        }
        superuser
            .batch_execute(&fill(tasks))
            .await
            .expect("it is SQL");
        // A life of changes, one after the other, and a vacuum now and then.
        let era = match self {
            Self::Calls => ", era = todo.era()",
            _ => "",
        };
        let change = format!(
            "update tasks
            set title = title || '!', updated_at = now(), version = version + 1{era}
            where random() < 0.05"
        );
        for _ in 0..24 {
            for statement in [change.as_str(), "vacuum tasks"] {
                superuser
                    .batch_execute(statement)
                    .await
                    .expect("the superuser may");
            }
        }
    }

    pub async fn superuser(self, service: &Service) -> Client {
        let [_, url] = service.stack.superuser_urls();
        if self != Self::Calls {
            let create = format!("create database {}", self.name());
            // The second time it is there.
            let admin = service.connect(&url).await;
            admin.batch_execute(&create).await.ok();
        }
        let own = format!("/{}?", self.database());
        service.connect(&url.replace("/todo?", &own)).await
    }

    fn schema(self) -> Vec<String> {
        match self {
            Self::Calls => Vec::new(),
            Self::Flights => {
                let mut texts: Vec<String> = (1..=11).map(migration).collect();
                texts.push("grant todo_user to flights".into());
                texts
            }
            Self::Smallest => vec![
                migration(1),
                include_str!("smallest.sql").into(),
                "grant select, insert, update, delete on tasks to smallest".into(),
                "alter role smallest inherit".into(),
            ],
        }
    }

    /// Does an operation once, in one round trip.
    pub async fn run(self, client: &Client, operation: Operation, task: Uuid) -> Result<(), Error> {
        let (new, change) = (Uuid::now_v7(), Uuid::new_v4());
        let user: (&(dyn ToSql + Sync), Type) = (&USER, Type::TEXT);
        let task: (&(dyn ToSql + Sync), Type) = (&task, Type::UUID);
        let sql = self.statements(operation);
        let parameters = |sql: &str| match (operation, sql.contains("$2")) {
            (_, false) => vec![user.clone()],
            (Operation::Create, true) => vec![user.clone(), (&new as _, Type::UUID)],
            (Operation::Toggle | Operation::Patch, true) if sql.contains("$3") => {
                vec![user.clone(), task.clone(), (&change as _, Type::UUID)]
            }
            _ => vec![user.clone(), task.clone()],
        };
        let texts: Vec<_> = sql.iter().map(|sql| (*sql, parameters(sql))).collect();
        if self != Self::Flights {
            for answer in futures_util::future::join_all(
                texts
                    .iter()
                    .map(|(sql, bound)| client.query_typed(sql, bound)),
            )
            .await
            {
                answer?;
            }
            return Ok(());
        }
        let begin = match operation {
            Operation::Get | Operation::List => READ,
            _ => "begin read write",
        };
        fly(client, begin, &texts).await
    }

    /// Runs a list of a user once, in one round trip.
    pub async fn list(self, client: &Client, list: &List) -> Result<(), Error> {
        let user = lists::user(list.tasks);
        let user = vec![(&user as &(dyn ToSql + Sync), Type::TEXT)];
        match self {
            Self::Flights => {
                let begin = format!("{READ}; set local enable_sort = off");
                fly(client, &begin, &[(&list.flight, user)]).await
            }
            _ => client.query_typed(&list.call, &user).await.map(|_| ()),
        }
    }

    fn statements(self, operation: Operation) -> &'static [&'static str] {
        match (self, operation) {
            (Self::Calls, Operation::Get) => &["select * from todo.find_task($1, $2)"],
            (Self::Calls, Operation::List) => &[
                "select * from todo.list_tasks($1, '-created_at', true, null, null, null, null, null, null, null, null, null, null, 51, 0)",
            ],
            (Self::Calls, Operation::Create) => &[
                "select * from todo.create_task($1, $2, 'Measure it', 'Before and after', 'pending', '2026-12-31', null)",
            ],
            (Self::Calls, Operation::Toggle) => &["select * from todo.toggle_task($1, $2, null)"],
            (Self::Calls, Operation::Patch) => &[
                "select * from todo.update_task($1, $2, null, $3, 'Measure it now', null, null, false, false, null)",
            ],
            (Self::Calls, Operation::Delete) => &["select * from todo.delete_task($1, $2, null)"],

            (Self::Flights, Operation::Get) => &[
                "select id, user_id, title, description, status, completed, due_date, created_at, updated_at, version, create_hash
                from tasks where user_id = $1 and id = $2",
            ],
            (Self::Flights, Operation::List) => &[
                "select count(*) from tasks where user_id = $1",
                "select id, user_id, title, description, status, completed, due_date, created_at, updated_at, version
                from tasks where user_id = $1 order by created_at desc, id desc limit 51",
            ],
            (Self::Flights, Operation::Create) => &[
                "insert into tasks (user_id, id, title, description, status, due_date)
                select $1, $2, 'Measure it', 'Before and after', 'pending', '2026-12-31'
                where not exists (select from task_tombstones where user_id = $1 and id = $2)
                on conflict (id) do nothing
                returning id, user_id, title, description, status, completed, due_date, created_at, updated_at, version",
            ],
            (Self::Flights, Operation::Toggle) => &[
                "update tasks
                set status = case when completed then 'pending' else 'completed' end,
                    version = version + 1, updated_at = now(), change_id = $3
                where user_id = $1 and id = $2
                returning id, user_id, title, description, status, completed, due_date, created_at, updated_at, version",
            ],
            (Self::Flights, Operation::Patch) => &[
                "update tasks
                set title = coalesce('Measure it now', title), description = coalesce(null, description),
                    status = coalesce(null, status),
                    version = case when change_id = $3 then version else version + 1 end,
                    updated_at = case when change_id = $3 then updated_at else now() end,
                    change_id = $3
                where user_id = $1 and id = $2
                returning id, user_id, title, description, status, completed, due_date, created_at, updated_at, version",
            ],
            (Self::Flights, Operation::Delete) => {
                &["delete from tasks where user_id = $1 and id = $2 returning id"]
            }

            (Self::Smallest, Operation::Get) => &[
                "select id, title, description, status, due_date, created_at, updated_at, version
                from tasks where user_id = $1 and id = $2",
            ],
            (Self::Smallest, Operation::List) => &[
                "select count(*) from tasks where user_id = $1",
                "select id, title, description, status, due_date, created_at, updated_at, version
                from tasks where user_id = $1 order by created_at desc, id desc limit 51",
            ],
            (Self::Smallest, Operation::Create) => &[
                "insert into tasks (user_id, id, title, description, status, due_date)
                values ($1, $2, 'Measure it', 'Before and after', 'pending', '2026-12-31')
                returning id, title, description, status, due_date, created_at, updated_at, version",
            ],
            (Self::Smallest, Operation::Toggle) => &[
                "update tasks
                set status = case status when 'completed' then 'pending' else 'completed' end,
                    version = version + 1, updated_at = now()
                where user_id = $1 and id = $2
                returning id, title, description, status, due_date, created_at, updated_at, version",
            ],
            (Self::Smallest, Operation::Patch) => &[
                "update tasks
                set title = 'Measure it now', version = version + 1, updated_at = now()
                where user_id = $1 and id = $2
                returning id, title, description, status, due_date, created_at, updated_at, version",
            ],
            (Self::Smallest, Operation::Delete) => {
                &["delete from tasks where user_id = $1 and id = $2 returning id"]
            }
        }
    }
}

const READ: &str = "begin isolation level repeatable read, read only";

type Bound<'a> = (&'a (dyn ToSql + Sync), Type);

/// Runs statements as the last release did: in a transaction of which all
/// messages leave together.
async fn fly(
    client: &Client,
    begin: &str,
    statements: &[(&str, Vec<Bound<'_>>)],
) -> Result<(), Error> {
    let begin = format!("{begin}; set local role todo_user; set local statement_timeout = 5000");
    let identify = [statements[0].1[0].clone()];
    let (begun, identified, answers, committed) = tokio::join!(
        biased;
        client.batch_execute(&begin),
        client.query_typed("select identify($1)", &identify),
        futures_util::future::join_all(
            statements.iter().map(|(sql, bound)| client.query_typed(sql, bound)),
        ),
        client.batch_execute("commit"),
    );
    begun?;
    identified?;
    for answer in answers {
        answer?;
    }
    committed
}

fn migration(number: u32) -> String {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let beginning = format!("{number:04}_");
    let files = std::fs::read_dir(directory).expect("the directory is there");
    let file = files
        .map(|file| file.expect("it can be read").path())
        .find(|path| {
            let name = path.file_name().expect("it has a name");
            name.to_string_lossy().starts_with(&beginning)
        });
    std::fs::read_to_string(file.expect("there is one")).expect("it can be read")
}

/// A hundred users, one of them the one that is measured, and those of the lists.
fn fill(tasks: i32) -> String {
    format!(
        "insert into \"user\" (id, name, email, \"emailVerified\")
        select id, 'Name', id || '@example.com', true
        from (
            select '{USER}' as id
            union all
            select 'other-' || number from generate_series(1, 99) as number
            union all
            select 'with-' || size from unnest(array{SIZES:?}) as size
        ) as users;
        insert into tasks (id, user_id, title, description, status, due_date, created_at)
        select
            gen_random_uuid(),
            user_id,
            'A title of usual length ' || number,
            repeat('d', number % 120),
            (array['pending', 'in_progress', 'completed'])[1 + number % 3],
            case when number % 4 > 0 then date '2026-01-01' + number % 700 end,
            now() - number * interval '1 second'
        from (
            select (array['{USER}', 'other-' || number % 99 + 1])[1 + (number % 100 > 0)::int], number
            from generate_series(1, {tasks}) as number
            union all
            select 'with-' || size, number
            from unnest(array{SIZES:?}) as size, generate_series(1, size) as number
        ) as tasks (user_id, number)"
    )
}

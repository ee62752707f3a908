//! The common setup of all candidates: a database, a user, a token, a key set.

use std::sync::Arc;
use std::time::Duration;

use local::stack::StackOptions;
use testing::proxy::Proxy;
use tokio_postgres::types::Type;
use uuid::Uuid;

use testing::measuring::issuer::Issuer;
use testing::{Reply, Service, StubServer};

const TASKS_OF_THE_USER: i32 = 500;
const OTHER_USERS: i32 = 19;

/// The number of tasks that are read and changed in turn.
const TASKS_IN_TURN: i64 = 50;

/// The functions' login role may only call the functions of its endpoints, which
/// work under row-level security. The peers have neither, like the services that
/// they represent: here the login role itself may work on the table.
const RIGHTS_OF_PEERS: &str = "
    grant select, insert, update, delete on tasks to todo_login;
    grant usage on schema todo to todo_login;
    grant execute on function todo.era(), todo.era_of(bigint) to todo_login;
    create policy tasks_of_peers on tasks to todo_login using (true) with check (true)";

pub struct Setup {
    pub service: Arc<Service>,
    pub user: String,
    pub token: String,
    /// The tasks of the user.
    pub tasks: Vec<Uuid>,
    key_server: StubServer,
    /// The delay between the functions and the pooler.
    _line: Option<Proxy>,
    database_url: String,
}

impl Setup {
    /// Prepares everything, with a delay each way between functions and pooler.
    pub async fn prepare(delay: Duration) -> Self {
        let service = Arc::new(Service::start(&StackOptions::default()));
        let user = service.new_user().await.id;
        service.fill(&user, TASKS_OF_THE_USER).await;
        for _ in 0..OTHER_USERS {
            let other = service.new_user().await;
            service.fill(&other.id, TASKS_OF_THE_USER).await;
        }
        let owner = service.connect_as_owner().await;
        let issuer = Issuer::trusted_by(&service).await;
        for statement in [RIGHTS_OF_PEERS, "analyze"] {
            owner.batch_execute(statement).await.expect("the owner may");
        }
        let newest = "select id from tasks where user_id = $1 order by created_at desc limit $2";
        let client = service.connect_as_login().await;
        let parameters = [(&user as _, Type::TEXT), (&TASKS_IN_TURN as _, Type::INT8)];
        let rows = client.query_typed(newest, &parameters).await;
        let tasks = rows
            .expect("peers may read")
            .iter()
            .map(|row| row.get(0))
            .collect();
        let line = (!delay.is_zero()).then(|| start_line(&service, delay));
        Self {
            token: issuer.token(&user),
            key_server: StubServer::start(Reply::ok(&issuer.key_set().to_string())),
            database_url: match &line {
                Some(line) => url_through(&service, line),
                None => service.stack.pooled_url(),
            },
            _line: line,
            tasks,
            user,
            service,
        }
    }

    /// The URL of the tokens' keys, at a server that takes no measured time.
    pub fn key_set_url(&self) -> String {
        format!("{}/jwks.json", self.key_server.origin())
    }

    /// The database's address for the measured functions.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// A proxy that counts turns, and the database's address through it.
    pub fn counted(&self) -> (Proxy, String) {
        // Without a delay a quick server may answer between two pieces.
        let line = start_line(&self.service, Duration::from_millis(5));
        let url = url_through(&self.service, &line);
        (line, url)
    }
}

fn start_line(service: &Service, delay: Duration) -> Proxy {
    let line = Proxy::start(service.stack.pooler().port(), delay);
    line.expect("a port is free")
}

fn url_through(service: &Service, line: &Proxy) -> String {
    let port = |port: u16| format!(":{port}/");
    let pooler = port(service.stack.pooler().port());
    service
        .stack
        .pooled_url()
        .replace(&pooler, &port(line.port()))
}

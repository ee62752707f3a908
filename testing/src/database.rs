//! Access to the database without a function.

use std::fs;

use native_tls::{Certificate, TlsConnector};
use postgres_native_tls::MakeTlsConnector;
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Transaction};

use super::Service;

impl Service {
    /// Connects as the owner of the tables, past the pooler.
    pub async fn connect_as_owner(&self) -> Client {
        self.connect(&self.stack.direct_url()).await
    }

    /// Connects with the role of the functions, through the pooler.
    pub async fn connect_as_login(&self) -> Client {
        self.connect(&self.stack.pooled_url()).await
    }

    /// The rows of a user's tasks, oldest first, as JSON.
    pub async fn stored_tasks_of(&self, user: &str) -> Vec<Value> {
        let mut client = self.connect_as_owner().await;
        let transaction = transaction_of(&mut client, user).await;
        let rows = transaction
            .query_typed(
                "select (to_jsonb(tasks) || jsonb_build_object('completed', status = 'completed'))::text
                from tasks
                where deleted_at is null
                order by created_at, id",
                &[],
            )
            .await
            .expect("select");
        rows.iter()
            .map(|row| serde_json::from_str(row.get(0)).expect("jsonb is JSON"))
            .collect()
    }

    /// Creates so many tasks with many days, titles and statuses, from the oldest to
    /// the newest.
    pub async fn fill(&self, user: &str, count: i32) {
        let mut client = self.connect_as_owner().await;
        let transaction = transaction_of(&mut client, user).await;
        let insert =
            "insert into tasks (id, user_id, title, status, due_date, created_at, updated_at)
            select
                gen_random_uuid(),
                $1,
                'Task ' || md5(number::text),
                (array['pending', 'in_progress', 'completed'])[1 + number % 3],
                case when number % 4 > 0 then date '2026-01-01' + number % 700 end,
                now() - ($2 - number) * interval '1 second',
                case when number % 2 = 0 then now() - (number * 7919 % $2) * interval '1 second' end
            from generate_series(1, $2) as number";
        let parameters = [(&user as _, Type::TEXT), (&count as _, Type::INT4)];
        transaction
            .query_typed(insert, &parameters)
            .await
            .expect("insert");
        transaction.commit().await.expect("commit");
    }

    /// Connects to a database of this stack, over verified TLS.
    pub async fn connect(&self, url: &str) -> Client {
        let tls = self.tls.get_or_init(|| self.connector());
        let config: Config = url
            .replace("verify-full", "require")
            .parse()
            .expect("it is a URL");
        let (client, connection) = config
            .connect(tls.clone())
            .await
            .expect("the database is there");
        tokio::spawn(connection);
        client
    }

    fn connector(&self) -> MakeTlsConnector {
        let pem = fs::read(self.stack.certificate_authority()).expect("the CA is there");
        let tls = TlsConnector::builder()
            .add_root_certificate(Certificate::from_pem(&pem).expect("it is PEM"))
            .build();
        MakeTlsConnector::new(tls.expect("TLS is there"))
    }
}

/// A transaction of the owner that row-level security bounds to the tasks of
/// `user`, with the rights of the functions that serve requests.
pub async fn transaction_of<'a>(client: &'a mut Client, user: &str) -> Transaction<'a> {
    let transaction = transaction_of_nobody(client).await;
    transaction
        .query_typed(
            "select set_config('todo.caller', $1, true)",
            &[(&user, Type::TEXT)],
        )
        .await
        .expect("set_config");
    transaction
}

/// A transaction of no user: row-level security shows no tasks.
pub async fn transaction_of_nobody(client: &mut Client) -> Transaction<'_> {
    let transaction = client.transaction().await.expect("begin");
    transaction
        .batch_execute("set local role todo_user")
        .await
        .expect("the owner is a member of todo_user");
    transaction
}

//! A function that reaches a standby, as happens during a failover: it reads,
//! and says of a write that nothing was changed.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::runtime_api::Function;
use testing::{Call, Service, binary, path_of, until};

use crate::processes::{ServerCommand, ServerProcess};

/// A copy of the service's server that follows it.
struct Standby {
    port: u16,
    _process: ServerProcess,
}

impl Standby {
    fn start(service: &Service) -> Self {
        let bin = local::tools::postgres_bin().expect("PostgreSQL is there");
        let directory = service.stack.directory();
        let [_, superuser] = service.stack.superuser_urls();
        let authority = service.stack.certificate_authority().display();
        ServerCommand::new(service, &bin.join("pg_basebackup"))
            .arg(format!("--dbname={superuser}&sslrootcert={authority}"))
            .arg("--pgdata=standby")
            .arg("--write-recovery-conf")
            .arg("--checkpoint=fast")
            .run();
        let port = local::server::free_port(None).expect("a port is free");
        // The settings are in the server's command line.
        let settings = std::fs::read_to_string(directory.join("data/postmaster.opts"));
        let settings = settings.expect("it runs");
        let mut postgres = ServerCommand::new(service, &bin.join("postgres"));
        postgres.arg("-D").arg(directory.join("standby"));
        for setting in settings.split("\" \"").filter(|it| it.contains('=')) {
            postgres
                .arg("-c")
                .arg(setting.trim_end().trim_end_matches('"'));
        }
        postgres.arg("-p").arg(port.to_string());
        Self {
            port,
            _process: postgres.spawn(),
        }
    }

    fn url(&self, of_primary: &str) -> String {
        let (front, back) = of_primary.rsplit_once(':').expect("it has a port");
        let path = back.find('/').expect("it has a path");
        format!("{front}:{}{}", self.port, &back[path..])
    }
}

async fn send(function: &Function, call: Call<'_>) -> (Value, String) {
    let (event, _) = call.event();
    let answer = function.invoke(&event).await.expect("it answers");
    let body = answer["body"].as_str().unwrap_or_default().to_owned();
    (answer["statusCode"].clone(), body)
}

#[tokio::test]
async fn a_standby_answers_reads_and_refuses_writes_until_it_is_promoted() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let path = path_of(&user.create("Read here, too").await);
    let standby = Standby::start(&service);
    let mut environment = service.environment().to_vec();
    environment.retain(|(name, _)| name != "DATABASE_URL");
    let url = standby.url(&service.stack.pooled_url());
    environment.push(("DATABASE_URL".to_owned(), url));
    let start = |name| Function::start(binary(name), &environment).expect("it starts");
    let (get, create, toggle) = (
        start("get-task"),
        start("create-task"),
        start("toggle-task"),
    );

    until(async || send(&get, user.call("GET", &path)).await.0 == 200).await;
    let new_task = json!({"title": "Refused"});
    for (function, call) in [
        (&create, user.call("POST", "/api/v1/tasks").json(&new_task)),
        (&toggle, user.call("POST", &format!("{path}/toggle"))),
    ] {
        let (status, body) = send(function, call).await;
        assert_eq!(status, 503, "{body}");
        assert!(body.contains("Nothing was changed"), "{body}");
    }

    let [_, superuser] = service.stack.superuser_urls();
    let superuser = service.connect(&standby.url(&superuser)).await;
    let promote = superuser.query_typed_one("select pg_promote()", &[]).await;
    assert!(promote.expect("it may").get::<_, bool>(0));
    let (status, body) = send(&toggle, user.call("POST", &format!("{path}/toggle"))).await;
    assert_eq!(status, 200, "{body}");
}

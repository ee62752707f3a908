//! The running service: a stack, and a process for each function that a test calls.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use local::mailbox;
use local::stack::{Stack, StackOptions, Template};
use parking_lot::Mutex;
use postgres_native_tls::MakeTlsConnector;

use super::gateway::{Gateway, Routes};
use super::proxy::Proxy;
use super::runtime_api::Function;
use super::{Call, TestUser, data};

/// A running service, of one test or shared by many.
pub struct Service {
    /// PostgreSQL and PgBouncer.
    pub stack: Stack,
    environment: Vec<(String, String)>,
    routes: Routes,
    functions: Mutex<HashMap<String, Arc<Function>>>,
    mails: PathBuf,
    /// Made once: OpenSSL reads all certificates of the system for each.
    pub(super) tls: OnceLock<MakeTlsConnector>,
}

/// The shared service, which starts with the first test and ends with the process.
/// Tests use it as different users.
pub fn service() -> Arc<Service> {
    static SHARED: OnceLock<Arc<Service>> = OnceLock::new();
    SHARED
        .get_or_init(|| Arc::new(Service::start(&StackOptions::default())))
        .clone()
}

impl Service {
    /// Starts a migrated service for one test, which may break it.
    pub fn start(options: &StackOptions) -> Self {
        Self::of(data::migrated(), options)
    }

    /// Starts a service with an empty database.
    pub fn unmigrated(options: &StackOptions) -> Self {
        Self::of(data::empty(), options)
    }

    fn of(template: &Template, options: &StackOptions) -> Self {
        let stack = Stack::from_template(template, options).expect("the stack starts");
        let mails = stack.directory().join("mails");
        let url = mailbox::open({
            let mails = mails.clone();
            move |mail| append(&mails, mail)
        });
        let mut environment = stack.environment();
        environment.extend(
            [
                ("SMTP_URL", url.expect("a port is free")),
                ("MAIL_FROM", "Tasks <tasks@example.com>".to_owned()),
                ("PASSWORD_RESET_URL", "https://todo.example.com/".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        Self {
            environment,
            mails,
            routes: Routes::read().expect("the manifest has the routes"),
            functions: Mutex::default(),
            stack,
            tls: OnceLock::new(),
        }
    }

    /// Changes a variable of the functions that start later.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Puts a proxy between the pooler and the functions that start later.
    pub fn put_behind_a_proxy(&mut self, delay_each_way: Duration) -> Proxy {
        let pooler = self.stack.pooler().port();
        let proxy = Proxy::start(pooler, delay_each_way).expect("a port is free");
        let url = self.stack.pooled_url();
        let through_the_proxy = url.replace(&format!(":{pooler}/"), &format!(":{}/", proxy.port()));
        self.set("DATABASE_URL", &through_the_proxy);
        proxy
    }

    /// Puts a proxy between the pooler, which restarts, and PostgreSQL.
    pub fn put_postgres_behind_a_proxy(&self) -> Proxy {
        let postgres = self.stack.postgres().port();
        let proxy = Proxy::start(postgres, Duration::ZERO).expect("a port is free");
        let pooler = self.stack.pooler();
        pooler.stop().expect("it ran");
        self.configure_pooler(
            &format!("port={postgres} "),
            &format!("port={} ", proxy.port()),
        );
        pooler.start().expect("it starts again");
        proxy
    }

    /// Replaces a text in the pooler's configuration, which it reads when it
    /// starts or reloads.
    pub fn configure_pooler(&self, old: &str, new: &str) {
        let path = self.stack.directory().join("pgbouncer.ini");
        let text = fs::read_to_string(&path).expect("the pooler has it");
        assert!(text.contains(old), "{text}");
        fs::write(path, text.replace(old, new)).expect("it can be written");
    }

    /// The file with all mails that the functions have sent.
    pub fn mails(&self) -> &Path {
        &self.mails
    }

    /// The variables of the functions.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The routes to the functions.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The function of this name. The first call starts it.
    pub fn function(&self, name: &str) -> Arc<Function> {
        let start = || {
            let function = Function::start(binary(name), &self.environment);
            Arc::new(function.expect("the function starts"))
        };
        self.functions
            .lock()
            .entry(name.to_owned())
            .or_insert_with(start)
            .clone()
    }

    /// Serves HTTP until the gateway is dropped.
    pub fn listen(self: &Arc<Self>) -> Gateway {
        Gateway::start(Arc::clone(self)).expect("a port is free")
    }

    /// The log of all functions.
    pub fn log(&self) -> Vec<String> {
        let functions = self.functions.lock();
        functions.values().flat_map(|it| it.log()).collect()
    }

    /// A GET request without a token.
    pub fn get(&self, target: &str) -> Call<'_> {
        self.call("GET", target)
    }

    /// A POST request without a token.
    pub fn post(&self, target: &str) -> Call<'_> {
        self.call("POST", target)
    }

    /// A request without a token.
    pub fn call(&self, method: &str, target: &str) -> Call<'_> {
        Call::new(self, method, target)
    }

    /// A new user, signed in.
    pub async fn new_user(self: &Arc<Self>) -> TestUser {
        TestUser::register(self).await
    }
}

fn append(mails: &Path, mail: &str) {
    let mut options = fs::OpenOptions::new();
    let file = options.create(true).append(true).open(mails);
    let written = file.and_then(|mut file| file.write_all(mail.as_bytes()));
    written.expect("the stack's directory is there");
}

/// The binary of a function. Cargo builds it for the tests and benchmarks of the
/// root package.
pub fn binary(name: &str) -> PathBuf {
    let binary = binaries().join(name);
    assert!(binary.exists(), "there is no function {name}");
    binary
}

/// The directory of all binaries, which is above that of the running test.
pub fn binaries() -> PathBuf {
    let this = env::current_exe().expect("a process knows its file");
    let directory = this.ancestors().nth(2);
    directory.expect("Cargo runs it from there").to_owned()
}

//! The service: a stack, and one process per function that a test calls.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use local::gateway::{Functions, Gateway, Routes};
use local::proxy::Proxy;
use local::runtime_api::Function;
use local::stack::{Stack, StackOptions};

use super::{Call, TestUser};

/// A running service of its own, or the one that most tests share.
pub struct Service {
    pub stack: Stack,
    environment: Vec<(String, String)>,
    routes: Routes,
    functions: Mutex<HashMap<String, Arc<Function>>>,
}

/// The shared service: started with the first test, migrated, never stopped
/// by hand. Tests keep apart by being different users.
pub fn service() -> Arc<Service> {
    static SHARED: OnceLock<Arc<Service>> = OnceLock::new();
    SHARED
        .get_or_init(|| Arc::new(Service::start(&StackOptions::default())))
        .clone()
}

impl Service {
    /// A migrated service that a test may break.
    pub fn start(options: &StackOptions) -> Self {
        let service = Self::unmigrated(options);
        service
            .stack
            .migrate(binary("migrate"))
            .expect("the migrations apply");
        service
    }

    /// A service with an empty database.
    pub fn unmigrated(options: &StackOptions) -> Self {
        let stack = Stack::temporary(options).expect("the stack starts");
        let manifest = include_str!("../../../Cargo.toml");
        Self {
            environment: stack.environment(),
            routes: Routes::from_manifest(manifest).expect("the manifest has the routes"),
            functions: Mutex::default(),
            stack,
        }
    }

    /// Gives functions that are not started yet another value of a variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Lets functions that are not started yet reach the pooler through a proxy.
    pub fn put_behind_a_proxy(&mut self, delay_each_way: Duration) -> Proxy {
        let pooler = self.stack.pooler().port();
        let proxy = Proxy::start(pooler, delay_each_way).expect("a port is free");
        let url = self.stack.pooled_url();
        let through_the_proxy = url.replace(&format!(":{pooler}/"), &format!(":{}/", proxy.port()));
        self.set("DATABASE_URL", &through_the_proxy);
        proxy
    }

    /// What the functions are started with.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The function of this name, started when nobody has called it yet.
    pub fn function(&self, name: &str) -> Arc<Function> {
        let start = || {
            let function = Function::start(binary(name), &self.environment);
            Arc::new(function.expect("the function starts"))
        };
        self.functions()
            .entry(name.to_owned())
            .or_insert_with(start)
            .clone()
    }

    /// The service over HTTP, for as long as the gateway lives.
    pub fn listen(self: &Arc<Self>) -> Gateway {
        Gateway::start(Arc::clone(self)).expect("a port is free")
    }

    /// What all functions have logged so far.
    pub fn log(&self) -> Vec<String> {
        let functions = self.functions();
        functions.values().flat_map(|it| it.log()).collect()
    }

    fn functions(&self) -> MutexGuard<'_, HashMap<String, Arc<Function>>> {
        self.functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, target: &str) -> Call<'_> {
        self.call("GET", target)
    }

    pub fn post(&self, target: &str) -> Call<'_> {
        self.call("POST", target)
    }

    pub fn call(&self, method: &str, target: &str) -> Call<'_> {
        Call::new(self, method, target)
    }

    /// Somebody new, signed in.
    pub async fn new_user(self: &Arc<Self>) -> TestUser {
        TestUser::register(self).await
    }
}

impl Functions for Service {
    fn routes(&self) -> &Routes {
        self.routes()
    }

    fn function(&self, name: &str) -> Arc<Function> {
        self.function(name)
    }
}

/// The binary of a function, as `cargo test` has built it.
pub fn binary(name: &str) -> &'static Path {
    Path::new(match name {
        "batch-tasks" => env!("CARGO_BIN_EXE_batch-tasks"),
        "clear-completed" => env!("CARGO_BIN_EXE_clear-completed"),
        "create-task" => env!("CARGO_BIN_EXE_create-task"),
        "delete-me" => env!("CARGO_BIN_EXE_delete-me"),
        "delete-task" => env!("CARGO_BIN_EXE_delete-task"),
        "docs" => env!("CARGO_BIN_EXE_docs"),
        "export-me" => env!("CARGO_BIN_EXE_export-me"),
        "get-me" => env!("CARGO_BIN_EXE_get-me"),
        "get-stats" => env!("CARGO_BIN_EXE_get-stats"),
        "get-task" => env!("CARGO_BIN_EXE_get-task"),
        "health" => env!("CARGO_BIN_EXE_health"),
        "journey" => env!("CARGO_BIN_EXE_journey"),
        "jwks" => env!("CARGO_BIN_EXE_jwks"),
        "list-changes" => env!("CARGO_BIN_EXE_list-changes"),
        "list-tasks" => env!("CARGO_BIN_EXE_list-tasks"),
        "login" => env!("CARGO_BIN_EXE_login"),
        "logout" => env!("CARGO_BIN_EXE_logout"),
        "migrate" => env!("CARGO_BIN_EXE_migrate"),
        "refresh" => env!("CARGO_BIN_EXE_refresh"),
        "register" => env!("CARGO_BIN_EXE_register"),
        "toggle-task" => env!("CARGO_BIN_EXE_toggle-task"),
        "update-me" => env!("CARGO_BIN_EXE_update-me"),
        "web" => env!("CARGO_BIN_EXE_web"),
        "update-task" => env!("CARGO_BIN_EXE_update-task"),
        _ => panic!("there is no function {name}"),
    })
}

//! The typed clients of docs/api.md, generated and run with its commands.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use local::tools::python_environment;
use testing::gateway::Gateway;
use testing::{service, tools};

const API: &str = include_str!("../../docs/api.md");

#[test]
fn the_documented_client_compiles_and_works() {
    let project = Project::of_node("client");

    project.run(command("npx openapi-typescript "));
    project.run(command("npx tsc "));
    project.run("npx tsc && node build/main.js $api");
}

#[test]
fn a_client_by_hey_api_keeps_its_errors() {
    let project = Project::of_node("hey-client");

    project.run(command("npx openapi-ts "));
    project.run("npx tsc && node build/main.js $api");
}

#[test]
fn a_client_in_python_keeps_its_errors() {
    let directory = directory("python-client");
    let environment = python_environment("python-client", &directory.join("requirements.txt"));
    let programs = environment.expect("the packages are here").join("bin");
    let project = Project::new(directory, &programs);

    project.run(&format!(
        "{} --overwrite",
        command("openapi-python-client ")
    ));
    project.run("python main.py $api");
}

/// The line of the document that begins so.
fn command(beginning: &str) -> &'static str {
    let line = API.lines().find(|line| line.starts_with(beginning));
    line.unwrap_or_else(|| panic!("docs/api.md has no {beginning:?}"))
}

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// A directory of `tests`, its programs, and the service that it is a client of.
struct Project {
    directory: PathBuf,
    path: OsString,
    gateway: Gateway,
}

impl Project {
    fn of_node(name: &str) -> Self {
        let directory = directory(name);
        tools::node_modules(&directory).expect("the packages are here");
        let node = tools::node().expect("Node.js is here");
        Self::new(directory, node.parent().expect("a file has a directory"))
    }

    fn new(directory: PathBuf, programs: &Path) -> Self {
        Self {
            directory,
            path: tools::path_with(programs).expect("it has no colon"),
            gateway: service().listen(),
        }
    }

    /// Runs a command of the shell, which warns of nothing.
    fn run(&self, command: &str) {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(&self.directory)
            .env("PATH", &self.path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("api", self.gateway.origin())
            .output()
            .expect("there is a shell");
        let text = String::from_utf8_lossy(&output.stdout);
        let text = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
        println!("{text}");
        assert!(output.status.success(), "{command}\n{text}");
        assert!(!text.to_lowercase().contains("warn"), "{command}\n{text}");
    }
}

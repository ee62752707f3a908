//! docs/nextjs.md: its commands and files in an empty folder, in front of
//! `cargo dev`, and a user of that app in Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use local::server::free_port;
use local::stack::StackOptions;
use local::supervised::{self, Ending, Supervised};
use testing::{Service, play_at, tools};
use uuid::Uuid;

use super::cargo_dev::Dev;

const GUIDE: &str = include_str!("../../docs/nextjs.md");

const START_LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
#[ignore = "installs 400 MB and builds for two minutes; a workflow runs it every week"]
async fn a_user_of_the_guides_app_has_tasks_here() {
    // `cargo dev` on a database of the test, for the developer has another one.
    let service = Service::unmigrated(&StackOptions::default());
    let guide = Guide::new(&service);

    // The guide's port is among the default origins, and this one is not.
    let origin = guide.origin();
    let origins = ["--cors-origins", origin.as_str()];
    let mut dev = Some(Dev::start(&service, guide.api_port, &origins));
    let mut app = None;
    for step in guide.steps() {
        match step {
            Step::File(path, text) => guide.write(path, &text),
            Step::Shell(lines) if lines == "cargo dev --reset" => {}
            Step::Shell(lines) if lines.starts_with("cargo dev ") => {
                let given = lines.split_whitespace().skip(2);
                let options: Vec<&str> = given.chain(origins).collect();
                drop(dev.take());
                dev = Some(Dev::start(&service, guide.api_port, &options));
            }
            Step::Shell(lines) => match lines.split_once("npx next start ") {
                Some((before, options)) => {
                    guide.paste(before);
                    app = Some(guide.start_app(options).await);
                }
                None => guide.paste(&lines),
            },
        }
    }

    assert!(app.is_some(), "the guide starts no app");
    let api = format!("http://127.0.0.1:{}", guide.api_port);
    play_at(&origin, "nextjs", &[("API", api.as_str())]);
    drop(app);
    // Its packages are 400 MB; a failure leaves them to be looked at.
    fs::remove_dir_all(&guide.around).expect("the directory is ours");
}

enum Step {
    File(&'static str, String),
    Shell(String),
}

/// An empty folder beside a clone, and free ports in place of the usual ones.
struct Guide {
    around: PathBuf,
    folder: PathBuf,
    api_port: u16,
    app_port: u16,
}

impl Guide {
    fn new(service: &Service) -> Self {
        let name = format!("nextjs-{}", Uuid::new_v4());
        let around = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let (folder, data) = (around.join("web"), around.join("todo-service/target/dev"));
        fs::create_dir_all(&folder).expect("the directory around it is Cargo's");
        fs::create_dir_all(&data).expect("the directory around it is Cargo's");
        let url = service.stack.direct_url();
        fs::write(data.join("direct-url"), url).expect("it is ours");
        fs::copy(service.stack.certificate_authority(), data.join("ca.pem")).expect("it is ours");
        let free_port = || free_port(None).expect("a port is free");
        Self {
            around,
            folder,
            api_port: free_port(),
            app_port: free_port(),
        }
    }

    fn origin(&self) -> String {
        format!("http://localhost:{}", self.app_port)
    }

    /// The blocks of the guide; a line that begins with a path names a file.
    fn steps(&self) -> Vec<Step> {
        let mut file = None;
        let mut steps = Vec::new();
        let mut lines = GUIDE.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let text: Vec<&str> = lines.by_ref().take_while(|it| *it != "```").collect();
                let text = self.with_ports(&text.join("\n"));
                steps.push(match language {
                    "sh" => Step::Shell(text),
                    _ => Step::File(file.take().expect("a file has a path"), text),
                });
            } else if let Some((path, _)) = line.strip_prefix('`').and_then(|it| it.split_once('`'))
            {
                file = Some(path).filter(|path| path.contains('.'));
            }
        }
        steps
    }

    fn with_ports(&self, text: &str) -> String {
        text.replace(":9000", &format!(":{}", self.api_port))
            .replace("localhost:3000", &format!("localhost:{}", self.app_port))
            .replace("--port 3000", &format!("--port {}", self.app_port))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        let directory = path.parent().expect("it is in the folder");
        fs::create_dir_all(directory).expect("the folder is ours");
        fs::write(path, format!("{text}\n")).expect("the folder is ours");
    }

    fn paste(&self, lines: &str) {
        let output = Command::new("sh")
            .args(["-euc", lines])
            .current_dir(&self.folder)
            .env("PATH", tools::path_with_node().expect("Node.js is here"))
            .env("NEXT_TELEMETRY_DISABLED", "1")
            .stdin(Stdio::null())
            .output()
            .expect("there is a shell");
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{lines}\n{text}{errors}");
    }

    /// Starts the app, and waits until it answers.
    async fn start_app(&self, options: &str) -> Supervised {
        let mut command = supervised::command(tools::node().expect("Node.js is here"));
        command
            .args(["node_modules/next/dist/bin/next", "start"])
            .args(options.split_whitespace())
            .current_dir(&self.folder)
            .env("NEXT_TELEMETRY_DISABLED", "1");
        let mut app = Supervised::spawn(command, Ending::BRISK).expect("the app starts");
        let started = Instant::now();
        let address = ("localhost", self.app_port);
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert!(app.ended().expect("it can be asked").is_none(), "it ended");
            assert!(started.elapsed() < START_LIMIT, "the app does not answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        app
    }
}

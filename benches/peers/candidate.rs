//! The measured candidates, and their programs.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use testing::runtime_api::Program;

use super::operation::Operation;
use super::setup::Setup;
use super::{fastapi, node};
use testing::measuring::issuer::Issuer;
use testing::measuring::release;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// This service.
    Ours,
    /// Node.js with one kept connection.
    Node,
    /// Python with one kept connection.
    FastapiKeep,
    /// Python as before, with a connection for each use.
    Fastapi,
    /// A function that does nothing.
    Empty,
    /// No function at all: the call that ours makes, on a kept connection.
    Call,
    /// The statement alone, on a kept connection.
    Statement,
}

impl Candidate {
    pub const ALL: [Self; 7] = [
        Self::Ours,
        Self::Node,
        Self::FastapiKeep,
        Self::Fastapi,
        Self::Empty,
        Self::Call,
        Self::Statement,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "this service",
            Self::Node => "Node.js",
            Self::FastapiKeep => "FastAPI, kept connection",
            Self::Fastapi => "FastAPI",
            Self::Empty => "empty function",
            Self::Call => "bare call",
            Self::Statement => "bare statement",
        }
    }

    pub fn is_function(self) -> bool {
        !matches!(self, Self::Call | Self::Statement)
    }
}

/// The programs of all candidates, built or fetched.
pub struct Programs {
    release: PathBuf,
    fastapi: fastapi::Peer,
    node: node::Peer,
}

impl Programs {
    /// Builds them, those first that need tools which may be missing.
    pub fn make_ready() -> Self {
        let (node, fastapi) = (node::Peer::make_ready(), fastapi::Peer::make_ready());
        let mut programs = Operation::ALL.map(function).to_vec();
        programs.push("empty");
        Self {
            release: release::build(&programs),
            fastapi,
            node,
        }
    }

    pub fn program(&self, candidate: Candidate, operation: Operation) -> Program {
        match candidate {
            Candidate::Ours => self.release.join(function(operation)).as_path().into(),
            Candidate::Node => self.node.program(),
            Candidate::Fastapi | Candidate::FastapiKeep => self.fastapi.program(),
            Candidate::Empty | Candidate::Call | Candidate::Statement => {
                self.release.join("empty").as_path().into()
            }
        }
    }

    /// The size of the package in MB of a million bytes, without Lambda's own
    /// runtimes.
    pub fn package_mb(&self, candidate: Candidate, operation: Operation) -> f64 {
        let files = match candidate {
            Candidate::Node => vec![self.node.package()],
            Candidate::Fastapi | Candidate::FastapiKeep => self.fastapi.package(),
            Candidate::Ours | Candidate::Empty => vec![self.program(candidate, operation).path],
            Candidate::Call | Candidate::Statement => Vec::new(),
        };
        let bytes: u64 = files.iter().map(|file| deflated(file)).sum();
        bytes as f64 / 1e6
    }
}

fn function(operation: Operation) -> &'static str {
    match operation {
        Operation::Get => "get-task",
        Operation::List => "list-tasks",
        Operation::Create => "create-task",
        Operation::Update => "update-task",
    }
}

/// The variables of a candidate's processes.
pub fn environment(
    candidate: Candidate,
    setup: &Setup,
    database_url: &str,
) -> Vec<(String, String)> {
    let stack = &setup.service.stack;
    let connection = match candidate {
        Candidate::FastapiKeep => "keep",
        _ => "null",
    };
    let of_peers = [
        (
            "DATABASE_CA",
            stack.certificate_authority().display().to_string(),
        ),
        ("JWKS_URL", setup.key_set_url()),
        ("TOKEN_ISSUER", Issuer::name()),
        ("CONNECTION", connection.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let mut environment = match candidate {
        Candidate::Ours => stack.environment(),
        Candidate::Empty | Candidate::Call | Candidate::Statement => Vec::new(),
        _ => of_peers.into(),
    };
    environment.retain(|(name, _)| name != "DATABASE_URL");
    environment.push(("DATABASE_URL".to_owned(), database_url.to_owned()));
    environment
}

/// The bytes of a file in a zip.
fn deflated(file: &Path) -> u64 {
    let bytes = fs::read(file).expect("the package is there");
    let mut encoder = DeflateEncoder::new(Counter::default(), Compression::default());
    encoder.write_all(&bytes).expect("counting cannot fail");
    encoder.finish().expect("counting cannot fail").0
}

#[derive(Default)]
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

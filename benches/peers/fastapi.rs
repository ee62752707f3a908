//! The Python service that this one replaces: `fastapi/app.py` on Lambda's own
//! runtime for Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use local::tools;
use testing::runtime_api::Program;

use testing::measuring::release::target;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/fastapi");

/// Packages that are installed and not deployed: installers, and parts of Lambda.
const NOT_DEPLOYED: [&str; 7] = [
    "pip",
    "setuptools",
    "_distutils_hack",
    "pkg_resources",
    "awslambdaric",
    "snapshot_restore_py",
    "simplejson",
];

pub struct Peer {
    environment: PathBuf,
    directory: PathBuf,
}

impl Peer {
    /// Installs the packages and compiles the bytecode, unless that is done.
    pub fn make_ready() -> Self {
        let source = Path::new(SOURCE);
        let environment = tools::python_environment("fastapi", &source.join("requirements.txt"));
        let peer = Self {
            environment: environment.expect("the packages are there"),
            directory: target().join("bench/fastapi"),
        };
        fs::create_dir_all(&peer.directory).expect("the directory can be made");
        let app = peer.directory.join("app.py");
        fs::copy(source.join("app.py"), app).expect("the source is there");
        let compiled = Command::new(peer.python())
            .args(["-m", "compileall", "-q"])
            .arg(&peer.directory)
            .status();
        assert!(compiled.expect("python can be started").success());
        peer
    }

    pub fn program(&self) -> Program {
        Program {
            path: self.python(),
            arguments: ["-m", "awslambdaric", "app.handler"]
                .map(str::to_owned)
                .into(),
            directory: Some(self.directory.clone()),
        }
    }

    /// All deployed files, with the bytecode.
    pub fn package(&self) -> Vec<PathBuf> {
        let mut files = files_below(&self.directory);
        let libraries = fs::read_dir(self.environment.join("lib")).expect("it is complete");
        for python in libraries.flatten() {
            let packages = fs::read_dir(python.path().join("site-packages"));
            for package in packages.expect("it is complete").flatten() {
                let name = package.file_name();
                let name = name.to_string_lossy();
                if !NOT_DEPLOYED.iter().any(|known| name.starts_with(known)) {
                    files.extend(files_below(&package.path()));
                }
            }
        }
        files
    }

    fn python(&self) -> PathBuf {
        self.environment.join("bin/python")
    }
}

fn files_below(path: &Path) -> Vec<PathBuf> {
    match fs::read_dir(path) {
        Ok(entries) => {
            let paths = entries.flatten().map(|entry| entry.path());
            paths.flat_map(|path| files_below(&path)).collect()
        }
        // The path is a file.
        Err(_) => vec![path.to_owned()],
    }
}

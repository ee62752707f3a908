//! The same four operations in JavaScript: `node/handler.mjs`, bundled, on
//! Lambda's own runtime for Node.js.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use local::tools::on_path;
use local::tools::packages::install;
use testing::runtime_api::Program;
use testing::tools;

use testing::measuring::release::target;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/node");
const FILES: [&str; 4] = [".npmrc", "handler.mjs", "package-lock.json", "package.json"];

/// The C++ part of aws-lambda-ric, which its installation builds.
const NATIVE: &str = "node_modules/aws-lambda-ric/dist/rapid-client.node";

/// The programs that build it, and the Debian packages that have them.
const BUILD_TOOLS: [(&str, &str); 6] = [
    ("make", "make"),
    ("c++", "g++"),
    ("cmake", "cmake"),
    ("autoconf", "autoconf"),
    ("automake", "automake"),
    ("libtoolize", "libtool"),
];

pub struct Peer {
    node: PathBuf,
    directory: PathBuf,
}

impl Peer {
    /// Installs the packages, builds the runtime and bundles the handler, unless
    /// that is done.
    pub fn make_ready() -> Self {
        let peer = Self {
            node: tools::node().expect("Node.js is there"),
            directory: target().join("bench/node"),
        };
        fs::create_dir_all(&peer.directory).expect("the directory can be made");
        for file in FILES {
            copy_if_new(&Path::new(SOURCE).join(file), &peer.directory.join(file));
        }
        tools::node_modules(&peer.directory).expect("the packages are there");
        if !peer.directory.join(NATIVE).exists() {
            let missing = BUILD_TOOLS
                .iter()
                .filter(|(tool, _)| on_path(tool).is_none());
            let packages: Vec<&str> = missing.map(|(_, package)| *package).collect();
            if !packages.is_empty() {
                install(&packages).unwrap_or_else(|cause| {
                    let packages = packages.join(" ");
                    panic!("aws-lambda-ric is built with {packages}, which are missing: {cause}")
                });
            }
            eprintln!("        Building aws-lambda-ric, which takes minutes ...");
            peer.npm(&["rebuild", "aws-lambda-ric"]);
        }
        peer.npm(&["run", "--silent", "bundle"]);
        peer
    }

    pub fn program(&self) -> Program {
        let runtime = "node_modules/aws-lambda-ric/bin/index.mjs";
        Program {
            path: self.node.clone(),
            arguments: [runtime, "bundle/index.handler"].map(str::to_owned).into(),
            directory: Some(self.directory.clone()),
        }
    }

    /// The deployed file.
    pub fn package(&self) -> PathBuf {
        self.directory.join("bundle/index.mjs")
    }

    fn npm(&self, arguments: &[&str]) {
        let beside = self.node.with_file_name("npm");
        let npm = if beside.exists() {
            beside
        } else {
            "npm".into()
        };
        let status = Command::new(npm)
            .args(arguments)
            .current_dir(&self.directory)
            .status();
        let status = status.expect("npm can be started");
        let command = arguments.join(" ");
        assert!(status.success(), "npm {command} failed: see above");
    }
}

/// Copies a changed file. npm compares the times of unchanged ones.
fn copy_if_new(from: &Path, to: &Path) {
    let new = fs::read(from).expect("the source is there");
    if fs::read(to).is_ok_and(|old| old == new) {
        return;
    }
    fs::write(to, new).expect("it can be written");
}

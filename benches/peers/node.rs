//! The same four operations in JavaScript: `node/handler.mjs`, bundled, on
//! Lambda's own runtime for Node.js.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use local::tools::on_path;
use testing::runtime_api::Program;
use testing::tools;

use testing::measuring::release::target;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/node");
const FILES: [&str; 4] = [".npmrc", "handler.mjs", "package-lock.json", "package.json"];

/// The C++ part of aws-lambda-ric, which its installation builds.
const NATIVE: &str = "node_modules/aws-lambda-ric/dist/rapid-client.node";

const BUILD_TOOLS: [&str; 6] = ["make", "c++", "cmake", "autoconf", "automake", "libtoolize"];
const NEEDS: &str =
    "the Node.js peer needs make, a C++ compiler, cmake, autoconf, automake and libtool";

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
                .into_iter()
                .filter(|tool| on_path(tool).is_none());
            let missing: Vec<&str> = missing.collect();
            assert!(
                missing.is_empty(),
                "missing: {}; {NEEDS}",
                missing.join(", ")
            );
            eprintln!("        Building aws-lambda-ric, which takes minutes ...");
            peer.npm(&["rebuild", "aws-lambda-ric"], NEEDS);
        }
        peer.npm(&["run", "--silent", "bundle"], "see above");
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

    fn npm(&self, arguments: &[&str], hint: &str) {
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
        assert!(
            status.success(),
            "npm {} failed: {hint}",
            arguments.join(" ")
        );
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

//! `Cargo.toml`: the routes and the binaries.

use testing::gateway::Routes;
use toml::Table;

/// `Cargo.toml`, read.
pub struct Manifest {
    pub router: Routes,
    binaries: Vec<String>,
}

impl Manifest {
    /// As it stands in the file.
    pub fn read() -> Self {
        Self::of(crate::MANIFEST)
    }

    pub fn of(text: &str) -> Self {
        let manifest: Table = text.parse().expect("it is TOML");
        let binaries = manifest["bin"].as_array().expect("there are some");
        let name = |binary: &toml::Value| binary["name"].as_str().map(str::to_owned);
        Self {
            router: Routes::from_manifest(text).expect("the manifest has the routes"),
            binaries: binaries
                .iter()
                .map(|binary| name(binary).expect("it has a name"))
                .collect(),
        }
    }

    pub fn binaries(&self) -> impl Iterator<Item = &str> {
        self.binaries.iter().map(String::as_str)
    }
}

//! The data of a stopped stack. Other stacks start from a copy, which is faster
//! than `initdb` and the migrations.

use std::path::Path;

use super::settings::Settings;
use super::temporary_directory::TemporaryDirectory;
use crate::error::Result;
use crate::supervised;

/// Data to copy, made by [`Stack::into_template`](super::Stack::into_template).
pub struct Template {
    pub(super) directory: TemporaryDirectory,
    pub(super) settings: Settings,
}

impl Template {
    /// Fills `directory` for a stack with the same passwords on other ports.
    pub(super) fn copy_to(&self, directory: &Path) -> Result<()> {
        let mut copy = supervised::command("cp");
        copy.arg("-a")
            .arg(self.directory.path().join("data"))
            .arg(directory);
        supervised::output("cp", copy)?;
        self.settings.with_other_ports()?.write(directory)
    }
}

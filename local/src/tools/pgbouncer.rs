//! PgBouncer, the pooler that stands in for Neon's.

use std::path::{Path, PathBuf};

use super::{is_program, named, on_path, packages};
use crate::error::{Error, Result};

/// Where distributions and Homebrew put it without telling PATH.
const USUAL: [&str; 3] = [
    "/usr/sbin/pgbouncer",
    "/opt/homebrew/bin/pgbouncer",
    "/usr/local/bin/pgbouncer",
];

/// The program `pgbouncer`, installed with the system's package manager when it is missing.
///
/// # Errors
/// When it is not here and may not be installed, or when the environment
/// variable `PGBOUNCER` names something else.
pub fn pgbouncer() -> Result<PathBuf> {
    if let Some(program) = named("PGBOUNCER") {
        return if is_program(&program) {
            Ok(program)
        } else {
            Err(Error::new(format!(
                "PGBOUNCER names {}, which is not a program.",
                program.display()
            )))
        };
    }
    if let Some(program) = installed() {
        return Ok(program);
    }
    packages::install(&["pgbouncer"]).map_err(|cause| {
        Error::new(format!(
            "PgBouncer is not here and cannot be installed ({cause}): install it with \
             `apt-get install pgbouncer`, `brew install pgbouncer` or the like, or name the \
             program in PGBOUNCER."
        ))
    })?;
    installed().ok_or_else(|| {
        Error::new("PgBouncer was installed but cannot be found: name the program in PGBOUNCER.")
    })
}

fn installed() -> Option<PathBuf> {
    on_path("pgbouncer")
        .map(|directory| directory.join("pgbouncer"))
        .or_else(|| {
            let usual = USUAL.iter().map(Path::new);
            usual
                .filter(|path| is_program(path))
                .map(PathBuf::from)
                .next()
        })
}

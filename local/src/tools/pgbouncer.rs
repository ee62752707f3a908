//! PgBouncer, the pooler that takes the place of Neon's.

use std::path::PathBuf;

use super::Tool;
use crate::error::Result;

/// The program `pgbouncer`.
///
/// # Errors
/// When PgBouncer is missing, or when the environment variable `PGBOUNCER` names
/// something else.
pub fn pgbouncer() -> Result<PathBuf> {
    Tool {
        name: "PgBouncer",
        variable: "PGBOUNCER",
        programs: &["pgbouncer"],
        elsewhere: &[
            "/usr/sbin/pgbouncer",
            "/opt/homebrew/bin/pgbouncer",
            "/usr/local/bin/pgbouncer",
        ],
        advice: "install it with `apt-get install pgbouncer`, `brew install pgbouncer` or the like",
    }
    .find()
}

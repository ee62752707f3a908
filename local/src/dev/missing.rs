//! Programs that are missing: installed or reported.

use crate::error::{Error, Result};
use crate::tools::packages::install;

/// The way to deal with a missing program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Install,
    Report,
}

impl Missing {
    /// Runs `find`, and when a program is missing, may install `packages` and run
    /// `find` again.
    pub(super) fn or_install<T>(
        self,
        packages: &[&str],
        find: impl Fn() -> Result<T>,
    ) -> Result<T> {
        match find() {
            Err(missing) if missing.is_missing() && self == Self::Install => {
                install(packages).map_err(|cause| {
                    Error::new(format!(
                        "{missing} It cannot be installed from here: {cause}."
                    ))
                })?;
                find()
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An installation of this package would fail with another sentence.
    const PACKAGES: &[&str] = &["no-such-package"];

    #[test]
    fn nothing_is_installed_where_it_is_forbidden() {
        let missing = Error::missing("PgBouncer is not here.");
        let find = || Err::<(), _>(missing.clone());
        assert_eq!(
            Missing::Report.or_install(PACKAGES, find),
            Err(missing.clone())
        );
    }

    #[test]
    fn only_a_missing_program_is_installed() {
        assert_eq!(Missing::Install.or_install(PACKAGES, || Ok(1)), Ok(1));
        let misnamed = Error::new("PGBOUNCER names /etc, which is not a program.");
        let find = || Err::<(), _>(misnamed.clone());
        assert_eq!(
            Missing::Install.or_install(PACKAGES, find),
            Err(misnamed.clone())
        );
    }
}

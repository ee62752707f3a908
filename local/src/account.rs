//! The account that the servers run as: PostgreSQL and PgBouncer refuse to run as root.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{User, geteuid};

use crate::error::{Context, Error, Result};

/// An account without rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    name: String,
    user: u32,
    group: u32,
}

impl Account {
    /// The account for the servers, or `None` when this process may run them itself.
    pub(crate) fn for_servers() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            let found = User::from_name(name).context(|| format!("cannot look {name} up"))?;
            if let Some(found) = found {
                return Ok(Some(Self {
                    name: found.name,
                    user: found.uid.as_raw(),
                    group: found.gid.as_raw(),
                }));
            }
        }
        Err(Error::new(
            "PostgreSQL does not run as root, and this machine has neither an account `postgres` \
             nor `nobody`: run this as another user.",
        ))
    }

    /// Lets `command` run as this account.
    pub(crate) fn run(&self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }

    /// Makes this account the owner of `path`.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        chown(path, Some(self.user), Some(self.group))
            .context(|| format!("cannot give {} to {}", path.display(), self.name))
    }

    /// Whether this account may enter all directories above `path` that exist.
    pub(crate) fn reaches(&self, path: &Path) -> bool {
        path.ancestors()
            .filter_map(|ancestor| fs::metadata(ancestor).ok())
            .filter(|metadata| metadata.is_dir())
            .all(|metadata| {
                let others = metadata.mode() & 0o001 != 0;
                let owner = metadata.uid() == self.user && metadata.mode() & 0o100 != 0;
                others || owner
            })
    }
}

/// Returns `wanted`, or a directory in `/var/tmp` when the servers' account cannot
/// reach `wanted`: the clone of the repository may be root's alone.
pub(crate) fn reachable(wanted: &Path) -> Result<PathBuf> {
    let Some(account) = Account::for_servers()? else {
        return Ok(wanted.to_owned());
    };
    if account.reaches(wanted) {
        return Ok(wanted.to_owned());
    }
    let stand_in = stand_in(wanted);
    prepare(&stand_in, &account)?;
    eprintln!(
        "        The account `{}` cannot reach {}: using {} instead.",
        account.name,
        wanted.display(),
        stand_in.display()
    );
    Ok(stand_in)
}

fn stand_in(wanted: &Path) -> PathBuf {
    // FNV-1a is the same in every build; std's hasher may change.
    let hash = wanted
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    PathBuf::from(format!("/var/tmp/todo-{hash:016x}"))
}

/// Makes the directory, and refuses one that another user has made: its name can
/// be guessed, and everyone may write to `/var/tmp`. The servers' account owns a
/// directory that was used before.
fn prepare(stand_in: &Path, account: &Account) -> Result<()> {
    if let Err(cause) = fs::create_dir(stand_in)
        && cause.kind() != ErrorKind::AlreadyExists
    {
        return Err(cause).context(|| format!("cannot make {}", stand_in.display()));
    }
    let found = fs::symlink_metadata(stand_in)
        .context(|| format!("cannot look at {}", stand_in.display()))?;
    let owners = [geteuid().as_raw(), account.user];
    if !found.is_dir() || !owners.contains(&found.uid()) {
        return Err(Error::new(format!(
            "{} belongs to someone else: remove it.",
            stand_in.display()
        )));
    }
    fs::set_permissions(stand_in, Permissions::from_mode(0o755))
        .context(|| format!("cannot open {} up", stand_in.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    #[test]
    fn root_never_runs_the_servers() {
        let account = Account::for_servers().expect("there is one");
        assert_eq!(account.is_some(), geteuid().is_root());
        assert!(account.is_none_or(|account| account.user != 0 && account.group != 0));
    }

    #[test]
    fn a_private_directory_is_out_of_reach_for_others() {
        let private = std::env::temp_dir().join(format!("reach-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&private).expect("a directory in the temporary directory");
        fs::set_permissions(&private, Permissions::from_mode(0o700)).expect("it is ours");
        let stranger = Account {
            name: "stranger".into(),
            user: u32::MAX - 7,
            group: u32::MAX - 7,
        };
        let within = private.join("not/there/yet");
        assert!(!stranger.reaches(&within));
        fs::set_permissions(&private, Permissions::from_mode(0o711)).expect("it is ours");
        assert!(stranger.reaches(&within));
        fs::remove_dir(&private).expect("it is empty");
    }

    #[test]
    fn a_directory_that_servers_were_given_is_found_again() {
        let account = Account::for_servers().expect("there is one");
        let private = std::env::temp_dir().join(format!("again-{}", uuid::Uuid::new_v4()));
        files::private_directory(&private, None).expect("it is ours");
        let wanted = private.join("dev");
        let first = reachable(&wanted).expect("there is a place");
        files::private_directory(&first, account.as_ref()).expect("it is theirs");
        assert_eq!(reachable(&wanted).expect("it is still there"), first);
        fs::remove_dir(&first).expect("it is empty");
        files::remove_all(&private).expect("it is ours");
    }

    #[test]
    fn the_stand_in_is_stable_and_differs_between_clones() {
        let first = stand_in(Path::new("/root/one/target/dev"));
        assert_eq!(first, stand_in(Path::new("/root/one/target/dev")));
        assert_ne!(first, stand_in(Path::new("/root/two/target/dev")));
        assert!(first.starts_with("/var/tmp"));
    }
}

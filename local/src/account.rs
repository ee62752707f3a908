//! Who the servers run as: PostgreSQL and PgBouncer refuse to be root.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Error, Result};

/// An account without rights, from `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    name: String,
    user: u32,
    group: u32,
}

impl Account {
    /// The account for the servers, or `None` when this process may run them itself.
    pub(crate) fn for_servers() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").context(|| "cannot read /etc/passwd")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Self::parse(&passwd, name))
            .map(Some)
            .ok_or_else(|| {
                Error::new(
                    "PostgreSQL does not run as root and /etc/passwd has neither `postgres` nor \
                     `nobody`: run this as another user.",
                )
            })
    }

    fn parse(passwd: &str, name: &str) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(name) {
                return None;
            }
            // macOS writes `nobody` as -2.
            let mut number = || fields.next()?.parse::<i64>().ok().map(|id| id as u32);
            let _password = number();
            Some(Self {
                name: name.to_owned(),
                user: number()?,
                group: number()?,
            })
        })
    }

    /// Makes `command` run as this account.
    pub(crate) fn run(&self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }

    /// Gives `path` to this account.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        chown(path, Some(self.user), Some(self.group))
            .context(|| format!("cannot give {} to {}", path.display(), self.name))
    }

    /// Whether this account may walk down to `path`, as far as that exists.
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

/// `wanted`, or a stand-in for it in `/var/tmp` that the servers' account can
/// reach, as a root-only clone of the repository cannot be.
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
    // FNV-1a: the same in every build, which std's hasher does not promise.
    let hash = wanted
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    PathBuf::from(format!("/var/tmp/todo-{hash:016x}"))
}

/// The name can be guessed and `/var/tmp` is everyone's, so a directory that
/// another user put there first is refused. Servers that ran in it before have
/// been given it.
fn prepare(stand_in: &Path, account: &Account) -> Result<()> {
    if let Err(cause) = fs::create_dir(stand_in)
        && cause.kind() != ErrorKind::AlreadyExists
    {
        return Err(cause).context(|| format!("cannot make {}", stand_in.display()));
    }
    let found = fs::symlink_metadata(stand_in)
        .context(|| format!("cannot look at {}", stand_in.display()))?;
    let owners = [rustix::process::geteuid().as_raw(), account.user];
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

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n\
                          postgresql:x:7:7::/:/bin/sh\n\
                          postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n\
                          nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n";

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let account = Account::parse(PASSWD, "postgres").map(|found| (found.user, found.group));
        assert_eq!(account, Some((101, 104)));
        assert_eq!(Account::parse(PASSWD, "postgre"), None);
    }

    #[test]
    fn the_negative_ids_of_macos_are_read() {
        let account = Account::parse(PASSWD, "nobody").map(|found| found.user);
        assert_eq!(account, Some(u32::MAX - 1));
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

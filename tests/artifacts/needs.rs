//! The libraries and versions that a binary needs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use object::elf::{DT_NEEDED, FileHeader64};
use object::read::elf::{Dyn, FileHeader};
use object::{Endianness, Result};

/// glibc of Amazon Linux 2023, <https://docs.aws.amazon.com/linux/al2023/ug/glibc-package.html>.
const GLIBC: (u32, u32) = (2, 34);

/// The libraries of glibc, and the compiler's run-time library: all are in Lambda's
/// image.
const LIBRARIES: [&str; 5] = [
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "libgcc_s.so.1",
];

/// The libraries that the loader looks for, and the versions of their symbols.
#[derive(Default)]
pub struct Needs {
    pub libraries: BTreeSet<String>,
    pub versions: BTreeSet<String>,
}

impl Needs {
    /// Reads a 64-bit ELF file.
    pub fn of(file: &[u8]) -> Result<Self> {
        let header = FileHeader64::<Endianness>::parse(file)?;
        let endian = header.endian()?;
        let sections = header.sections(endian, file)?;
        let mut needs = Self::default();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if let Some((entries, names)) = sections.dynamic(endian, file)? {
            let names = sections.strings(endian, file, names)?;
            for entry in entries {
                if entry.tag(endian) == DT_NEEDED {
                    needs.libraries.insert(text(entry.string(endian, names)?));
                }
            }
        }
        if let Some((mut libraries, names)) = sections.gnu_verneed(endian, file)? {
            let names = sections.strings(endian, file, names)?;
            while let Some((_, mut versions)) = libraries.next()? {
                while let Some(version) = versions.next()? {
                    needs.versions.insert(text(version.name(endian, names)?));
                }
            }
        }
        Ok(needs)
    }

    /// The newest version of glibc among the symbols.
    pub fn newest_glibc(&self) -> Option<(u32, u32)> {
        let versions = self.versions.iter();
        versions.filter_map(|version| glibc(version)).max()
    }

    /// A line for each library and version that Lambda's image lacks.
    pub fn objections(&self, binary: &str) -> String {
        let mut report = String::new();
        let mut object = |what: &str| {
            writeln!(report, "{binary} {what}").expect("a String takes all text");
        };
        for library in &self.libraries {
            // The loader itself is a library, too.
            let known = LIBRARIES.contains(&library.as_str()) || library.starts_with("ld-linux-");
            if !known {
                object(&format!(
                    "needs {library}, which Lambda's image need not have: build with \
                     `cargo lambda build --release`, which links OpenSSL statically."
                ));
            }
        }
        for version in &self.versions {
            let too_new = match version.strip_prefix("GLIBC_") {
                Some(_) => glibc(version).is_none_or(|version| version > GLIBC),
                None => false,
            };
            if too_new {
                let (major, minor) = GLIBC;
                object(&format!(
                    "needs a symbol of {version}, and Amazon Linux 2023 has glibc {major}.{minor}: \
                     build with Zig, as `cargo lambda build` does, and not with `--compiler cargo`."
                ));
            }
        }
        report
    }
}

/// `(2, 34)` of `GLIBC_2.34`, and of `GLIBC_2.2.5` the first two.
fn glibc(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix("GLIBC_")?.split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some((major, minor))
}

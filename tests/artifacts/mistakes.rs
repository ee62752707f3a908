//! Binaries that would not start in Lambda, and the reports about them.

use std::fs;

use crate::needs::Needs;

fn needs(libraries: &[&str], versions: &[&str]) -> Needs {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Needs {
        libraries: owned(libraries),
        versions: owned(versions),
    }
}

#[test]
fn what_lambda_has_is_fine() {
    let libraries = [
        "libc.so.6",
        "libm.so.6",
        "libgcc_s.so.1",
        "ld-linux-aarch64.so.1",
    ];
    let versions = ["GLIBC_2.2.5", "GLIBC_2.34", "GCC_3.0"];
    assert_eq!(needs(&libraries, &versions).objections("get-task"), "");
}

#[test]
fn a_glibc_that_is_too_new_is_named() {
    for version in ["GLIBC_2.35", "GLIBC_2.100", "GLIBC_3.0", "GLIBC_PRIVATE"] {
        let report = needs(&["libc.so.6"], &[version]).objections("get-task");
        assert!(
            report.starts_with(&format!("get-task needs a symbol of {version}, ")),
            "{report}"
        );
    }
}

#[test]
fn a_library_that_lambda_need_not_have_is_named() {
    let report = needs(&["libc.so.6", "libssl.so.3"], &[]).objections("get-task");
    assert!(
        report.starts_with("get-task needs libssl.so.3, "),
        "{report}"
    );
}

/// A binary for this machine, which is linked with the machine's OpenSSL.
#[cfg(all(target_os = "linux", not(feature = "vendored")))]
#[test]
fn a_binary_of_cargo_build_is_refused() {
    let mut file = fs::read(env!("CARGO_BIN_EXE_migrate")).expect("it was built");
    let found = Needs::of(&file).expect("it is an ELF file");
    let report = found.objections("migrate");
    assert!(report.contains("migrate needs libssl.so."), "{report}");

    // The same binary with another version of the same length.
    let version = found.versions.iter().find(|version| version.len() == 10);
    let version = version.expect("GLIBC_2.17 and younger ones are there");
    let name = format!("{version}\0");
    let at = file
        .windows(name.len())
        .position(|window| window == name.as_bytes());
    let at = at.expect("a name ends in a NUL");
    file[at..at + version.len()].copy_from_slice(b"GLIBC_2.99");
    let report = Needs::of(&file)
        .expect("it is an ELF file")
        .objections("migrate");
    assert!(report.contains("needs a symbol of GLIBC_2.99,"), "{report}");
}

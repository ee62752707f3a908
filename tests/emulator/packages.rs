//! The packages of `cargo lambda build --release`, for this machine or another.
//! Ignored, because a build takes minutes; `.ci/run` builds, and runs it:
//! `cargo test --test emulator -- --ignored`

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use testing::emulator::Emulator;
use testing::runtime_api::Program;
use testing::service;
use testing::tools::runtime_emulator;

use crate::functions::compare;
use crate::host;

/// Another machine's programs are translated, which takes them ten times as long.
const LIMIT: Duration = Duration::from_secs(60);

/// The machine of an ELF file, <https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html>.
fn machine(program: &Path) -> &'static str {
    let program = fs::read(program).expect("it was unpacked");
    match program[18..20] {
        [62, 0] => "x86_64",
        [183, 0] => "arm64",
        _ => panic!("its machine is {:?}", &program[18..20]),
    }
}

/// `bootstrap` of a package, as a file.
fn unpacked(package: &Path, name: &str) -> PathBuf {
    let (bootstrap, _) = testing::bootstrap(package);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("package-{name}"));
    fs::write(&path, bootstrap).expect("target is writable");
    executable(&path);
    path
}

fn executable(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// The emulator and the program, both of the program's machine.
fn runnable(bootstrap: &Path) -> (Program, Program) {
    let machine = machine(bootstrap);
    let emulator = runtime_emulator(machine).expect("the emulator is there");
    if machine == host() {
        return (emulator.as_path().into(), bootstrap.into());
    }
    assert_eq!(machine, "arm64", "programs of that machine do not run here");
    // Debian's packages qemu-user-static and libc6-arm64-cross. The emulator
    // starts the program, so that has to start its translator by itself.
    let wrapper = bootstrap.with_extension("sh");
    let script = format!(
        "#!/bin/sh\nexec qemu-aarch64-static -L /usr/aarch64-linux-gnu {}\n",
        bootstrap.display()
    );
    fs::write(&wrapper, script).expect("target is writable");
    executable(&wrapper);
    let translated = Program {
        path: "qemu-aarch64-static".into(),
        arguments: vec![emulator.display().to_string()],
        directory: None,
    };
    (translated, wrapper.as_path().into())
}

#[tokio::test]
#[ignore = "needs `cargo lambda build --release`, which .ci/run runs first"]
async fn every_package_answers_the_same_as_what_is_tested() {
    let service = service();
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lambda");
    let mut compared = Vec::new();
    for route in service.routes().iter() {
        let name = &route.function;
        let package = packages.join(name).join("bootstrap.zip");
        if compared.contains(name) || !package.exists() {
            continue;
        }
        let bootstrap = unpacked(&package, name);
        let (emulator, program) = runnable(&bootstrap);
        let emulator = Emulator::start(&emulator, &program, service.environment(), LIMIT);
        compare(&service, name, &emulator.expect("it starts")).await;
        println!("{name} for {} answers the same", machine(&bootstrap));
        compared.push(name.clone());
    }
    assert!(!compared.is_empty(), "run `cargo lambda build --release`");
}

//! A function's package, as `cargo lambda build` makes it.

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};

/// `bootstrap` of a package, with its permissions.
pub fn bootstrap(package: &Path) -> (Vec<u8>, u32) {
    let bytes = fs::read(package).expect("it is there");
    let archive = ZipArchive::from_slice(&bytes).expect("it is a zip file");
    let mut entries = archive.entries();
    let entry = loop {
        let entry = entries.next_entry().expect("it is whole");
        let entry = entry.expect("it has a bootstrap");
        if entry.file_path().as_ref() == b"bootstrap" {
            break entry;
        }
    };
    let mode = entry.mode().permissions();
    let content = archive.get_entry(entry.wayfinder()).expect("it is whole");
    let mut program = Vec::new();
    let read = match entry.compression_method() {
        CompressionMethod::STORE => content
            .verifying_reader(content.data())
            .read_to_end(&mut program),
        _ => content
            .verifying_reader(DeflateDecoder::new(content.data()))
            .read_to_end(&mut program),
    };
    read.expect("it is whole");
    (program, mode)
}

//! argon2id in memory that is kept.
//!
//! The crate would allocate it anew for each password, on a boundary of 64 bytes, and
//! glibc before 2.38 often does not find such a block again after it was freed
//! (<https://sourceware.org/bugzilla/show_bug.cgi?id=14581>): 24 registrations have
//! taken 315 MiB.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

type Result<T> = std::result::Result<T, argon2::password_hash::Error>;

static MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// A hash with a new salt, as text.
pub(super) fn hash(password: &str, params: Params) -> Result<String> {
    let salt = Salt::generate();
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let text = ParamsString::try_from(&params)?;
    let argon2 = Argon2::new(algorithm, version, params);
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: text,
        salt: Some(salt),
        hash: Some(output(
            &argon2,
            password,
            &salt,
            Params::DEFAULT_OUTPUT_LEN,
        )?),
    };
    Ok(hash.to_string())
}

/// Whether `password` belongs to `stored`.
pub(super) fn verify(password: &str, stored: &PasswordHash) -> bool {
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
        return false;
    };
    let computed = || {
        let version = stored.version.map(Version::try_from).transpose()?;
        let argon2 = Argon2::new(
            Algorithm::try_from(stored.algorithm.as_str())?,
            version.unwrap_or_default(),
            Params::try_from(stored)?,
        );
        output(&argon2, password, &salt, expected.len())
    };
    // In constant time.
    computed().is_ok_and(|computed| computed == expected)
}

fn output(argon2: &Argon2, password: &str, salt: &Salt, length: usize) -> Result<Output> {
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = &mut bytes[..length];
    argon2.hash_password_into_with_memory(
        password.as_bytes(),
        salt,
        bytes,
        &mut memory[..blocks],
    )?;
    Ok(Output::new(bytes)?)
}

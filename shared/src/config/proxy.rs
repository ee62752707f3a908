//! A proxy in front of the API, which is known by a secret.

use super::{ConfigError, environment};

/// The SHA-256 of each secret by which a proxy in front of the API is known.
pub(crate) fn proxy_secret_hashes() -> Result<Vec<[u8; 32]>, ConfigError> {
    hashes(environment("PROXY_SECRET_HASH"))
}

fn hashes(text: Option<String>) -> Result<Vec<[u8; 32]>, ConfigError> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let hash = |text: &str| {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(bytes)
    };
    let hashes: Option<Vec<[u8; 32]>> = text.split(',').map(str::trim).map(hash).collect();
    hashes.ok_or_else(|| {
        ConfigError::new(
            "PROXY_SECRET_HASH",
            "must be a SHA-256 in 64 hexadecimal digits, or several with commas between them.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_known_by_the_hash_of_its_secret() {
        let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let read = |text: &str| hashes(Some(text.to_owned()));
        assert_eq!(
            hashes(None).expect("no proxy is fine"),
            Vec::<[u8; 32]>::new()
        );
        let [one] = read(hash).expect("it is a hash")[..] else {
            panic!("one hash is one proxy");
        };
        assert_eq!((one[0], one[31]), (0x2c, 0x24));
        let both = format!("{hash}, {}", hash.to_uppercase());
        assert_eq!(read(&both).expect("they are hashes"), [one, one]);
        for bad in ["hunter2", &hash[1..], &format!("{hash},"), &"ä".repeat(32)] {
            let error = read(bad).expect_err("it is no hash").to_string();
            assert!(error.starts_with("PROXY_SECRET_HASH must be"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}

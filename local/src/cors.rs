//! The rules for pages of other origins, as `CorsConfiguration` in the template has
//! them; `cargo test --test template` compares both.

/// Methods that such a page may use.
pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that it may send: those that the service reads.
pub const ALLOWED_HEADERS: [&str; 6] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "prefer",
];

/// Headers that its scripts may read.
pub const EXPOSED_HEADERS: [&str; 7] = [
    "etag",
    "idempotency-replayed",
    "link",
    "location",
    "preference-applied",
    "retry-after",
    "x-request-id",
];

/// Seconds for which a browser keeps the answer to a preflight.
pub const MAX_AGE_SECONDS: u64 = 3600;

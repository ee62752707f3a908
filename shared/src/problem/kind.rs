//! The kinds of problems: the one table of types, titles and statuses.

use lambda_http::http::StatusCode;

/// Each kind is one `type`, one title and one status; all of them 4xx or 5xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    BadRequest,
    Unauthorized,
    Forbidden,
    RegistrationClosed,
    NotFound,
    Conflict,
    Gone,
    PreconditionFailed,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    IdempotencyKeyReused,
    TooManyRequests,
    Internal,
    NotOffered,
    Unavailable,
    OutcomeUnknown,
}

impl Kind {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 17] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::RegistrationClosed,
        Self::NotFound,
        Self::Conflict,
        Self::Gone,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::IdempotencyKeyReused,
        Self::TooManyRequests,
        Self::Internal,
        Self::NotOffered,
        Self::Unavailable,
        Self::OutcomeUnknown,
    ];

    /// The value of `type`.
    pub(crate) fn uri(self) -> String {
        format!("/problems/{}", self.name())
    }

    pub(crate) fn title(self) -> &'static str {
        self.properties().1
    }

    pub(crate) fn status(self) -> StatusCode {
        self.properties().2
    }

    /// The name, which is also the last part of `type`.
    pub(crate) fn name(self) -> &'static str {
        self.properties().0
    }

    /// Whether it is the service's failure and not the client's.
    pub(crate) fn is_ours(self) -> bool {
        self.properties().2.is_server_error()
    }

    fn properties(self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::BadRequest => (
                "bad-request",
                "The request is malformed",
                StatusCode::BAD_REQUEST,
            ),
            Self::Unauthorized => (
                "unauthorized",
                "You are not signed in",
                StatusCode::UNAUTHORIZED,
            ),
            Self::Forbidden => ("forbidden", "This is not yours", StatusCode::FORBIDDEN),
            Self::RegistrationClosed => (
                "registration-closed",
                "Registration is closed",
                StatusCode::FORBIDDEN,
            ),
            Self::NotFound => ("not-found", "It does not exist", StatusCode::NOT_FOUND),
            Self::Conflict => (
                "conflict",
                "The account does not allow it",
                StatusCode::CONFLICT,
            ),
            Self::Gone => ("gone", "It is no longer there", StatusCode::GONE),
            Self::PreconditionFailed => (
                "precondition-failed",
                "It was changed in the meantime",
                StatusCode::PRECONDITION_FAILED,
            ),
            Self::TooLarge => (
                "too-large",
                "The request is too large",
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                "The body is not JSON",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
            Self::Invalid => (
                "invalid",
                "A value breaks a rule",
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            Self::IdempotencyKeyReused => (
                "idempotency-key-reused",
                "The key stands for another request",
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            Self::TooManyRequests => (
                "too-many-requests",
                "That was too often",
                StatusCode::TOO_MANY_REQUESTS,
            ),
            Self::Internal => (
                "internal",
                "The service made a mistake",
                StatusCode::INTERNAL_SERVER_ERROR,
            ),
            Self::NotOffered => (
                "not-offered",
                "The service does not offer this",
                StatusCode::NOT_IMPLEMENTED,
            ),
            Self::Unavailable => (
                "unavailable",
                "The service is away for a moment",
                StatusCode::SERVICE_UNAVAILABLE,
            ),
            Self::OutcomeUnknown => (
                "outcome-unknown",
                "The outcome is unknown",
                StatusCode::SERVICE_UNAVAILABLE,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_are_listed_in_their_order() {
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
        }
        assert_eq!(Kind::ALL.len(), Kind::OutcomeUnknown as usize + 1);
    }
}

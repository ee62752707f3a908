//! The rules for a new password.
//!
//! Length, and not among those that are tried first; no rules of composition
//! (NIST SP 800-63B-4 section 3.1.1.2). Never applied at sign-in: a password
//! may be older than a rule.

use super::credentials::Password;
use crate::config::Config;
use crate::problem::{Problem, Rule, Violation};

const COMMON: &str = include_str!("common_passwords.txt");

/// Every attacker tries the name of the service.
const OURS: [&str; 3] = ["todo", "todoservice", "todo-service"];

/// The rules, of which the operator sets one.
pub(super) struct PasswordRules {
    min_chars: usize,
}

impl PasswordRules {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            min_chars: config.password_min_length,
        }
    }

    /// Holds the new password in the body's `member` against the rules.
    ///
    /// # Errors
    /// 422 with the first rule that it breaks.
    pub(super) fn check(
        &self,
        member: &str,
        password: &Password,
        email: &str,
    ) -> Result<(), Problem> {
        self.broken_by(password.as_str(), email)
            .map_or(Ok(()), |detail| {
                Err(Problem::invalid(vec![Violation {
                    pointer: format!("/{member}"),
                    detail,
                }]))
            })
    }

    fn broken_by(&self, password: &str, email: &str) -> Option<Rule> {
        if password.chars().count() < self.min_chars {
            return Some(format!("must have at least {} characters.", self.min_chars).into());
        }
        let lower = password.to_lowercase();
        let (local_part, _) = email.split_once('@').unwrap_or((email, ""));
        let is_name = !bare(&lower).is_empty() && bare(&lower) == bare(local_part);
        if lower == email || is_name || OURS.contains(&bare(&lower)) {
            return Some("must not be the e-mail address or the name of the service.".into());
        }
        if COMMON.lines().any(|common| common == lower) {
            return Some("is one of the most common passwords; choose another.".into());
        }
        None
    }
}

/// Without the digits and signs that people put around a word.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(password: &str) -> bool {
        let rules = PasswordRules { min_chars: 10 };
        rules
            .broken_by(password, "ann.miller@example.com")
            .is_some()
    }

    #[test]
    fn what_attackers_try_first_is_refused() {
        for password in [
            "ninechars",
            "1234567890",
            "qwertyuiop",
            "Qwertyuiop",
            "ann.miller@example.com",
            "ann.miller2026!",
            "todo-service1",
            "TODO123456",
        ] {
            assert!(is_refused(password), "{password}");
        }
    }

    #[test]
    fn everything_else_is_taken() {
        for password in [
            "correct horse",
            "ann.miller likes tea",
            "ÄÖÜäöüßÄÖÜ",
            "          ",
        ] {
            assert!(!is_refused(password), "{password}");
        }
    }
}

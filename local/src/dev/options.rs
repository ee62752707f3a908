//! The command line of `cargo dev`, read by hand: clap takes longer to build than
//! this whole crate.

use crate::error::{Error, Result};

/// The text of `--help`.
pub(super) const USAGE: &str = "\
Runs the whole service on this machine until Ctrl-C.

Usage: cargo dev [--port PORT] [--reset] [--no-install]

  --port PORT   serve on http://127.0.0.1:PORT (9000)
  --reset       forget the data kept in target/dev first
  --no-install  do not use the system's package manager
  --help        print this

With DATABASE_URL in the environment or in .env, that database is used instead
of a local one. Other variables of .env reach the functions, too.";

/// The options of one run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) port: u16,
    pub(super) reset: bool,
    pub(super) missing: Missing,
}

/// The way to deal with a missing program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Install,
    Report,
}

impl Options {
    /// Reads the arguments; `None` when only help is wanted.
    pub(super) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Option<Self>> {
        let mut options = Self {
            port: 9000,
            reset: false,
            missing: Missing::Install,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--reset" => options.reset = true,
                "--no-install" => options.missing = Missing::Report,
                "--port" => options.port = port(arguments.next())?,
                _ => match argument.strip_prefix("--port=") {
                    Some(value) => options.port = port(Some(value.to_owned()))?,
                    None => return Err(Error::new(format!("`{argument}` is not an option."))),
                },
            }
        }
        Ok(Some(options))
    }
}

fn port(value: Option<String>) -> Result<u16> {
    value
        .and_then(|value| value.parse().ok())
        .filter(|port| *port != 0)
        .ok_or_else(|| Error::new("--port needs a number from 1 to 65535."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Option<Options>> {
        Options::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn options_come_in_any_order() {
        let expected = Options {
            port: 9001,
            reset: true,
            missing: Missing::Report,
        };
        let all = ["--reset", "--no-install", "--port=9001"];
        assert_eq!(parse(&all), Ok(Some(expected)));
        assert_eq!(parse(&["--port", "1", "-h"]), Ok(None));
    }

    #[test]
    fn what_is_not_an_option_is_named() {
        let error = parse(&["--reset", "now"]).expect_err("`now` is not an option");
        assert_eq!(error.to_string(), "`now` is not an option.");
        assert!(parse(&["--port", "0"]).is_err());
        assert!(parse(&["--port"]).is_err());
    }
}

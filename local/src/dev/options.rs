//! The command line of `cargo dev`, read by hand: clap takes longer to build than
//! this whole crate.

use super::missing::Missing;
use crate::error::{Error, Result};

/// The text of `--help`.
pub(super) const USAGE: &str = "\
Runs the whole service on this machine until Ctrl-C.

Usage: cargo dev [OPTIONS]

  --port PORT          serve on http://127.0.0.1:PORT (9000)
  --auth-url URL       accept the tokens of the Better Auth at URL, as AUTH_URL does
  --cors-origins LIST  origins of pages that may call the service, with commas
                       between them (http://localhost:3000,http://localhost:5173)
  --reset              forget the data kept in target/dev first
  --no-install         do not use the system's package manager
  --help               print this

With DATABASE_URL in the environment or in .env, that database is used instead
of a local one. Other variables of .env reach the functions, too.";

/// Where Next.js and Vite serve a page while it is written.
const DEFAULT_ORIGINS: [&str; 2] = ["http://localhost:3000", "http://localhost:5173"];

/// The options of one run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) port: u16,
    pub(super) auth_url: Option<String>,
    pub(super) cors_origins: Vec<String>,
    pub(super) reset: bool,
    pub(super) missing: Missing,
}

impl Options {
    /// Reads the arguments; `None` when only help is wanted.
    pub(super) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Option<Self>> {
        let mut options = Self {
            port: 9000,
            auth_url: None,
            cors_origins: DEFAULT_ORIGINS.map(str::to_owned).into(),
            reset: false,
            missing: Missing::Install,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let mut value = || value.clone().or_else(|| arguments.next());
            match name {
                "--port" => options.port = port(value())?,
                "--auth-url" => options.auth_url = Some(auth_url(value())?),
                "--cors-origins" => options.cors_origins = origins(value())?,
                _ => match argument.as_str() {
                    "--help" | "-h" => return Ok(None),
                    "--reset" => options.reset = true,
                    "--no-install" => options.missing = Missing::Report,
                    _ => return Err(Error::new(format!("`{argument}` is not an option."))),
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

fn auth_url(value: Option<String>) -> Result<String> {
    value
        .filter(|url| !url.is_empty())
        .ok_or_else(|| Error::new("--auth-url needs a URL, for example http://localhost:3000."))
}

fn origins(value: Option<String>) -> Result<Vec<String>> {
    let origins: Vec<String> = value
        .iter()
        .flat_map(|list| list.split(','))
        .map(|origin| origin.trim().to_owned())
        .collect();
    if origins.is_empty() || !origins.iter().all(|origin| is_origin(origin)) {
        return Err(Error::new(
            "--cors-origins needs origins such as http://localhost:3000, without a path.",
        ));
    }
    Ok(origins)
}

/// Browsers compare origins to the letter: one with a path never matches.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|it| it.is_ascii_graphic() && it != b'/')
    })
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
            auth_url: Some("http://localhost:3001/api/auth?x=y".to_owned()),
            cors_origins: vec!["http://a.test".to_owned(), "https://b.test:1".to_owned()],
            reset: true,
            missing: Missing::Report,
        };
        let all = [
            "--reset",
            "--auth-url=http://localhost:3001/api/auth?x=y",
            "--no-install",
            "--cors-origins",
            "http://a.test,https://b.test:1",
            "--port=9001",
        ];
        assert_eq!(parse(&all), Ok(Some(expected)));
        assert_eq!(parse(&["--port", "1", "-h"]), Ok(None));
    }

    #[test]
    fn what_is_not_an_option_is_named() {
        let error = parse(&["--reset", "now"]).expect_err("`now` is not an option");
        assert_eq!(error.to_string(), "`now` is not an option.");
        assert!(parse(&["--port", "0"]).is_err());
        assert!(parse(&["--port"]).is_err());
        assert!(parse(&["--auth-url"]).is_err());
        for bad in ["", "*", "http://a.test/", "http://a.test,", "a.test"] {
            assert!(parse(&["--cors-origins", bad]).is_err(), "{bad}");
        }
    }
}

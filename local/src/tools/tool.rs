//! A program that may be in one of several places.

use std::path::{Path, PathBuf};

use super::{is_program, named, on_path};
use crate::error::{Error, Result};

/// The places of a program, and the advice when it is missing.
pub struct Tool {
    /// `PgBouncer`.
    pub name: &'static str,
    /// The environment variable that names the program, before all other places.
    pub variable: &'static str,
    /// The names of the program on PATH.
    pub programs: &'static [&'static str],
    /// Files where installers put the program without telling PATH.
    pub elsewhere: &'static [&'static str],
    /// The advice when the program is missing, such as ``install it with `apt-get install pgbouncer` ``.
    pub advice: &'static str,
}

impl Tool {
    /// The program.
    ///
    /// # Errors
    /// When the program is missing, or when the variable names something else.
    pub fn find(&self) -> Result<PathBuf> {
        let Self { name, variable, .. } = self;
        if let Some(program) = named(variable) {
            return if is_program(&program) {
                Ok(program)
            } else {
                Err(Error::new(format!(
                    "{variable} names {}, which is not a program.",
                    program.display()
                )))
            };
        }
        let mut programs = self.programs.iter();
        programs
            .find_map(|program| Some(on_path(program)?.join(program)))
            .or_else(|| {
                let mut files = self.elsewhere.iter().map(Path::new);
                files.find(|file| is_program(file)).map(PathBuf::from)
            })
            .ok_or_else(|| {
                let advice = self.advice;
                Error::missing(format!(
                    "{name} is not here: {advice}, or name the program in {variable}."
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOWHERE: Tool = Tool {
        name: "The tool",
        variable: "NO_SUCH_VARIABLE",
        programs: &["no-such-program"],
        elsewhere: &["/no/such/program"],
        advice: "install it with `apt-get install tool`",
    };

    #[test]
    fn a_missing_program_is_one_sentence_with_advice() {
        let error = NOWHERE.find().expect_err("it is nowhere");
        assert!(error.is_missing());
        assert_eq!(
            error.to_string(),
            "The tool is not here: install it with `apt-get install tool`, or name the program \
             in NO_SUCH_VARIABLE."
        );
    }

    #[test]
    fn a_program_may_be_in_a_directory_that_is_not_on_path() {
        let tool = Tool {
            elsewhere: &["/no/such/program", "/bin/sh"],
            ..NOWHERE
        };
        assert_eq!(tool.find(), Ok(PathBuf::from("/bin/sh")));
    }
}

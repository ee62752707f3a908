//! The parameters of a query, taken one by one, with every broken rule
//! collected.

use std::collections::BTreeMap;

use crate::problem::{Problem, Rule, Violation};

/// The parameters that are not taken yet, and what is wrong so far.
pub(crate) struct Query<'q> {
    parameters: BTreeMap<&'q str, Vec<&'q str>>,
    malformed: Option<Problem>,
    violations: Vec<Violation>,
}

impl<'q> Query<'q> {
    pub(crate) fn read(parameters: impl IntoIterator<Item = (&'q str, &'q str)>) -> Self {
        let mut values: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, value) in parameters {
            values.entry(name).or_default().push(value);
        }
        Self {
            parameters: values,
            malformed: None,
            violations: Vec::new(),
        }
    }

    /// A parameter that may stand once: of two values nobody knows which one
    /// is meant.
    pub(crate) fn one<T>(
        &mut self,
        name: &str,
        parse: impl FnMut(&'q str) -> Result<T, Rule>,
    ) -> Option<T> {
        if self
            .parameters
            .get(name)
            .is_some_and(|values| values.len() > 1)
        {
            let detail = format!("The query has `{name}` twice.");
            self.malformed = Some(Problem::bad_request(detail));
        }
        self.many(name, parse).into_iter().next()
    }

    /// A parameter that may stand as often as there is something to say.
    pub(crate) fn many<T>(
        &mut self,
        name: &str,
        mut parse: impl FnMut(&'q str) -> Result<T, Rule>,
    ) -> Vec<T> {
        let values = self.parameters.remove(name).unwrap_or_default();
        let mut parsed = Vec::with_capacity(values.len());
        for value in values {
            match parse(value) {
                Ok(value) => parsed.push(value),
                Err(detail) => self.violations.push(Violation {
                    pointer: format!("?{name}"),
                    detail,
                }),
            }
        }
        parsed
    }

    /// Whether the parameter is there and not taken yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// Whether everything was understood, now that all is taken that is known.
    ///
    /// # Errors
    /// 400 for a parameter that is unknown or stands twice, 422 for values
    /// that break a rule.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if let Some(problem) = self.malformed {
            return Err(problem);
        }
        if !self.parameters.is_empty() {
            return Err(Problem::bad_request(
                "The query has a parameter that is not known here.",
            ));
        }
        if !self.violations.is_empty() {
            return Err(Problem::invalid(self.violations));
        }
        Ok(())
    }
}

/// `true` or `false`.
pub(crate) fn boolean(text: &str) -> Result<bool, Rule> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false.".into()),
    }
}

/// Only digits: no sign, no blank, nothing that overflows.
pub(crate) fn whole_number(text: &str, min: i64, max: i64) -> Result<i64, Rule> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits && (min..=max).contains(&number) => Ok(number),
        _ => Err(format!("must be a whole number from {min} to {max}.").into()),
    }
}

//! A call: one function of the database, which is one transaction and crosses
//! the network once.
//!
//! The functions are in `sql/`. Each says who acts, does its work and is
//! committed by itself, so the server never waits for the client inside a
//! transaction, and a frozen environment holds no lock and no server
//! connection of the pooler.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::TryStreamExt;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

use super::failure::Failure;

/// The call of one function, and what a lost answer means.
pub(crate) struct Call<'a> {
    function: &'static str,
    effect: Effect,
    arguments: Vec<(Box<dyn ToSql + Sync + Send + 'a>, Type)>,
    was_repeated: AtomicBool,
}

/// The effect of a call on the database.
#[derive(Clone, Copy, PartialEq)]
enum Effect {
    /// Reads.
    Read,
    /// Writes, and changes nothing the second time.
    RepeatableWrite,
    /// Writes, and must not run twice.
    Write,
}

impl<'a> Call<'a> {
    /// Calls a function that reads.
    pub(crate) fn reading(function: &'static str) -> Self {
        Self::new(function, Effect::Read)
    }

    /// Calls a function that changes nothing more when it is called twice.
    pub(crate) fn repeatable(function: &'static str) -> Self {
        Self::new(function, Effect::RepeatableWrite)
    }

    /// Calls a function that must not be called twice.
    pub(crate) fn once(function: &'static str) -> Self {
        Self::new(function, Effect::Write)
    }

    fn new(function: &'static str, effect: Effect) -> Self {
        Self {
            function,
            effect,
            arguments: Vec::new(),
            was_repeated: AtomicBool::new(false),
        }
    }

    /// Adds the next argument.
    pub(crate) fn with<T: Argument + 'a>(mut self, value: T) -> Self {
        self.arguments.push((Box::new(value), T::TYPE));
        self
    }

    /// Whether it was sent once more after an answer was lost: the first time
    /// may have done it.
    pub(crate) fn was_repeated(&self) -> bool {
        self.was_repeated.load(Ordering::Relaxed)
    }

    pub(super) fn repeat(&self) {
        self.was_repeated.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_read(&self) -> bool {
        self.effect == Effect::Read
    }

    pub(super) fn is_repeatable(&self) -> bool {
        self.effect != Effect::Write
    }

    /// Corrects the failure of the last try: it says nothing of an earlier
    /// one, whose answer was lost.
    pub(super) fn after_retries(&self, failure: Failure) -> Failure {
        match failure {
            failure if self.is_read() || !self.was_repeated() => failure,
            Failure::Unavailable(cause) => Failure::Uncertain(cause),
            Failure::Refused(refusal) if refusal.is_passing() => {
                Failure::Uncertain(format!("SQLSTATE {}", refusal.state.code()))
            }
            failure => failure,
        }
    }

    /// Sends the call and reads the whole answer. On an error, says whether
    /// the function had come to its end before.
    ///
    /// The types of the arguments are told and not asked for: asking costs a
    /// round trip and names the statement on the server, which another process
    /// behind the same pooler may have named too.
    pub(super) async fn send(&self, client: &Client) -> Result<Vec<Row>, (Error, Progress)> {
        let places: Vec<String> = (1..=self.arguments.len())
            .map(|number| format!("${number}"))
            .collect();
        let sql = format!(
            "select * from todo.{}({})",
            self.function,
            places.join(", ")
        );
        let arguments = self
            .arguments
            .iter()
            .map(|(value, sql_type)| (&**value as &(dyn ToSql + Sync), sql_type.clone()));
        let stream = client
            .query_typed_raw(&sql, arguments)
            .await
            .map_err(|error| (error, Progress::Running))?;
        let mut stream = pin!(stream);
        let mut rows = Vec::new();
        loop {
            match stream.try_next().await {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => return Ok(rows),
                Err(error) => {
                    let progress = match stream.rows_affected() {
                        Some(_) => Progress::Completed,
                        None => Progress::Running,
                    };
                    return Err((error, progress));
                }
            }
        }
    }
}

/// How far the server had come when a call failed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Progress {
    /// The function had not come to its end.
    Running,
    /// The function had come to its end, and its commit was next.
    Completed,
}

/// A Rust type that stands for one type of PostgreSQL.
pub(crate) trait Argument: ToSql + Sync + Send {
    /// The type that the function declares.
    const TYPE: Type;
}

macro_rules! arguments {
    ($($rust:ty => $sql:ident),* $(,)?) => {
        $(impl Argument for $rust {
            const TYPE: Type = Type::$sql;
        })*
    };
}

arguments! {
    &str => TEXT,
    String => TEXT,
    Vec<&str> => TEXT_ARRAY,
    Vec<String> => TEXT_ARRAY,
    bool => BOOL,
    i32 => INT4,
    i64 => INT8,
    &[i32] => INT4_ARRAY,
    Vec<i32> => INT4_ARRAY,
    Uuid => UUID,
    NaiveDate => DATE,
    DateTime<Utc> => TIMESTAMPTZ,
    &[u8] => BYTEA,
    Vec<u8> => BYTEA,
    serde_json::Value => JSONB,
}

impl<T: Argument> Argument for Option<T> {
    const TYPE: Type = T::TYPE;
}

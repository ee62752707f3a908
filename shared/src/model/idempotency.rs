//! Doing a request once, however often it is sent
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).

use lambda_http::Request;
use ring::digest::{SHA256, digest};
use uuid::{Uuid, uuid};

use super::{NewTask, UserId};
use crate::problem::Problem;

const HEADER: &str = "idempotency-key";

/// Names of tasks begin here; a random number, chosen once.
const NAMESPACE: Uuid = uuid!("8f4f2a1c-6d0b-4b7e-9c53-0a6b1e7d2f94");

/// A client's name for one creation or one batch: 1 to 255 visible ASCII
/// characters.
#[derive(Debug, PartialEq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(crate) const MAX_CHARS: usize = 255;

    /// Reads the header `Idempotency-Key`.
    ///
    /// # Errors
    /// 400 when it stands twice or is no key.
    pub fn read(request: &Request) -> Result<Option<Self>, Problem> {
        let mut values = request.headers().get_all(HEADER).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let key = value.to_str().unwrap_or_default().trim();
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if values.next().is_some() || !visible || !(1..=Self::MAX_CHARS).contains(&key.len()) {
            return Err(Problem::bad_request(
                "Idempotency-Key must be one key of 1 to 255 visible ASCII characters, such as a UUID.",
            ));
        }
        Ok(Some(Self(key.to_owned())))
    }

    /// Makes sure that the request has no `Idempotency-Key`, because it is
    /// not one that a key makes safe to repeat.
    ///
    /// # Errors
    /// 400 when it has one: an ignored key would promise too much.
    pub fn refuse(request: &Request) -> Result<(), Problem> {
        match request.headers().contains_key(HEADER) {
            false => Ok(()),
            true => Err(Problem::bad_request(
                "Idempotency-Key is for new tasks and batches. Send this request without it.",
            )),
        }
    }

    /// The id of the task that `user` creates under this key: the same each
    /// time (RFC 9562 section 5.5), so that the primary key is the lock.
    pub(crate) fn task_id(&self, user: &UserId) -> Uuid {
        self.id(user, "")
    }

    /// The id of the batch that `user` sends under this key.
    pub(crate) fn batch_id(&self, user: &UserId) -> Uuid {
        self.id(user, "\nbatch")
    }

    /// The id of the task that an operation of that batch creates.
    pub(crate) fn task_id_in_batch(&self, user: &UserId, operation: usize) -> Uuid {
        self.id(user, &format!("\n{operation}"))
    }

    /// Neither a user id nor a key has a line break in it.
    fn id(&self, user: &UserId, suffix: &str) -> Uuid {
        Uuid::new_v5(&NAMESPACE, format!("{user}\n{}{suffix}", self.0).as_bytes())
    }
}

/// The hash of the values that a task is created from; none has a NUL in it.
pub(crate) fn hash(task: &NewTask) -> Vec<u8> {
    let due_date = task.due_date.map(|date| date.to_string());
    let values = [
        task.title.as_str(),
        task.description.as_str(),
        task.status.as_str(),
        due_date.as_deref().unwrap_or_default(),
    ];
    hash_of(&values.join("\0"))
}

/// The hash that is stored of a body, to tell it from another under the same key.
pub(crate) fn hash_of(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;

    use super::*;

    fn read(values: &[&str]) -> Result<Option<IdempotencyKey>, ()> {
        let mut request = Request::new(Body::Empty);
        for value in values {
            let value = value.parse().expect("it is a header's value");
            request.headers_mut().append("idempotency-key", value);
        }
        IdempotencyKey::read(&request).map_err(drop)
    }

    #[test]
    fn a_key_is_visible_ascii_and_stands_once() {
        let key = |text: &str| Ok(Some(IdempotencyKey(text.to_owned())));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["\"8e03978e\""]), key("\"8e03978e\""));
        assert_eq!(read(&[&"k".repeat(255)]), key(&"k".repeat(255)));
        for bad in [
            &[""][..],
            &["a b"],
            &["schlüssel"],
            &["a", "a"],
            &[&"k".repeat(256)],
        ] {
            assert_eq!(read(bad), Err(()), "{bad:?}");
        }
    }
}

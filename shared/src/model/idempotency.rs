//! Creating a task once, however often it is asked for
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).

use aws_lc_rs::digest::{SHA256, digest};
use lambda_http::Request;
use uuid::{Uuid, uuid};

use crate::model::UserId;
use crate::model::task::NewTask;
use crate::problem::Problem;

/// Names of tasks begin here; a random number, chosen once.
const NAMESPACE: Uuid = uuid!("8f4f2a1c-6d0b-4b7e-9c53-0a6b1e7d2f94");

/// What a client calls one creation: 1 to 255 visible ASCII characters.
#[derive(Debug, PartialEq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(crate) const MAX_CHARS: usize = 255;

    /// Reads the header `Idempotency-Key`.
    ///
    /// # Errors
    /// 400 when it stands twice or is no key.
    pub fn read(request: &Request) -> Result<Option<Self>, Problem> {
        let mut values = request.headers().get_all("idempotency-key").iter();
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

    /// The id of the task that `user` creates under this key: the same each
    /// time (RFC 9562 section 5.5), so that the primary key is the lock. No
    /// user id has a line break in it.
    pub(crate) fn task_id(&self, user: &UserId) -> Uuid {
        Uuid::new_v5(&NAMESPACE, format!("{user}\n{}", self.0).as_bytes())
    }
}

/// What `task` is created from; no value has a NUL in it.
pub(crate) fn hash(task: &NewTask) -> Vec<u8> {
    let due_date = task.due_date.map(|date| date.to_string());
    let values = [
        task.title.as_str(),
        task.description.as_str(),
        task.status.as_str(),
        due_date.as_deref().unwrap_or_default(),
    ];
    digest(&SHA256, values.join("\0").as_bytes())
        .as_ref()
        .to_vec()
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

//! A task, and what may be asked of one or of a list: values and limits.

pub(crate) mod batch;
pub mod conditions;
pub(crate) mod cursor;
pub(crate) mod filter;
pub(crate) mod idempotency;
pub(crate) mod page;
pub(crate) mod since;
pub(crate) mod sort;
pub(crate) mod task;
mod user_id;

pub use batch::Batch;
pub use idempotency::IdempotencyKey;
pub use page::Page;
pub use since::Since;
pub use task::{NewTask, Task, TaskChanges};
pub use user_id::UserId;

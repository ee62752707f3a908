//! Data for new servers: made once in a process, copied for each service.

use std::sync::OnceLock;

use local::stack::{Stack, StackOptions, Template};

use super::binary;

/// A database without tables.
pub(crate) fn empty() -> &'static Template {
    static EMPTY: OnceLock<Template> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let stack = Stack::temporary(&StackOptions::default()).expect("the stack starts");
        stack.into_template().expect("the stack stops")
    })
}

/// A database after the migrations.
pub(crate) fn migrated() -> &'static Template {
    static MIGRATED: OnceLock<Template> = OnceLock::new();
    MIGRATED.get_or_init(|| {
        let options = StackOptions::default();
        let stack = Stack::from_template(empty(), &options).expect("the stack starts");
        let migrated = stack.migrate(binary("migrate"));
        migrated.expect("the migrations apply");
        stack.into_template().expect("the stack stops")
    })
}

//! The bodies that clients send. Unknown members are refused, so each schema is closed.

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, Schema, Type,
};
use utoipa::{PartialSchema, ToSchema};

use super::values::uuid;
use super::values::{NO_NUL, date_or_null, not_blank, or_null, text};
use crate::auth::{
    Deletion, ForgottenPassword, Login, Logout, MAX_NAME_CHARS, Password, PasswordReset,
    ProfileChanges, Refresh, Registration,
};
use crate::model::batch::{Batch, MAX_OPERATIONS, Operation};
use crate::model::task::{DECIDED_BY_SERVER, Description, NewTask, Status, TaskChanges, Title};

type Schemas = Vec<(String, RefOr<Schema>)>;

impl PartialSchema for NewTask {
    fn schema() -> RefOr<Schema> {
        task_members()
            .required("title")
            .description(Some("A whole task; what is left out is empty, or pending."))
            .into()
    }
}

impl ToSchema for NewTask {
    fn schemas(schemas: &mut Schemas) {
        task_values(schemas);
    }
}

impl PartialSchema for TaskChanges {
    fn schema() -> RefOr<Schema> {
        task_members()
            .description(Some(
                "What changes (RFC 7396): an absent member stays as it is, null clears. `completed: false` makes a completed task pending and leaves any other as it is.",
            ))
            .into()
    }
}

impl ToSchema for TaskChanges {
    fn schemas(schemas: &mut Schemas) {
        task_values(schemas);
    }
}

/// The members that clients set of a task; those of the server may be sent back and are
/// passed over.
fn task_members() -> ObjectBuilder {
    let members = closed()
        .property("title", Ref::from_schema_name(Title::name()))
        .property("description", or_null::<Description>())
        .property("status", Ref::from_schema_name(Status::name()))
        .property(
            "completed",
            ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .description(Some(
                    "Another way to say `status`, with which it has to agree.",
                )),
        )
        .property("due_date", date_or_null())
        .extensions(Some(completed_agrees_with_status()));
    DECIDED_BY_SERVER.iter().fold(members, |members, name| {
        let anything = ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::SchemaType::AnyValue)
            .description(Some("The server decides it; passed over."));
        members.property(*name, anything)
    })
}

/// utoipa has no `not`, and writes extensions as they are.
fn completed_agrees_with_status() -> Extensions {
    let both = |status: &[Status], completed: bool| {
        let status: Vec<&str> = status.iter().map(|status| status.as_str()).collect();
        json!({
            "required": ["status", "completed"],
            "properties": {"status": {"enum": status}, "completed": {"enum": [completed]}},
        })
    };
    let not = json!({"anyOf": [
        both(&[Status::Completed], false),
        both(&[Status::Pending, Status::InProgress], true),
    ]});
    Extensions::from_iter([("not", not)])
}

fn task_values(schemas: &mut Schemas) {
    add::<Title>(schemas);
    add::<Description>(schemas);
    add::<Status>(schemas);
}

impl PartialSchema for Batch {
    fn schema() -> RefOr<Schema> {
        let operations = ArrayBuilder::new()
            .items(Ref::from_schema_name(Operation::name()))
            .min_items(Some(1))
            .max_items(Some(MAX_OPERATIONS))
            .description(Some("Done in their order, or none of them."));
        closed()
            .property("operations", operations)
            .required("operations")
            .into()
    }
}

impl ToSchema for Batch {
    fn schemas(schemas: &mut Schemas) {
        add::<Operation>(schemas);
        add::<NewTask>(schemas);
        add::<TaskChanges>(schemas);
        task_values(schemas);
    }
}

impl PartialSchema for Operation {
    fn schema() -> RefOr<Schema> {
        let create = operation("create")
            .property("task", Ref::from_schema_name(NewTask::name()))
            .required("task");
        let update = on_target(operation("update"))
            .property("changes", Ref::from_schema_name(TaskChanges::name()))
            .required("changes");
        let one_of = OneOfBuilder::new()
            .item(create)
            .item(update)
            .item(on_target(operation("toggle")))
            .item(on_target(operation("delete")));
        Schema::from(one_of.build()).into()
    }
}

impl ToSchema for Operation {}

fn operation(op: &str) -> ObjectBuilder {
    closed()
        .title(Some(op))
        .property("op", text().enum_values(Some([op])))
        .required("op")
}

/// The name of a task, at any version or at one.
fn on_target(operation: ObjectBuilder) -> ObjectBuilder {
    let version = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(i32::MAX))
        .description(Some("Changes only this version, as `If-Match` does."));
    operation
        .property("id", uuid())
        .property("version", version)
        .required("id")
}

impl PartialSchema for Registration {
    fn schema() -> RefOr<Schema> {
        closed()
            .property("name", name())
            .property("email", Email::schema())
            .property("password", new_password())
            .required("name")
            .required("email")
            .required("password")
            .into()
    }
}

impl ToSchema for Registration {}

impl PartialSchema for Login {
    fn schema() -> RefOr<Schema> {
        closed()
            .property("email", Email::schema())
            .property("password", known_password())
            .required("email")
            .required("password")
            .into()
    }
}

impl ToSchema for Login {}

impl PartialSchema for ForgottenPassword {
    fn schema() -> RefOr<Schema> {
        closed()
            .property("email", Email::schema())
            .required("email")
            .into()
    }
}

impl ToSchema for ForgottenPassword {}

impl PartialSchema for PasswordReset {
    fn schema() -> RefOr<Schema> {
        closed()
            .property("token", text().pattern(Some(NO_NUL)))
            .property("password", new_password())
            .required("token")
            .required("password")
            .into()
    }
}

impl ToSchema for PasswordReset {}

impl PartialSchema for Refresh {
    fn schema() -> RefOr<Schema> {
        closed()
            .property("refresh_token", text().pattern(Some(NO_NUL)))
            .required("refresh_token")
            .into()
    }
}

impl ToSchema for Refresh {
    fn name() -> std::borrow::Cow<'static, str> {
        "RefreshToken".into()
    }
}

impl PartialSchema for Logout {
    fn schema() -> RefOr<Schema> {
        let everywhere = ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .default(Some(json!(false)))
            .description(Some(
                "Ends all sign-ins of the user, on all devices; only a sign-in that goes on can.",
            ));
        closed()
            .property("refresh_token", text().pattern(Some(NO_NUL)))
            .property("everywhere", everywhere)
            .required("refresh_token")
            .into()
    }
}

impl ToSchema for Logout {}

/// A name alone, or a new password with the current one, or nothing: said so
/// that a type can tell one password without the other.
impl PartialSchema for ProfileChanges {
    fn schema() -> RefOr<Schema> {
        let nothing = closed().title(Some("Nothing"));
        let another_name = closed()
            .title(Some("Name"))
            .property("name", name())
            .required("name");
        let another_password = closed()
            .title(Some("Password"))
            .property("name", name())
            .property("password", new_password())
            .property("current_password", known_password())
            .required("password")
            .required("current_password");
        let one_of = OneOfBuilder::new()
            .item(another_name)
            .item(another_password)
            .item(nothing);
        Schema::from(one_of.build()).into()
    }
}

impl ToSchema for ProfileChanges {}

impl PartialSchema for Deletion {
    fn schema() -> RefOr<Schema> {
        closed()
            .property("password", known_password())
            .required("password")
            .into()
    }
}

impl ToSchema for Deletion {}

fn name() -> ObjectBuilder {
    not_blank(1, MAX_NAME_CHARS).examples([json!("Ada")])
}

struct Email;

impl Email {
    /// The rules of the parser, which are those of Better Auth.
    fn schema() -> ObjectBuilder {
        text()
            .max_length(Some(254))
            .pattern(Some(
                r"^(?=.{1,64}@)[A-Za-z0-9_'+-]+(\.[A-Za-z0-9_'+-]+)*(?<!')@(?=.{1,189}$)([A-Za-z0-9][A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,63}$",
            ))
            .description(Some("An e-mail address; capitals make no difference."))
            .examples([json!("ada@example.com")])
    }
}

fn new_password() -> ObjectBuilder {
    text()
        .min_length(Some(Password::MIN_CHARS))
        .max_length(Some(Password::MAX_CHARS))
        .pattern(Some(NO_NUL))
        .description(Some(
            "Counted in Unicode form NFKC. Refused when it is among the most common ones, the e-mail address or the name of the service; the operator may ask for more than 8 characters.",
        ))
}

/// Perhaps chosen under other rules.
fn known_password() -> ObjectBuilder {
    text()
        .min_length(Some(1))
        .max_length(Some(Password::MAX_BYTES / char::MAX.len_utf8()))
        .pattern(Some(NO_NUL))
}

fn closed() -> ObjectBuilder {
    ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

fn add<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
}

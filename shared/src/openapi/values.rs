//! The values of a task, with the parsers' own limits.

use std::ops::RangeInclusive;

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    KnownFormat, ObjectBuilder, OneOfBuilder, Ref, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::model::task::{Description, Status, Title};

/// PostgreSQL stores no NUL.
pub(super) const NO_NUL: &str = r"^[^\u0000]*$";

/// Unicode's `White_Space`, written out because regular expressions disagree
/// about what `\s` is.
pub(super) const WHITE_SPACE: [RangeInclusive<char>; 10] = [
    '\t'..='\r',
    ' '..=' ',
    '\u{85}'..='\u{85}',
    '\u{a0}'..='\u{a0}',
    '\u{1680}'..='\u{1680}',
    '\u{2000}'..='\u{200a}',
    '\u{2028}'..='\u{2029}',
    '\u{202f}'..='\u{202f}',
    '\u{205f}'..='\u{205f}',
    '\u{3000}'..='\u{3000}',
];

impl PartialSchema for Title {
    fn schema() -> RefOr<Schema> {
        not_blank(Self::MIN_CHARS, Self::MAX_CHARS)
            .description(Some(
                "Not blank. Counted without the white space around it, which is taken away.",
            ))
            .into()
    }
}

impl ToSchema for Title {}

impl PartialSchema for Description {
    fn schema() -> RefOr<Schema> {
        text()
            .max_length(Some(Self::MAX_CHARS))
            .pattern(Some(NO_NUL))
            .description(Some(
                "Counted without the white space around it, which is taken away.",
            ))
            .into()
    }
}

impl ToSchema for Description {}

impl PartialSchema for Status {
    fn schema() -> RefOr<Schema> {
        text()
            .enum_values(Some(Self::ALL.map(Self::as_str)))
            .description(Some("How far a task is."))
            .into()
    }
}

impl ToSchema for Status {}

pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

pub(super) fn not_blank(min_chars: usize, max_chars: usize) -> ObjectBuilder {
    text()
        .min_length(Some(min_chars))
        .max_length(Some(max_chars))
        .pattern(Some(something_but_white_space()))
}

/// Something is left when the white space is gone.
fn something_but_white_space() -> String {
    let escaped = |c: &char| format!(r"\u{:04X}", u32::from(*c));
    let white_space: String = WHITE_SPACE
        .iter()
        .map(|range| format!("{}-{}", escaped(range.start()), escaped(range.end())))
        .collect();
    format!(r"^[^\u0000]*[^\u0000{white_space}][^\u0000]*$")
}

/// In its usual form of 36 characters.
pub(super) fn uuid() -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
}

/// A day of the calendar.
pub(super) fn date() -> RefOr<Schema> {
    text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .examples([json!("2026-12-31")])
        .into()
}

/// A day of the calendar, or null for none.
pub(super) fn date_or_null() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .examples([json!("2026-12-31")])
}

/// A `T`, or null for none.
pub(super) fn or_null<T: ToSchema>() -> OneOfBuilder {
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(Ref::from_schema_name(T::name()))
}

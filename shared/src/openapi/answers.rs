//! Answers that went well.

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::schema::{Ref, Schema};
use utoipa::openapi::{Components, RefOr, Response, ResponseBuilder};

use super::headers;

/// An answer in the making.
#[derive(Clone)]
pub(super) struct Answer {
    status: &'static str,
    description: &'static str,
    media_types: &'static [&'static str],
    schema: Option<RefOr<Schema>>,
    example: Option<Value>,
    headers: Vec<&'static str>,
    add_schema: Option<fn(&mut Components)>,
}

impl Answer {
    /// Without a body.
    pub(super) fn empty(status: &'static str, description: &'static str) -> Self {
        Self {
            status,
            description,
            media_types: &[],
            schema: None,
            example: None,
            headers: headers::OF_EVERY_ANSWER.to_vec(),
            add_schema: None,
        }
    }

    /// With a `T`, of which this is one.
    pub(super) fn json<T: ToSchema>(
        status: &'static str,
        description: &'static str,
        example: Value,
    ) -> Self {
        let schema = Ref::from_schema_name(T::name()).into();
        Self {
            media_types: &["application/json"],
            schema: Some(schema),
            example: Some(example),
            add_schema: Some(add_schema::<T>),
            ..Self::empty(status, description)
        }
        .with(headers::CACHE_CONTROL)
    }

    /// With a file of one of these media types.
    pub(super) fn file(media_types: &'static [&'static str], description: &'static str) -> Self {
        Self {
            media_types,
            ..Self::empty("200", description)
        }
        .with(headers::CACHE_CONTROL)
        .with(headers::ETAG)
        .with(headers::VARY)
        .with(headers::CONTENT_ENCODING)
        .with(headers::CONTENT_SECURITY_POLICY)
        .with(headers::CONTENT_TYPE_OPTIONS)
        .with(headers::REFERRER_POLICY)
    }

    /// With a header of `headers` besides those that follow from the rest.
    pub(super) fn with(mut self, header: &'static str) -> Self {
        self.headers.push(header);
        self
    }

    pub(super) fn status(&self) -> &'static str {
        self.status
    }

    pub(super) fn build(self, components: &mut Components) -> Response {
        if let Some(add_schema) = self.add_schema {
            add_schema(components);
        }
        let mut response = ResponseBuilder::new().description(self.description);
        for header in self.headers {
            response = response.header_ref(headers::name(header), headers::reference(header));
        }
        for media_type in self.media_types {
            let content = ContentBuilder::new()
                .schema(self.schema.clone())
                .example(self.example.clone());
            response = response.content(*media_type, content.build());
        }
        response.build()
    }
}

/// Adds the schema of `T` and of everything in it.
pub(super) fn add_schema<T: ToSchema>(components: &mut Components) {
    let mut schemas = Vec::new();
    T::schemas(&mut schemas);
    components
        .schemas
        .insert(T::name().into_owned(), T::schema());
    components.schemas.extend(schemas);
}

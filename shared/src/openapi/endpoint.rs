//! One operation, said in short, and the rules that fill in the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, Required};

use super::answers::Answer;
use super::{parameters, problems};
use crate::problem::Kind;

/// Where an operation stands among the others: in the order in which somebody
/// new needs them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Sessions,
    Tasks,
    Account,
    Service,
    Pages,
    TasksOfUser,
}

impl Section {
    pub(super) const ALL: [Self; 6] = [
        Self::Sessions,
        Self::Tasks,
        Self::Account,
        Self::Service,
        Self::Pages,
        Self::TasksOfUser,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions",
            Self::Tasks => "Tasks",
            Self::Account => "Account",
            Self::Service => "Service",
            Self::Pages => "Pages",
            Self::TasksOfUser => "Tasks by user id",
        }
    }

    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Sessions => "Signing up, in and out.",
            Self::Tasks => "The tasks of the user of the token, and of nobody else.",
            Self::Account => "The account of the user of the token.",
            Self::Service => "Operations for other machines.",
            Self::Pages => "Pages for browsers.",
            Self::TasksOfUser => {
                "The operations of Tasks once more, below the id of the user of the token."
            }
        }
    }
}

/// An operation in the making.
#[derive(Clone)]
pub(super) struct Endpoint {
    method: HttpMethod,
    path: String,
    id: String,
    section: Section,
    summary: &'static str,
    description: &'static str,
    is_public: bool,
    parameters: Vec<&'static str>,
    body: Option<Body>,
    answers: Vec<Answer>,
    refusals: BTreeSet<Kind>,
}

/// The request's body.
#[derive(Clone)]
struct Body {
    content: RequestBody,
    add_schema: fn(&mut Components),
}

impl Endpoint {
    /// An operation that asks for a token.
    pub(super) fn new(section: Section, method: HttpMethod, path: &str, id: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            id: id.to_owned(),
            section,
            summary: "",
            description: "",
            is_public: false,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: BTreeSet::new(),
        }
    }

    /// In a line, and in as many as it takes.
    pub(super) fn says(mut self, summary: &'static str, description: &'static str) -> Self {
        (self.summary, self.description) = (summary, description);
        self
    }

    /// Nobody has to be signed in.
    pub(super) fn public(mut self) -> Self {
        self.is_public = true;
        self
    }

    /// A parameter beside those of the path, by its name in `parameters`.
    pub(super) fn takes(mut self, parameter: &'static str) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Sets the request's body, with an example for each way to use it.
    pub(super) fn body<T: ToSchema>(mut self, examples: &[(&str, &str, Value)]) -> Self {
        let examples = examples.iter().map(|(name, summary, value)| {
            let example = ExampleBuilder::new().summary(*summary);
            (*name, example.value(Some(value.clone())).build())
        });
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .examples_from_iter(examples);
        self.body = Some(Body {
            content: RequestBodyBuilder::new()
                .content("application/json", content.build())
                .required(Some(Required::True))
                .build(),
            add_schema: super::answers::add_schema::<T>,
        });
        self
    }

    pub(super) fn answers(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    /// Adds problems that do not follow from the rest.
    pub(super) fn refuses(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.refusals.extend(kinds);
        self
    }

    /// The operation changes the database, and the answer may be lost on the way.
    pub(super) fn writes(self) -> Self {
        self.refuses([Kind::Unavailable, Kind::OutcomeUnknown])
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn section(&self) -> Section {
        self.section
    }

    pub(super) fn method(&self) -> HttpMethod {
        self.method.clone()
    }

    /// The operation, and once more below the id of its user.
    pub(super) fn in_both_families(self) -> [Self; 2] {
        let mut twin = self.clone();
        twin.path = self.path.replacen("/api/v1/", "/api/{user_id}/", 1);
        twin.id = format!("{}OfUser", self.id);
        twin.section = Section::TasksOfUser;
        [self, twin]
    }

    /// The problems that follow from the path, the parameters and the body.
    fn all_refusals(&self) -> BTreeSet<Kind> {
        let mut kinds = self.refusals.clone();
        kinds.insert(Kind::Internal);
        if !self.is_public {
            kinds.extend([Kind::Unauthorized, Kind::Unavailable]);
        }
        if self.path.contains("{user_id}") {
            kinds.insert(Kind::Forbidden);
        }
        if self.path.contains("{task_id}") {
            kinds.extend([Kind::BadRequest, Kind::NotFound]);
        }
        if !self.parameters.is_empty() {
            kinds.insert(Kind::BadRequest);
        }
        if self.parameters.contains(&parameters::IF_MATCH) {
            kinds.insert(Kind::PreconditionFailed);
        }
        if self.body.is_some() {
            kinds.extend([
                Kind::BadRequest,
                Kind::TooLarge,
                Kind::UnsupportedMediaType,
                Kind::Invalid,
            ]);
        }
        kinds
    }

    /// The operation; what it refers to goes to `components`.
    pub(super) fn build(self, components: &mut Components) -> Operation {
        let refusals = self.all_refusals();
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id))
            .tag(self.section.name())
            .summary(Some(self.summary))
            .description(Some(self.description));
        if self.is_public {
            operation = operation.securities(Some::<[SecurityRequirement; 0]>([]));
        }
        for parameter in parameters::of_path(&self.path)
            .into_iter()
            .chain(self.parameters)
        {
            operation = operation.parameter_ref(parameters::reference(parameter));
        }
        if let Some(body) = self.body {
            (body.add_schema)(components);
            operation = operation.request_body(Some(body.content));
        }
        for answer in self.answers {
            operation = operation.response(answer.status(), answer.build(components));
        }
        let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
        for kind in refusals {
            by_status
                .entry(kind.status().as_u16())
                .or_default()
                .push(kind);
        }
        for (status, kinds) in by_status {
            let name = problems::add_response(components, &kinds);
            operation = operation.response(status.to_string(), Ref::from_response_name(name));
        }
        operation.build()
    }
}

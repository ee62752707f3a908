//! `template.yaml`, and the ways through it.

use std::collections::{BTreeMap, BTreeSet};

use testing::gateway::Route;

use crate::yaml::{Node, parse};

/// `template.yaml`, read.
pub struct Template(pub Node);

impl Template {
    /// As it stands in the file.
    pub fn read() -> Self {
        Self::of(crate::TEMPLATE)
    }

    pub fn of(text: &str) -> Self {
        Self(parse(text))
    }

    pub fn of_type(&self, wanted: &str) -> impl Iterator<Item = (&str, &Node)> {
        let resources = self.0.at("Resources").entries().iter();
        resources
            .filter(move |(_, resource)| resource.at("Type").text() == wanted)
            .map(|(name, resource)| (name.as_str(), resource))
    }

    /// The names of all functions, in order.
    pub fn all_functions(&self) -> impl Iterator<Item = &str> {
        let functions = self.of_type("AWS::Serverless::Function");
        let names: BTreeSet<&str> = functions.map(|(name, _)| name).collect();
        names.into_iter()
    }

    /// Those that serve requests.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.all_functions()
            .filter(|name| !crate::WITHOUT_ROUTE.contains(&self.binary(name).as_str()))
    }

    pub fn functions_of(&self, binary: &str) -> Vec<&str> {
        self.all_functions()
            .filter(|name| self.binary(name) == binary)
            .collect()
    }

    /// The part between `target/lambda/` and `/bootstrap.zip` in the
    /// function's `CodeUri`; the whole of one that is not like that.
    pub fn binary(&self, function: &str) -> String {
        let uri = self.properties(function).at("CodeUri").text();
        uri.strip_prefix("target/lambda/")
            .and_then(|rest| rest.strip_suffix("/bootstrap.zip"))
            .unwrap_or(uri)
            .to_owned()
    }

    pub fn properties(&self, resource: &str) -> &Node {
        let resources = self.0.at("Resources");
        let resource = resources
            .get(resource)
            .unwrap_or_else(|| panic!("there is no {resource}"));
        resource.at("Properties")
    }

    pub fn environment(&self, function: &str) -> BTreeMap<&str, &Node> {
        let own = self.properties(function).get("Environment");
        let all = self.0.at("Globals").at("Function").at("Environment");
        [Some(all), own]
            .into_iter()
            .flatten()
            .flat_map(|environment| environment.at("Variables").entries())
            .map(|(name, value)| (name.as_str(), value))
            .collect()
    }

    /// Whether the variable has a value; an empty one is none.
    pub fn has(&self, function: &str, variable: &str) -> bool {
        match self.environment(function).get(variable) {
            Some(Node::Text(text)) => !text.is_empty(),
            value => value.is_some(),
        }
    }

    /// The events of this type, each with its name below its function's.
    pub fn events(&self, wanted: &str) -> impl Iterator<Item = (String, &str, &Node)> {
        self.of_type("AWS::Serverless::Function")
            .flat_map(move |(function, resource)| {
                let events = resource.at("Properties").at("Events").entries().iter();
                events
                    .filter(move |(_, event)| event.at("Type").text() == wanted)
                    .map(move |(name, event)| {
                        let name = format!("{function}.{name}");
                        (name, function, event.at("Properties"))
                    })
            })
    }

    /// Every route, as it stands among the events of its function.
    pub fn routes(&self) -> impl Iterator<Item = (String, Route)> {
        self.events("HttpApi").map(|(name, function, event)| {
            let route = Route {
                method: event.at("Method").text().to_owned(),
                path: event.at("Path").text().to_owned(),
                function: self.binary(function),
            };
            (name, route)
        })
    }
}

/// `AWS::Region` in `https://${AWS::Region}.example.com`, and no `${!Literal}`.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("${")
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .filter(|name| !name.starts_with('!'))
        .map(|name| {
            if name.starts_with("AWS::") {
                name
            } else {
                name.split('.').next().unwrap_or(name)
            }
        })
}

//! `template.yaml`, and the ways through it.

use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::{Node, parse};

/// `template.yaml`, read.
pub struct Template(pub Node);

/// The name of a route's resource, then its key and the binary it leads to.
pub type Routed<'a> = (&'a str, (String, String));

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

    /// Those that serve requests: all but the one that migrates.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.all_functions()
            .filter(|name| self.binary(name) != crate::MIGRATE)
    }

    pub fn functions_of(&self, binary: &str) -> Vec<&str> {
        self.all_functions()
            .filter(|name| self.binary(name) == binary)
            .collect()
    }

    /// What stands between `target/lambda/` and the slash at the end of the
    /// function's `CodeUri`; the whole of one that is not like that.
    pub fn binary(&self, function: &str) -> String {
        let uri = self.properties(function).at("CodeUri").text();
        uri.strip_prefix("target/lambda/")
            .and_then(|rest| rest.strip_suffix('/'))
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

    /// Every route, followed through its integration to its function.
    pub fn routes(&self) -> Vec<Routed<'_>> {
        self.of_type("AWS::ApiGatewayV2::Route")
            .map(|(name, route)| {
                let properties = route.at("Properties");
                let target = properties.at("Target").text();
                let integration = target
                    .strip_prefix("integrations/${")
                    .and_then(|rest| rest.strip_suffix('}'))
                    .unwrap_or_else(|| panic!("{name}: Target is {target}"));
                let uri = self.properties(integration).at("IntegrationUri");
                let function = either_way(uri, ".Arn").unwrap_or_else(|| {
                    panic!(
                        "{integration}: IntegrationUri is not\n{}",
                        crate::blocks::integration_uri("…")
                    )
                });
                let key = properties.at("RouteKey").text().to_owned();
                (name, (key, self.binary(function)))
            })
            .collect()
    }
}

/// The function of `!If [DeploysGradually, !Ref X.Alias, …]`, the last being
/// `X` and `suffix`.
pub fn either_way<'a>(node: &'a Node, suffix: &str) -> Option<&'a str> {
    let Node::Tagged(tag, inner) = node else {
        return None;
    };
    let [condition, gradually, at_once] = inner.items() else {
        return None;
    };
    let function = at_once.text().strip_suffix(suffix)?;
    let is_both = tag == "If"
        && condition.text() == "DeploysGradually"
        && gradually.text() == format!("{function}.Alias");
    is_both.then_some(function)
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

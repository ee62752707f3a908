//! The routes of the workspace's manifest, and which of them serves a path.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use toml::Value;

use local::{Context, Error, Result};

/// One method of one path, and the function that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET`.
    pub method: String,
    /// `/api/v1/tasks/{task_id}`.
    pub path: String,
    /// `get-task`, the name of its binary.
    pub function: String,
}

/// A route that serves a request, with what the request put in its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The route.
    pub route: &'a Route,
    /// Values by name, percent-decoded once.
    pub path_parameters: BTreeMap<String, String>,
}

/// All routes of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// Reads `[workspace.metadata.lambda.watch.router]` of the root `Cargo.toml`.
    ///
    /// # Errors
    /// When it is missing or an entry lacks `method` or `function`.
    pub fn from_manifest(text: &str) -> Result<Self> {
        let manifest: Value =
            toml::from_str(text).context(|| "the workspace's Cargo.toml is not TOML")?;
        let router = ["workspace", "metadata", "lambda", "watch", "router"]
            .iter()
            .try_fold(&manifest, |table, name| table.get(name))
            .and_then(Value::as_table)
            .ok_or_else(|| {
                Error::new(
                    "The workspace's Cargo.toml has no [workspace.metadata.lambda.watch.router].",
                )
            })?;
        router
            .iter()
            .flat_map(|(path, entries)| {
                entries
                    .as_array()
                    .map_or(std::slice::from_ref(entries), Vec::as_slice)
                    .iter()
                    .map(move |entry| read(path, entry))
            })
            .collect::<Result<_>>()
            .map(Self)
    }

    /// All routes.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }

    /// The most specific route for a request, or `None` where API Gateway answers 404.
    ///
    /// `path` has no query. A literal segment wins over a placeholder, the
    /// leftmost difference first.
    pub fn find(&self, method: &str, path: &str) -> Option<Found<'_>> {
        self.0
            .iter()
            .filter(|route| route.method == method)
            .filter_map(|route| {
                route.parameters(path).map(|path_parameters| Found {
                    route,
                    path_parameters,
                })
            })
            .max_by_key(|found| Reverse(found.route.placeholders()))
    }
}

impl Route {
    /// `GET /api/v1/tasks/{task_id}`, the `routeKey` of its events.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn parameters(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let pattern = self.path.split('/');
        let segments = path.split('/');
        if pattern.clone().count() != segments.clone().count() {
            return None;
        }
        pattern
            .zip(segments)
            .filter_map(|(pattern, segment)| match placeholder(pattern) {
                Some(_) if segment.is_empty() => Some(None),
                Some(name) => {
                    let value = percent_decode_str(segment).decode_utf8_lossy();
                    Some(Some((name.to_owned(), value.into_owned())))
                }
                None if pattern == segment => None,
                None => Some(None),
            })
            .collect()
    }

    /// True where a segment is a placeholder, so that smaller means more specific.
    fn placeholders(&self) -> Vec<bool> {
        let segments = self.path.split('/');
        segments
            .map(|segment| placeholder(segment).is_some())
            .collect()
    }
}

fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn read(path: &str, entry: &Value) -> Result<Route> {
    let text = |name: &str| {
        entry
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| Error::new(format!("The router's entry for {path} has no `{name}`.")))
    };
    Ok(Route {
        method: text("method")?,
        path: path.to_owned(),
        function: text("function")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
[workspace.metadata.lambda.watch.router]
"/api/v1/tasks" = [{ function = "list-tasks", method = "GET" }, { function = "create-task", method = "POST" }]
"/api/v1/tasks/{task_id}" = [{ function = "get-task", method = "GET" }]
"/api/{user_id}/tasks" = [{ function = "list-tasks", method = "GET" }]
"/api/{user_id}/tasks/{task_id}" = [{ function = "get-task", method = "GET" }]
"/health/live" = { function = "health", method = "GET" }
"#;

    fn routes() -> Routes {
        Routes::from_manifest(MANIFEST).expect("it is well formed")
    }

    fn found(method: &str, path: &str) -> Option<(String, Vec<(String, String)>)> {
        let routes = routes();
        let found = routes.find(method, path)?;
        Some((
            found.route.key(),
            found.path_parameters.into_iter().collect(),
        ))
    }

    #[test]
    fn every_method_of_every_path_is_a_route() {
        let routes = routes();
        let functions: Vec<&str> = routes.iter().map(|route| route.function.as_str()).collect();
        assert_eq!(functions.len(), 6);
        assert!(functions.contains(&"create-task") && functions.contains(&"health"));
    }

    #[test]
    fn a_literal_segment_wins_over_a_placeholder() {
        assert_eq!(
            found("GET", "/api/v1/tasks"),
            Some(("GET /api/v1/tasks".into(), vec![]))
        );
        assert_eq!(
            found("GET", "/api/v2/tasks"),
            Some((
                "GET /api/{user_id}/tasks".into(),
                vec![("user_id".into(), "v2".into())]
            ))
        );
    }

    #[test]
    fn a_path_parameter_is_percent_decoded_once() {
        assert_eq!(
            found("GET", "/api/v1/tasks/a%20b%2Fc%2525"),
            Some((
                "GET /api/v1/tasks/{task_id}".into(),
                vec![("task_id".into(), "a b/c%25".into())]
            ))
        );
    }

    #[test]
    fn another_method_a_trailing_slash_and_an_empty_segment_are_not_found() {
        assert_eq!(found("PUT", "/api/v1/tasks"), None);
        assert_eq!(found("GET", "/api/v1/tasks/"), None);
        assert_eq!(found("GET", "/api//tasks"), None);
        assert_eq!(found("GET", "/"), None);
    }

    #[test]
    fn an_entry_without_a_method_is_named() {
        let text = "[workspace.metadata.lambda.watch.router]\n\"/x\" = [{ function = \"f\" }]";
        let error = Routes::from_manifest(text).expect_err("it has no method");
        assert_eq!(
            error.to_string(),
            "The router's entry for /x has no `method`."
        );
    }
}

//! The routes of the workspace's manifest, and the search for the route of a request.

use std::collections::BTreeMap;
use std::fs;

use local::{Context, Error, Result, places};
use matchit::Router;
use percent_encoding::percent_decode_str;
use toml::Value;

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

/// The route of a request, and the values of its placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The route.
    pub route: &'a Route,
    /// Values by name, percent-decoded once.
    pub path_parameters: BTreeMap<String, String>,
}

/// All routes of the service.
#[derive(Clone, Debug)]
pub struct Routes {
    all: Vec<Route>,
    /// For each method, the index in `all` of the route of a path.
    by_method: BTreeMap<String, Router<usize>>,
}

impl Routes {
    /// The routes of this workspace.
    ///
    /// # Errors
    /// When `Cargo.toml` cannot be read or has no routes.
    pub fn read() -> Result<Self> {
        let manifest = places::workspace().join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .context(|| format!("cannot read {}", manifest.display()))?;
        Self::from_manifest(&text)
    }

    /// Reads `[workspace.metadata.lambda.watch.router]` of the root `Cargo.toml`.
    ///
    /// # Errors
    /// When the table is missing or an entry lacks `method` or `function`.
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
        let mut routes = Self {
            all: Vec::new(),
            by_method: BTreeMap::new(),
        };
        for (path, entries) in router {
            let one = std::slice::from_ref(entries);
            for entry in entries.as_array().map_or(one, Vec::as_slice) {
                routes.add(read(path, entry)?)?;
            }
        }
        Ok(routes)
    }

    fn add(&mut self, route: Route) -> Result<()> {
        self.by_method
            .entry(route.method.clone())
            .or_default()
            .insert(&route.path, self.all.len())
            .context(|| format!("{} is no route", route.key()))?;
        self.all.push(route);
        Ok(())
    }

    /// All routes.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.all.iter()
    }

    /// The most specific route for a request, or `None` where API Gateway answers 404.
    ///
    /// `path` has no query. A literal segment wins over a placeholder, the
    /// leftmost difference first.
    pub fn find(&self, method: &str, path: &str) -> Option<Found<'_>> {
        let found = self.by_method.get(method)?.at(path).ok()?;
        // matchit lets a placeholder be empty between slashes, API Gateway does not.
        if found.params.iter().any(|(_, value)| value.is_empty()) {
            return None;
        }
        let decode = |value: &str| percent_decode_str(value).decode_utf8_lossy().into_owned();
        Some(Found {
            route: &self.all[*found.value],
            path_parameters: found
                .params
                .iter()
                .map(|(name, value)| (name.to_owned(), decode(value)))
                .collect(),
        })
    }
}

impl Route {
    /// `GET /api/v1/tasks/{task_id}`, the `routeKey` of its events.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
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

//! The text to paste where something is missing.

use testing::gateway::Route;

use crate::service::Service;

pub const AUTH_SECRET: &str = r#"AUTH_SECRET: !Sub ["{{resolve:secretsmanager:${Secret}}}", {Secret: !If [MakesAuthSecret, !Ref GeneratedAuthSecret, !Ref AuthSecret]}]"#;

pub const ACCOUNTS_PASSWORD: &str = r#"ACCOUNTS_PASSWORD: !Sub ["{{resolve:secretsmanager:${Secret}}}", {Secret: !If [MakesAccountsPassword, !Ref GeneratedAccountsPassword, !Ref AccountsPassword]}]"#;

/// For a function without a database, so that it holds no password either.
pub const NO_DATABASE: &str = r#"DATABASE_URL: """#;

/// The value that makes a version for every change: see `Globals` in the template.
pub const DEPLOYMENT: &str = "Migrations.Deployment";

/// An event of a function.
pub fn event(route: &Route) -> String {
    let Route { method, path, .. } = route;
    let path = match path.contains('{') {
        true => format!("\"{path}\""),
        false => path.clone(),
    };
    format!(
        "        {}: {{Type: HttpApi, Properties: {{ApiId: !Ref Api, Method: {method}, Path: {path}}}}}",
        pascal(&route.key().to_lowercase())
    )
}

/// A function with the events of `routes`.
pub fn function(binary: &str, routes: &[&Route]) -> String {
    let name = pascal(binary);
    let environment = match Service::of(binary) {
        Service::SignIn => Some(AUTH_SECRET),
        Service::Account => Some(ACCOUNTS_PASSWORD),
        Service::Tasks => None,
        Service::Nothing => Some(NO_DATABASE),
    };
    let environment = environment
        .map(|variable| format!("      Environment: {{Variables: {{{variable}}}}}\n"))
        .unwrap_or_default();
    let events: Vec<String> = routes.iter().map(|route| event(route)).collect();
    format!(
        "  {name}Function:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${{AWS::StackName}}-{binary}
      CodeUri: target/lambda/{binary}/bootstrap.zip
      VersionDescription: !GetAtt {DEPLOYMENT}
      Role: !GetAtt FunctionRole.Arn
{environment}      Events:
{}",
        events.join("\n")
    )
}

/// `GetTask` of `get-task`.
fn pascal(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

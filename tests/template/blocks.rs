//! What to paste where something is missing.

use testing::gateway::Route;

use crate::service::Service;

pub fn route_block(route: &Route) -> String {
    let (name, integration) = (pascal(&route.key().to_lowercase()), pascal(&route.function));
    let key = route.key();
    format!(
        "  {name}Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: {key}
      Target: !Sub integrations/${{{integration}Integration}}"
    )
}

pub const SECRET_BLOCK: &str = r#"      Environment:
        Variables:
          AUTH_SECRET: !If
            - MakesAuthSecret
            - !Sub "{{resolve:secretsmanager:${GeneratedAuthSecret}:SecretString:::${AuthSecretVersion}}}"
            - !Sub "{{resolve:secretsmanager:${AuthSecret}:SecretString:::${AuthSecretVersion}}}"
"#;

/// For a function without a database, so that it holds no password either.
pub const NO_DATABASE_BLOCK: &str = r#"      Environment:
        Variables:
          DATABASE_URL: ""
"#;

/// What the environment of a function says of parameters, once more: see
/// `Globals` in the template.
pub const VERSION_DESCRIPTION: &str = "${DatabaseUrlSecretVersion} ${AuthSecretVersion} ${AuthUrl} ${JwksSource} ${PasswordMinLength} ${LogLevel} ${ServerTiming} ${Tracing}";

pub fn integration_uri(function: &str) -> String {
    format!("!If [DeploysGradually, !Ref {function}.Alias, !GetAtt {function}.Arn]")
}

pub fn function_block(binary: &str) -> String {
    let name = pascal(binary);
    let environment = match Service::of(binary) {
        Service::Accounts => SECRET_BLOCK,
        Service::Context => "",
        Service::Nothing => NO_DATABASE_BLOCK,
    };
    let integration_uri = integration_uri(&format!("{name}Function"));
    format!(
        "  {name}Function:
    Type: AWS::Serverless::Function
    DependsOn: Migrations
    Metadata:
      SkipBuild: true
    Properties:
      FunctionName: !Sub ${{AWS::StackName}}-{binary}
      CodeUri: target/lambda/{binary}/
      VersionDescription: !Sub {VERSION_DESCRIPTION}
      Role: !GetAtt FunctionRole.Arn
{environment}  {name}Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !If [DeploysGradually, !Ref {name}Function.Alias, !Ref {name}Function]
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*
  {name}Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: {integration_uri}
      PayloadFormatVersion: \"2.0\""
    )
}

/// `GetTask` of `get-task`.
fn pascal(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

//! What to paste where something is missing.

use local::gateway::Route;

use crate::{serves_files, signs};

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

pub const NO_DATABASE_BLOCK: &str = r#"      Environment:
        Variables:
          DATABASE_URL: ""
"#;

pub fn function_block(binary: &str) -> String {
    let name = pascal(binary);
    let environment = match binary {
        binary if signs(binary) => SECRET_BLOCK,
        binary if serves_files(binary) => NO_DATABASE_BLOCK,
        _ => "",
    };
    format!(
        "  {name}Function:
    Type: AWS::Serverless::Function
    Metadata:
      SkipBuild: true
    Properties:
      FunctionName: !Sub ${{AWS::StackName}}-{binary}
      CodeUri: target/lambda/{binary}/
      Role: !GetAtt FunctionRole.Arn
{environment}  {name}Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref {name}Function
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*
  {name}Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt {name}Function.Arn
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

"""What publishes a version of the functions, where the traffic goes, and that
CloudFormation can make all of it."""

import unittest

from transformed import packaged, template, transform, versions

# A value that differs from the default.
OTHERS = {
    "DatabaseUrlSecret": "other", "DatabaseUrlDirectSecret": "other", "AuthSecret": "other",
    "AccountsPassword": "other", "KmsKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/1",
    "DomainName": "todo.example.com", "CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/1",
    "DefaultEndpoint": "off", "PublicUrl": "https://todo.example.com", "ProxySecretHash": "0" * 64,
    "CorsOrigins": "https://app.example.com", "Registration": "closed", "AuthUrl": "https://app.example.com",
    "JwksSource": "http", "PasswordMinLength": "15", "SmtpUrlSecret": "other",
    "MailFrom": "tasks@example.com", "PasswordResetUrl": "https://todo.example.com/", "RequestRate": "1", "RequestBurst": "1",
    "SignInRate": "1", "SignInBurst": "1", "SignInReservedConcurrency": "1", "Architecture": "x86_64",
    "Deployment": "Canary10Percent5Minutes", "LogLevel": "warn", "LogRetentionDays": "7",
    "Tracing": "Active", "ServerTiming": "on", "JourneyMinutes": "5", "AlarmEmail": "ops@example.com",
}

# Migrations refers to it, so it cannot refer to Migrations.
PROGRAM = "MigrateFunction"


def functions():
    return [resource["Properties"] for resource in template()["Resources"].values()
            if resource["Type"] == "AWS::Serverless::Function"]


class Versions(unittest.TestCase):
    def published(self, before, after):
        """The functions that have another version."""
        self.assertEqual(before.keys(), after.keys())
        return {name for name in before if before[name] != after[name]}

    def test_a_change_of_any_parameter_publishes_a_version_of_every_function(self):
        source = packaged()
        before = versions(source, {})
        self.assertEqual(OTHERS.keys(), source["Parameters"].keys())
        for name, value in OTHERS.items():
            with self.subTest(name):
                published = self.published(before, versions(source, {name: value}))
                self.assertEqual(before.keys() - published - {PROGRAM}, set())

    def test_other_roots_publish_a_version_of_every_function(self):
        before = versions(packaged(), {})
        after = versions(packaged(contents={"RootsLayer": "1"}), {})
        self.assertEqual(self.published(before, after), before.keys())

    def test_new_code_publishes_a_version_of_its_function(self):
        before = versions(packaged(), {})
        after = versions(packaged(contents={"GetTaskFunction": "1"}), {})
        self.assertEqual(self.published(before, after), {"GetTaskFunction"})

    def test_new_code_of_the_migrations_publishes_a_version_of_every_function(self):
        before = versions(packaged(), {})
        after = versions(packaged(contents={PROGRAM: "1"}), {})
        self.assertEqual(self.published(before, after), before.keys())

    def test_each_deployment_publishes_a_version_of_every_function_and_keeps_the_last(self):
        """`./deploy` takes another prefix each time. Another name is another
        resource, and the old one is retained; another description alone would
        replace the old one."""
        before = versions(packaged("20261127T150405Z"), {})
        after = versions(packaged("20261127T150406Z"), {})
        for function, (name, _) in before.items():
            self.assertNotEqual(after[function][0], name)
        for resource in transform(packaged(), {}).values():
            if resource["Type"] == "AWS::Lambda::Version":
                self.assertEqual(resource["DeletionPolicy"], "Retain")

    def test_each_deployment_updates_what_the_secrets_stand_in(self):
        """Which is when CloudFormation reads them again."""
        before, after = ({name: resource["Properties"]["Environment"]
                          for name, resource in transform(packaged(prefix), {}).items()
                          if resource["Type"] == "AWS::Lambda::Function"}
                         for prefix in ("20261127T150405Z", "20261127T150406Z"))
        self.assertEqual(len(before), len(functions()))
        for function in before:
            self.assertNotEqual(before[function], after[function], function)

    def test_nothing_new_publishes_nothing(self):
        self.assertEqual(self.published(versions(packaged(), {}), versions(packaged(), {})), set())


class Traffic(unittest.TestCase):
    def test_it_goes_to_the_alias_however_it_is_shifted(self):
        deployments = template()["Parameters"]["Deployment"]["AllowedValues"]
        self.assertEqual(set(deployments), template()["Mappings"]["Gradual"]["Of"].keys())
        for deployment in ("AllAtOnce", "Canary10Percent5Minutes", "Linear10PercentEvery1Minute"):
            resources = transform(packaged(), {"Deployment": deployment})
            paths = resources["Api"]["Properties"]["Body"]["paths"]
            uris = [method["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
                    for path in paths.values() for method in path.values()]
            events = [event for function in functions() for event in function.get("Events", {}).values()]
            self.assertEqual(len(uris), sum(event["Type"] == "HttpApi" for event in events))
            for uri in uris:
                self.assertRegex(uri, r"\$\{\w+FunctionAliaslive\}")
            aliases = [resource for resource in resources.values() if resource["Type"] == "AWS::Lambda::Alias"]
            shifted = [alias for alias in aliases if "UpdatePolicy" in alias]
            # Not the migrations and the journey, which take none.
            self.assertEqual(len(shifted), 0 if deployment == "AllAtOnce" else len(aliases) - 2, deployment)

    def test_a_gradual_deployment_goes_back_on_the_alarm(self):
        resources = transform(packaged(), {"Deployment": "Linear10PercentEvery1Minute"})
        group = resources["GetTaskFunctionDeploymentGroup"]["Properties"]
        name = resources["ServerErrorsAlarm"]["Properties"]["AlarmName"]
        self.assertEqual(group["AlarmConfiguration"], {"Enabled": True, "Alarms": [{"Name": name}]})
        self.assertIn("DEPLOYMENT_STOP_ON_ALARM", group["AutoRollbackConfiguration"]["Events"])


class Limits(unittest.TestCase):
    def test_a_template_has_room_for_its_resources_and_secrets(self):
        """500 resources and 60 dynamic references.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""
        resources = transform(packaged(), {})
        references = str(resources).count("{{resolve:")
        print(f"\n{len(resources)} resources, {references} dynamic references")
        self.assertLess(len(resources), 500)
        self.assertLessEqual(references, 60)

    def test_two_stacks_of_one_account_name_nothing_the_same(self):
        """What is given a name has the stack's in it."""
        within = ("AWS::Lambda::Alias", "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Logs::MetricFilter")
        named = {"Name", "FunctionName", "LayerName", "LogGroupName", "AlarmName", "DashboardName"}
        for logical_id, resource in transform(packaged(), {}).items():
            if resource["Type"] in within:
                continue
            for key in named & resource.get("Properties", {}).keys():
                self.assertIn("AWS::StackName", str(resource["Properties"][key]), f"{logical_id}.{key}")


if __name__ == "__main__":
    unittest.main()

"""`./deploy back`, by the real AWS CLI against moto's Lambda."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from fake_aws import FakeAws, package
from test_deploy import ARM64, elf

ROOT = Path(__file__).resolve().parents[2]

# Enough of a template: each call of the AWS CLI takes a second.
TEMPLATE = "  Architecture: {Default: arm64}\n" + "".join(
    f"      FunctionName: !Sub ${{AWS::StackName}}-{name}\n      CodeUri: {name}.zip\n"
    for name in ("get-task", "login", "migrate", "journey")
)
SERVING = ["todo-dev-get-task", "todo-dev-login"]


class Back(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = FakeAws()
        cls.addClassCleanup(cls.aws.stop)

    def setUp(self):
        self.aws.reset()
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("deploy", "samconfig.toml"):
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "template.yaml").write_text(TEMPLATE)
        for name in [*SERVING, "todo-dev-2-get-task"]:
            self.aws.make_function(name, versions=3)

    def run_deploy(self, *arguments):
        environment = {**self.aws.environment, "PATH": f"{self.root}:{self.aws.environment['PATH']}"}
        return subprocess.run(
            [self.root / "deploy", *arguments], capture_output=True, text=True, env=environment)

    def live(self, name):
        return self.aws.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]

    def test_it_lists_the_deployments_of_which_every_function_has_a_version(self):
        self.aws.publish("todo-dev-login", 4)

        run = self.run_deploy("back", "dev")

        self.assertEqual((run.returncode, run.stderr), (0, ""))
        told = [line.split() for line in run.stdout.splitlines()]
        self.assertEqual([line[0] for line in told], ["deployment-3", "deployment-2", "deployment-1"])
        self.assertEqual([line[2:] for line in told], [["serves"], [], []])
        for line in told:
            self.assertRegex(line[1], r"^\d{4}-\d\d-\d\dT")
        self.assertEqual([self.live(name) for name in SERVING], ["3", "3"])

    def test_it_points_every_function_of_the_stack_at_its_version_of_a_deployment(self):
        self.aws.client("lambda").delete_function(FunctionName="todo-dev-login")
        self.aws.make_function("todo-dev-login", versions=1)
        self.aws.publish("todo-dev-login", 3)

        run = self.run_deploy("back", "dev", "deployment-1")

        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual(run.stdout, "todo-dev-get-task: 3 -> 1\ntodo-dev-login: 1 -> 1\n")
        self.assertEqual([self.live(name) for name in SERVING], ["1", "1"])
        self.assertEqual(self.live("todo-dev-2-get-task"), "3")
        run = self.run_deploy("back", "dev", "deployment-3")
        self.assertEqual(run.stdout, "todo-dev-get-task: 1 -> 3\ntodo-dev-login: 1 -> 2\n")

    def test_without_a_version_of_each_function_nothing_is_touched(self):
        self.aws.client("lambda").delete_function(FunctionName="todo-dev-login", Qualifier="2")

        run = self.run_deploy("back", "dev", "deployment-2")

        self.assertEqual(run.returncode, 1)
        self.assertIn(
            "Nothing was changed, because not every function has a version of deployment-2.", run.stderr)
        self.assertEqual([self.live(name) for name in SERVING], ["3", "3"])

    def test_a_deployment_after_it_has_to_be_told_so(self):
        for name in ("get-task", "login", "migrate", "journey"):
            (self.root / f"{name}.zip").write_bytes(package(elf(ARM64)))
        # In place of the SAM CLI, one that says what it was told.
        sam = self.root / "sam"
        sam.write_text('#!/bin/sh\necho "$@"\n')
        sam.chmod(0o755)
        self.assertEqual(self.run_deploy("dev").returncode, 0)
        self.run_deploy("back", "dev", "deployment-2")

        run = self.run_deploy("dev")

        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertIn("./deploy dev --after-back", run.stderr)
        run = self.run_deploy("dev", "--after-back", "--no-confirm-changeset")
        self.assertEqual(run.returncode, 0)
        self.assertIn("--no-confirm-changeset", run.stdout)
        self.assertNotIn("--after-back", run.stdout)
        # A deployment points the aliases at its own versions and leaves their descriptions.
        self.aws.client("lambda").update_alias(
            FunctionName="todo-dev-get-task", Name="live", FunctionVersion="3")
        self.assertEqual(self.run_deploy("dev").returncode, 0)


if __name__ == "__main__":
    unittest.main()

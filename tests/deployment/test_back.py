"""`./deploy back`, by the real AWS CLI against moto's Lambda."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from fake_aws import FakeAws

ROOT = Path(__file__).resolve().parents[2]

# Enough of a template: each call of the AWS CLI takes a second.
TEMPLATE = "".join(
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

    def back(self):
        command = [self.root / "deploy", "back", "dev"]
        return subprocess.run(command, capture_output=True, text=True, env=self.aws.environment)

    def live(self, name):
        return self.aws.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]

    def test_it_points_every_function_of_the_stack_at_the_version_before(self):
        run = self.back()

        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual(run.stdout, "".join(f"{name}: 3 -> 2\n" for name in SERVING))
        self.assertEqual([self.live(name) for name in SERVING], ["2", "2"])
        self.assertEqual(self.live("todo-dev-2-get-task"), "3")

    def test_without_a_version_before_nothing_is_touched(self):
        for version in ("1", "2"):
            self.aws.client("lambda").delete_function(FunctionName="todo-dev-login", Qualifier=version)

        run = self.back()

        self.assertEqual(run.returncode, 1)
        self.assertIn("Nothing was changed, because these have no version before: todo-dev-login.", run.stderr)
        self.assertEqual([self.live(name) for name in SERVING], ["3", "3"])


if __name__ == "__main__":
    unittest.main()

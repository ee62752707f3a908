"""What `./deploy` lets through to `sam deploy`, and what it says otherwise."""

import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = re.findall(r"^      CodeUri: (\S+)$", (ROOT / "template.yaml").read_text(), re.MULTILINE)
ARM64, X86_64, RISC_V = 183, 62, 243


def elf(machine):
    return b"\x7fELF" + bytes([2, 1, 1]) + bytes(9) + struct.pack("<HH", 3, machine)


class Deploy(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("deploy", "template.yaml", "samconfig.toml"):
            shutil.copy(ROOT / name, self.root / name)
        # In place of the SAM CLI, one that says what it was told; to AWS there is no function yet.
        self.program("sam", 'printf "%s\\n" "$@"')
        self.program("aws", "echo 'An error occurred (ResourceNotFoundException)' >&2; exit 254")
        for name in FUNCTIONS:
            self.package(name, elf(ARM64))

    def program(self, name, commands):
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{commands}\n")
        path.chmod(0o755)

    def package(self, name, program):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("bootstrap", program)

    def configure(self, line):
        config = self.root / "samconfig.toml"
        config.write_text(config.read_text().replace("parameter_overrides = [", f"parameter_overrides = [\n    {line},", 1))

    def deploy(self, *arguments):
        path = f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [self.root / "deploy", *arguments],
            capture_output=True, text=True, env={**os.environ, "PATH": path},
        )

    def refused(self, *arguments):
        run = self.deploy(*arguments)
        self.assertEqual((run.returncode, run.stdout), (1, ""), run.stderr)
        return run.stderr

    def test_packages_of_the_right_machine_are_deployed_under_a_prefix_of_their_own(self):
        run = self.deploy("prod", "--no-confirm-changeset")

        told = run.stdout.splitlines()
        self.assertEqual(told[:3], ["deploy", "--config-env", "prod"], run.stderr)
        self.assertEqual(told[-1], "--no-confirm-changeset")
        prefix = told[told.index("--s3-prefix") + 1]
        self.assertRegex(prefix, r"^todo-service/prod/\d{8}T\d{6}Z$")
        self.assertIn(str(self.root.resolve() / "template.yaml"), told)

    def test_a_package_of_another_machine_is_named_with_what_to_do(self):
        self.package("target/lambda/get-task/bootstrap.zip", elf(X86_64))

        said = self.refused("dev")

        self.assertIn("target/lambda/get-task/bootstrap.zip was built for x86_64, and Architecture is arm64.", said)
        self.assertIn("cargo lambda build --release --arm64", said)
        self.assertEqual(said.count("was built for"), 1)

    def test_the_architecture_of_the_stage_decides(self):
        self.configure('"Architecture=x86_64"')

        said = self.refused("dev")

        self.assertEqual(said.count("was built for arm64"), len(FUNCTIONS))
        self.assertIn("cargo lambda build --release --x86-64", said)
        for name in FUNCTIONS:
            self.package(name, elf(X86_64))
        self.assertEqual(self.deploy("dev").returncode, 0)
        self.refused("prod")

    def test_a_missing_package_is_named(self):
        (self.root / "target/lambda/login/bootstrap.zip").unlink()
        (self.root / "target/lambda/web/bootstrap.zip").write_text("no archive")

        said = self.refused("dev")

        for name in ("login", "web"):
            self.assertIn(f"target/lambda/{name}/bootstrap.zip is missing, or no package", said)
        self.assertIn("unpack a release for arm64 here", said)

    def test_strange_programs_are_named(self):
        self.package("target/lambda/login/bootstrap.zip", elf(RISC_V))
        self.package("target/lambda/web/bootstrap.zip", b"\xcf\xfa\xed\xfe" + bytes(30))

        said = self.refused("dev")

        self.assertIn("login/bootstrap.zip was built for machine 243", said)
        self.assertIn("web/bootstrap.zip was built for something else than Linux", said)

    def test_a_stage_that_is_not_configured_is_named(self):
        self.assertIn("samconfig.toml has no [test.deploy.parameters].", self.refused("test"))
        self.assertIn("./deploy dev", self.refused())


if __name__ == "__main__":
    unittest.main()

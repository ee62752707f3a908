"""Walks the guide: each of its commands is run here, against moto as far as
that plays AWS, or elsewhere by a check that is named below, or the guide says
that it has never been seen."""

import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path

from fake_aws import FakeAws
from test_deploy import ARM64, FUNCTIONS, elf
from transformed import packaged, transform

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs/operations.md", *sorted((ROOT / "docs/operations").glob("*.md"))]

# Blocks that begin like this are run by something else, which says so.
ELSEWHERE = {
    "rustup target add": (".ci/run", "cargo lambda build --release --locked --arm64"),
    "cargo lambda build": (".ci/run", "cargo lambda build --release --locked --arm64"),
    "export PGSSLROOTCERT": ("tests/api/restore.rs", 'commands("A dump at another provider")'),
    "cargo run --bin migrate": ("tests/api/restore.rs", 'commands("Restoring a dump")'),
    "API_URL=": ("tests/api/journey.rs", 'binary("journey")'),
    "./deploy back": ("tests/deployment/test_back.py", '"back"'),
}

# Blocks that begin like this need what is not here; the guide says so.
NEVER = {
    "gh release download": "`gh release download` and `gh attestation verify`",
    "openssl s_client": "`openssl s_client`",
    "aws cloudformation continue-update-rollback": "`aws cloudformation continue-update-rollback`",
    "aws cloudformation update-termination-protection": "`aws cloudformation update-termination-protection`",
}

# Programs in place of others: a deployment makes a stack.
PROGRAMS = {
    "sam": """
stage=$(echo "$*" | sed -n 's/.*--config-env \\([a-z]*\\).*/\\1/p')
if [ -n "$stage" ]; then aws cloudformation describe-stacks --stack-name "todo-$stage" >/dev/null 2>&1 ||
    aws cloudformation create-stack --stack-name "todo-$stage" --template-body file://stack.json; fi
""",
    "pg_dump": "echo a dump",
}



def stack(**outputs):
    """A stack that has nothing but outputs, as far as moto cares."""
    outputs = {name: {"Value": value} for name, value in outputs.items()}
    return json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs})


class Api(http.server.BaseHTTPRequestHandler):
    """Says yes, in place of the API."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *_):
        pass


def blocks(page):
    """The blocks of commands, indented ones as well."""
    found = re.findall(r"(?ms)^( *)```sh\n(.*?)^ *```$", page.read_text())
    return [re.sub(rf"(?m)^{indent}", "", block) for indent, block in found]


class Guide(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.root = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for name in (".ci", "deploy", "template.yaml", "cdn.yaml", "samconfig.toml", "layers", "LICENSE",
                     "CHANGELOG.md", "Cargo.toml", "docs"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, cls.root / name)
        for name in FUNCTIONS:
            package = cls.root / name
            package.parent.mkdir(parents=True)
            with zipfile.ZipFile(package, "w") as archive:
                archive.writestr("bootstrap", elf(ARM64))
        programs = cls.root / "programs"
        programs.mkdir()
        for name, commands in PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{commands}\n")
            (programs / name).chmod(0o755)

        api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        threading.Thread(target=api.serve_forever, daemon=True).start()
        cls.addClassCleanup(api.server_close)
        cls.addClassCleanup(api.shutdown)
        cls.aws = FakeAws()
        cls.addClassCleanup(cls.aws.stop)
        cls.aws.reset()
        url = f"http://127.0.0.1:{api.server_port}"
        ours = stack(ApiUrl=url, DefaultUrl="https://abc.execute-api.eu-central-1.amazonaws.com")
        (cls.root / "stack.json").write_text(ours)
        cls.aws.client("cloudformation").create_stack(StackName="todo-prod", TemplateBody=ours)
        secret = cls.aws.client("secretsmanager", "us-east-1").create_secret(Name="proxy", SecretString="a secret")
        client = cls.aws.client("cloudformation", "us-east-1")
        client.create_stack(StackName="todo-prod-cdn", TemplateBody=stack(ProxySecretArn=secret["ARN"]))
        cls.aws.make_function("todo-dev-get-task", versions=12)
        cls.aws.client("logs").create_log_group(logGroupName="/aws/lambda/todo-dev")
        cls.aws.client("s3").create_bucket(
            Bucket="dumps", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        secret = cls.aws.client("secretsmanager").create_secret(Name="auth-secret", SecretString="old")
        cls.environment = {
            **cls.aws.environment, "PATH": f"{programs}:{os.environ['PATH']}", "bucket": "dumps", "owner": "owner",
            "auth_secret_arn": secret["ARN"], "accounts_password_arn": secret["ARN"],
            "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
            "DATABASE_URL": "postgresql://one", "DATABASE_URL_DIRECT": "postgresql://two",
        }

    def run_block(self, block):
        command = ["bash", "-euo", "pipefail", "-c", block]
        run = subprocess.run(command, capture_output=True, text=True, env=self.environment, cwd=self.root)
        self.assertEqual(run.returncode, 0, f"{block}\n{run.stdout}\n{run.stderr}")
        return run.stdout

    def test_every_command_is_run_or_is_said_not_to_have_been(self):
        (unseen,) = re.findall(r"(?s)\nNone of the following has been seen.*", PAGES[0].read_text())
        self.run_block("bash .ci/release arm64 --pack && python3 -m zipfile --extract "
                       "target/release-files/todo-service-0.1.0-arm64.zip . && "
                       "chmod +x todo-service-0.1.0-arm64/deploy")
        steps = [(page.name, block) for page in PAGES for block in blocks(page)]
        # The first page ends with the end of the stack.
        steps.sort(key=lambda step: "delete-secret" in step[1])
        walked = 0
        for page, block in steps:
            with self.subTest(f"{page}: {block.splitlines()[0]}"):
                elsewhere = [it for beginning, it in ELSEWHERE.items() if block.startswith(beginning)]
                never = [text for beginning, text in NEVER.items() if block.startswith(beginning)]
                if never:
                    self.assertIn(never[0], unseen)
                elif elsewhere and "./deploy dev" not in block:
                    file, text = elsewhere[0]
                    self.assertIn(text, (ROOT / file).read_text())
                else:
                    self.run_block(block.replace("cargo lambda build --release --arm64\n", ""))
                    walked += 1
        self.assertGreater(walked, 15)

    def test_a_hash_of_the_proxys_secret_is_one_that_the_template_takes(self):
        (block,) = [block for block in blocks(ROOT / "docs/operations/domain.md") if "sha256sum" in block]
        self.assertEqual(self.run_block(block).strip(), hashlib.sha256(b"a secret").hexdigest())

    def test_the_rights_cover_every_kind_of_resource(self):
        (policy,) = re.findall(r"(?s)```json\n(.*?)```", (ROOT / "docs/operations/rights.md").read_text())
        actions = str([statement["Action"] for statement in json.loads(policy)["Statement"]])
        services = {"ApiGatewayV2": "apigateway", "Logs": "logs", "WAFv2": "wafv2"}
        kinds = {resource["Type"] for resource in transform(packaged(), {"Deployment": "Canary10Percent5Minutes"}).values()}
        kinds |= set(re.findall(r"Type: (AWS::\S+)", (ROOT / "cdn.yaml").read_text()))
        for kind in kinds - {"Custom::Migrations"}:
            service = kind.split("::")[1]
            self.assertIn(f"'{services.get(service, service.lower())}:", actions, kind)

    def test_every_link_leads_somewhere(self):
        for page in [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
            for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
                file, _, anchor = target.partition("#")
                there = (page.parent / file).resolve() if file else page
                self.assertTrue(there.exists(), f"{page.name}: {target}")
                if anchor and there.suffix == ".md":
                    headings = re.findall(r"(?m)^#+ (.*)$", there.read_text())
                    anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
                    self.assertIn(anchor, anchors, f"{page.name}: {target}")


if __name__ == "__main__":
    unittest.main()

"""AWS as moto plays it, for the real AWS CLI."""

import io
import logging
import os
import urllib.request
import zipfile

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"


def package(text):
    """The package of a function."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bootstrap", text)
    return buffer.getvalue()


class FakeAws:
    def __init__(self):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION, "AWS_PAGER": "",
            "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def client(self, service, region=REGION):
        session = boto3.Session("testing", "testing", region_name=region)
        return session.client(service, endpoint_url=self.url)

    def reset(self):
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")
        urllib.request.urlopen(request).close()

    def stop(self):
        self.server.stop()

    def make_function(self, name, versions):
        """A function with this many versions of as many deployments, the last of them live."""
        iam, lambdas = self.client("iam"), self.client("lambda")
        roles = [role["Arn"] for role in iam.list_roles()["Roles"]]
        role = roles[0] if roles else iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        lambdas.create_function(
            FunctionName=name, Role=role, Runtime="provided.al2023", Handler="bootstrap",
            Code={"ZipFile": package("0")})
        for number in range(1, versions + 1):
            self.publish(name, number)
        lambdas.create_alias(FunctionName=name, Name="live", FunctionVersion=str(versions))

    def publish(self, name, number):
        """One more version, of the deployment of this number."""
        lambdas = self.client("lambda")
        lambdas.update_function_code(FunctionName=name, ZipFile=package(str(number)))
        lambdas.publish_version(FunctionName=name, Description=f"deployment-{number}")

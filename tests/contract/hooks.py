"""What the document cannot say in JSON Schema, each as narrow as it is.

A failure is passed over only if the service says that it is for one of these
reasons, and the request gave that reason.
"""

import json
import os
import re

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives requests what makes them go well."""
    is_example = case.meta is not None and case.meta.phase.name == "examples"
    # Nobody guesses a version, so half of those that are guessed stand for any.
    if_match = (case.headers or {}).get("If-Match")
    if isinstance(if_match, str) and not is_example and is_list_of_tags(if_match) and len(if_match) % 2:
        case.headers["If-Match"] = "*"
    # The example is the only refresh token that Schemathesis knows.
    is_refresh = case.operation.path.endswith("/refresh")
    if is_refresh and case.body == {"refresh_token": os.environ["EXAMPLE_REFRESH_TOKEN"]}:
        case.body = {"refresh_token": os.environ["TODO_REFRESH_TOKEN"]}
    # Nor does it know a token of a link.
    is_reset = case.operation.path.endswith("/reset-password")
    if is_reset and is_example:
        case.body = {**case.body, "token": os.environ["TODO_RESET_TOKEN"]}
    # Each answer takes 3 s, until there were too many for one address.
    is_forgotten = case.operation.path.endswith("/forgot-password")
    if is_forgotten and isinstance(case.body, dict) and is_email(case.body.get("email")):
        case.body["email"] = "ada@example.com"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Says which failures count."""
    if isinstance(failure, UnsupportedMethodResponse):
        return not is_answer_of_api_gateway(response)
    if isinstance(failure, RejectedPositiveData):
        return not is_beyond_json_schema(case, problem_of(response))
    return True


def is_answer_of_api_gateway(response):
    """HTTP APIs know no 405: a method that has no route is not found, or goes
    to `{task_id}` where that has it, as in `PUT /api/v1/tasks/stats`.
    `cargo dev` says it as a problem."""
    said = problem_of(response)
    if response.status_code == 404:
        return said == {"message": "Not Found"} or said.get("detail", "").startswith("Nothing is served")
    return said.get("detail", "").startswith("The task id in the path must be a UUID")


def is_beyond_json_schema(case, problem):
    """Whether a rule was broken that compares the request with what is stored,
    or two parts of it with each other."""
    query, headers = case.query or {}, case.headers or {}
    match problem.get("type"):
        case "/problems/bad-request":
            # Opaque values have to be ours.
            return (
                ("cursor" in query and problem["detail"].startswith("The cursor is not one"))
                or ("since" in query and problem["detail"].startswith("`since` is not a"))
                or ({"cursor", "offset"} <= query.keys() and problem["detail"].startswith("Send either"))
            )
        case "/problems/precondition-failed":
            names_operations = all(
                error["pointer"].startswith("/operations/") for error in problem.get("errors", [{"pointer": ""}])
            )
            return "If-Match" in headers or names_operations
        case "/problems/idempotency-key-reused" | "/problems/gone":
            return "Idempotency-Key" in headers
        case "/problems/invalid":
            return all(is_about_secret(error) or is_about_deletion(error) for error in problem["errors"])
    return False


def is_list_of_tags(value):
    return re.fullmatch(r'[ ,]*((W/)?"[!#-+\--~]*"[ ,]*)+', value) is not None


def is_email(value):
    return isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[A-Za-z]+", value) is not None


def is_about_secret(error):
    """Which passwords are common is a list, and the user's password and the
    token of a link are secrets."""
    return error in (
        {"pointer": "/token", "detail": "is not valid (any more). Ask for another link."},
        {"pointer": "/current_password", "detail": "is not your password."},
        {"pointer": "/password", "detail": "is not your password."},
        {"pointer": "/password", "detail": "is one of the most common passwords; choose another."},
        {"pointer": "/password", "detail": "must not be the e-mail address or the name of the service."},
    )


def is_about_deletion(error):
    """Two operations of a batch may name one task."""
    rule = "is the id of a task that a later operation deletes: leave this one out."
    return error["pointer"].startswith("/operations/") and error["detail"] == rule


def problem_of(response):
    body = body_of(response)
    return body if isinstance(body, dict) else {}


def body_of(response):
    try:
        return json.loads(response.content)
    except ValueError:
        return None

"""The generated client against a running service, whose address is its argument."""

import sys
from uuid import uuid4

from todo import AuthenticatedClient, Client
from todo.api.account import get_me
from todo.api.sessions import register
from todo.api.tasks import create_task, list_tasks, update_task
from todo.models import (
    InvalidProblem,
    NewTask,
    PreconditionFailedProblem,
    Registration,
    Session,
    Task,
    TaskChanges,
    TaskList,
    UnauthorizedProblem,
)


def claim(is_true: bool, text: str) -> None:
    if not is_true:
        raise SystemExit(f"This is not so: {text}")
    print(text)


address = sys.argv[1]
account = Registration(
    name="Ada", email=f"{uuid4()}@example.com", password=f"correct horse {uuid4()}"
)
session = register.sync(client=Client(base_url=address), body=account)
assert isinstance(session, Session)
api = AuthenticatedClient(base_url=address, token=session.access_token)

created = create_task.sync_detailed(client=api, body=NewTask(title="Buy milk"))
task = created.parsed
assert isinstance(task, Task)
tasks = list_tasks.sync(client=api)
claim(
    isinstance(tasks, TaskList) and tasks.tasks[0].id == task.id,
    "a task is created and listed",
)

refused = get_me.sync(client=AuthenticatedClient(base_url=address, token="nobody"))
claim(
    isinstance(refused, UnauthorizedProblem) and refused.status == 401,
    "a bad token is an unauthorized problem",
)

blank = create_task.sync(client=api, body=NewTask(title=" "))
claim(
    isinstance(blank, InvalidProblem) and blank.errors[0].pointer == "/title",
    "a blank title is an invalid problem that names it",
)


def rename(title: str) -> object:
    return update_task.sync(
        task.id,
        client=api,
        body=TaskChanges(title=title),
        if_match=created.headers["etag"],
    )


renamed = rename("Buy oat milk")
claim(
    isinstance(renamed, Task) and renamed.version == 2,
    "a change makes another version",
)
claim(
    isinstance(rename("Buy goat milk"), PreconditionFailedProblem),
    "a change of an old version is a precondition-failed problem",
)

"""Four operations on tasks: get, list, create, update.

DATABASE_URL   the pooler; its certificate is checked against DATABASE_CA
JWKS_URL       the public keys of the tokens, kept after the first request
TOKEN_ISSUER   issuer and audience of the tokens
CONNECTION     "null" opens a connection for each use, as SQLAlchemy advises for
               a pooler and a serverless function; "keep" keeps one
"""

import os
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from mangum import Mangum
from pydantic import field_validator, model_validator
from sqlalchemy import Column, DateTime, FetchedValue
from sqlalchemy.pool import NullPool, QueuePool
from sqlmodel import Field, Session, SQLModel, create_engine, func, select

ISSUER = os.environ["TOKEN_ISSUER"]
POOLS: dict[str, dict[str, Any]] = {
    "null": {"poolclass": NullPool},
    # A kept connection may have died while the environment was frozen.
    "keep": {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0, "pool_pre_ping": True},
}
engine = create_engine(
    os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg2://"),
    connect_args={"sslrootcert": os.environ["DATABASE_CA"]},
    **POOLS[os.environ["CONNECTION"]],
)
keys = jwt.PyJWKClient(os.environ["JWKS_URL"], cache_keys=True, lifespan=600)
bearer = HTTPBearer()
app = FastAPI()

Status = Literal["pending", "in_progress", "completed"]


class Task(SQLModel, table=True):
    __tablename__ = "tasks"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: str
    title: str
    description: str = ""
    status: str = "pending"
    due_date: date | None = None
    version: int = 1
    created_at: datetime = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=FetchedValue())
    )
    updated_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    deleted_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )

    @property
    def completed(self) -> bool:
        return self.status == "completed"


class TaskValues(SQLModel):
    """What a client says of a task."""

    title: str | None = Field(default=None, max_length=200)
    description: str = Field(default="", max_length=1000)
    status: Status | None = None
    completed: bool | None = None
    due_date: date | None = None

    @field_validator("title", mode="before")
    @classmethod
    def trim(cls, title: Any) -> Any:
        title = title.strip() if isinstance(title, str) else title
        if not title:
            raise ValueError("1 to 200 characters")
        return title

    @field_validator("title", "description")
    @classmethod
    def refuse_nul(cls, text: str) -> str:
        if "\0" in text:
            raise ValueError("no NUL")
        return text

    @model_validator(mode="after")
    def agree(self) -> "TaskValues":
        if None not in (self.status, self.completed):
            if self.completed != (self.status == "completed"):
                raise ValueError("status and completed disagree")
        return self

    def columns(self) -> dict[str, Any]:
        columns = self.model_dump(exclude_unset=True, exclude={"completed"})
        if self.completed is not None and self.status is None:
            columns["status"] = "completed" if self.completed else "pending"
        return columns


class NewTask(TaskValues):
    title: str = Field(max_length=200)


class TaskAnswer(SQLModel):
    id: UUID
    user_id: str
    title: str
    description: str
    status: str
    completed: bool
    due_date: date | None
    created_at: datetime
    updated_at: datetime | None
    version: int


class TaskList(SQLModel):
    tasks: list[TaskAnswer]
    total: int


def current_user(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
    token = credentials.credentials
    try:
        claims = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token).key,
            algorithms=["EdDSA"],
            issuer=ISSUER,
            audience=ISSUER,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401, "the token is not good") from error
    return claims["sub"]


def session():
    with Session(engine) as session:
        yield session


User = Annotated[str, Depends(current_user)]
Database = Annotated[Session, Depends(session)]


def live(user: str) -> list[Any]:
    return [Task.user_id == user, Task.deleted_at.is_(None)]


def owned(database: Session, user: str, task_id: UUID) -> Task:
    task = database.exec(select(Task).where(Task.id == task_id, *live(user))).first()
    if task is None:
        raise HTTPException(404, "no such task")
    return task


@app.get("/api/v1/tasks/{task_id}", response_model=TaskAnswer)
def get_task(task_id: UUID, user: User, database: Database):
    return owned(database, user, task_id)


@app.get("/api/v1/tasks", response_model=TaskList)
def list_tasks(
    user: User,
    database: Database,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
):
    matching = live(user)
    if status is not None:
        matching.append(Task.status == status)
    order = (Task.created_at.desc(), Task.id.desc())
    tasks = database.exec(select(Task).where(*matching).order_by(*order).limit(limit)).all()
    total = database.exec(select(func.count()).select_from(Task).where(*matching)).one()
    return {"tasks": tasks, "total": total}


@app.post("/api/v1/tasks", response_model=TaskAnswer, status_code=201)
def create_task(values: NewTask, user: User, database: Database):
    task = Task(user_id=user, **values.columns())
    database.add(task)
    database.commit()
    database.refresh(task)
    return task


@app.patch("/api/v1/tasks/{task_id}", response_model=TaskAnswer)
def update_task(task_id: UUID, values: TaskValues, user: User, database: Database):
    task = owned(database, user, task_id)
    task.sqlmodel_update(values.columns())
    task.version += 1
    task.updated_at = datetime.now(UTC)
    database.add(task)
    database.commit()
    database.refresh(task)
    return task


handler = Mangum(app, lifespan="off")

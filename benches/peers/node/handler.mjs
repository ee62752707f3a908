// Four operations on tasks: get, list, create, update.
//
// DATABASE_URL   the pooler; its certificate is checked against DATABASE_CA
// JWKS_URL       the public keys of the tokens, kept after the first request
// TOKEN_ISSUER   issuer and audience of the tokens

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import { createRemoteJWKSet, jwtVerify } from "jose";
import pg from "pg";

const { DATABASE_URL, DATABASE_CA, JWKS_URL, TOKEN_ISSUER } = process.env;

const COLUMNS =
  "id, user_id, title, description, status, status = 'completed' as completed, " +
  "due_date, created_at, updated_at, version";
const STATUSES = ["pending", "in_progress", "completed"];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

// A date is a day, and no moment in some time zone.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

const keys = createRemoteJWKSet(new URL(JWKS_URL));
const certificates = readFileSync(DATABASE_CA, "utf8");

class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

// One connection, kept while the environment is warm.
let connected;

function database() {
  connected ??= connect().catch((error) => {
    connected = undefined;
    throw error;
  });
  return connected;
}

async function connect() {
  const url = new URL(DATABASE_URL);
  const client = new pg.Client({
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    ssl: { ca: certificates },
  });
  client.on("error", () => {
    connected = undefined;
  });
  await client.connect();
  return client;
}

async function query(sql, values) {
  const client = await database();
  return (await client.query(sql, values)).rows;
}

async function userOf(event) {
  const [scheme, token] = (event.headers.authorization ?? "").split(" ");
  if (scheme.toLowerCase() !== "bearer" || !token) throw new Refusal(401, "no token");
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["EdDSA"],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_ISSUER,
      requiredClaims: ["exp", "sub"],
    });
    return payload.sub;
  } catch {
    throw new Refusal(401, "the token is not good");
  }
}

function idOf(event) {
  const id = event.pathParameters.task_id;
  if (!UUID.test(id)) throw new Refusal(400, "the id is not a UUID");
  return id;
}

function bodyOf(event) {
  const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
  let body;
  try {
    body = JSON.parse(text ?? "");
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw new Refusal(400, "the body is not an object");
  }
  return body;
}

// The values of a body, as columns.
function valuesOf({ title, description, status, completed, due_date }) {
  const values = {};
  if (title !== undefined) values.title = text("title", title, 1, 200).trim();
  if (description !== undefined) {
    values.description = text("description", description ?? "", 0, 1000);
  }
  if (status !== undefined) {
    if (!STATUSES.includes(status)) throw new Refusal(422, "status is none of the three");
    values.status = status;
  }
  if (completed !== undefined) {
    if (typeof completed !== "boolean") throw new Refusal(422, "completed is not a boolean");
    if (status !== undefined && completed !== (status === "completed")) {
      throw new Refusal(422, "status and completed disagree");
    }
    values.status ??= completed ? "completed" : "pending";
  }
  if (due_date !== undefined) {
    if (due_date !== null && !(DATE.test(due_date) && Date.parse(due_date))) {
      throw new Refusal(422, "due_date is not a date");
    }
    values.due_date = due_date;
  }
  return values;
}

function text(name, value, shortest, longest) {
  if (typeof value !== "string") throw new Refusal(422, `${name} is not a string`);
  const length = [...value.trim()].length;
  if (length < shortest || length > longest || value.includes("\0")) {
    throw new Refusal(422, `${name} breaks a rule`);
  }
  return value;
}

async function get(user, event) {
  const [task] = await query(`select ${COLUMNS} from tasks where user_id = $1 and id = $2 and deleted_at is null`, [
    user,
    idOf(event),
  ]);
  if (!task) throw new Refusal(404, "no such task");
  return [200, task];
}

async function list(user, event) {
  const { limit = "50", status } = event.queryStringParameters ?? {};
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 200) throw new Refusal(400, "limit");
  if (status !== undefined && !STATUSES.includes(status)) throw new Refusal(400, "status");
  const filter = status === undefined ? "" : "and status = $2";
  const values = status === undefined ? [user] : [user, status];
  const tasks = await query(
    `select ${COLUMNS} from tasks where user_id = $1 and deleted_at is null ${filter}
    order by created_at desc, id desc limit ${count}`,
    values,
  );
  const [{ total }] = await query(
    `select count(*)::int as total from tasks where user_id = $1 and deleted_at is null ${filter}`,
    values,
  );
  return [200, { tasks, total }];
}

async function create(user, event) {
  const { title, description = "", status = "pending", due_date = null } = valuesOf(bodyOf(event));
  if (title === undefined) throw new Refusal(422, "title is missing");
  const [task] = await query(
    `insert into tasks (id, user_id, title, description, status, due_date)
    values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
    [randomUUID(), user, title, description, status, due_date],
  );
  return [201, task];
}

async function update(user, event) {
  const changes = Object.entries(valuesOf(bodyOf(event)));
  const sets = changes.map(([name], index) => `${name} = $${index + 3}, `).join("");
  const [task] = await query(
    `update tasks set ${sets}version = version + 1, updated_at = now()
    where user_id = $1 and id = $2 and deleted_at is null returning ${COLUMNS}`,
    [user, idOf(event), ...changes.map(([, value]) => value)],
  );
  if (!task) throw new Refusal(404, "no such task");
  return [200, task];
}

const ROUTES = {
  "GET /api/v1/tasks/{task_id}": get,
  "GET /api/v1/tasks": list,
  "POST /api/v1/tasks": create,
  "PATCH /api/v1/tasks/{task_id}": update,
};

export async function handler(event) {
  try {
    const [status, answer] = await ROUTES[event.routeKey](await userOf(event), event);
    return respond(status, answer);
  } catch (error) {
    if (error instanceof Refusal) return respond(error.status, { detail: error.message });
    console.error(error.code ?? error.name);
    return respond(500, { detail: "try again" });
  }
}

function respond(statusCode, body) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

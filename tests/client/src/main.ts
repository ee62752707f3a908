// The client against a running service, whose address is its argument.

import createClient from "openapi-fetch";
import { Refused, Todos } from "./client.js";
import type { paths } from "./todo.js";

declare const process: { argv: string[] };

function claim(isTrue: boolean, text: string): void {
  if (!isTrue) throw new Error(`This is not so: ${text}`);
  console.log(text);
}

const baseUrl = process.argv[2];
if (baseUrl === undefined) throw new Error("Say where the service is.");

const stranger = createClient<paths>({ baseUrl, headers: { authorization: "Bearer nobody" } });
const { error } = await stranger.GET("/api/v1/me");
claim(error?.type === "/problems/unauthorized", "a bad token is refused");

const account = {
  name: "Ada",
  email: `${crypto.randomUUID()}@example.com`,
  password: `correct horse ${crypto.randomUUID()}`,
};
const todos = await Todos.register(baseUrl, account);

const key = crypto.randomUUID();
const milk = await todos.createOnce(key, { title: "Buy milk", due_date: "2026-12-31" });
const again = await todos.createOnce(key, { title: "Buy milk", due_date: "2026-12-31" });
claim(again.id === milk.id, "the same key creates the same task");

for (const title of ["Call Grace", "Water the plants"]) {
  await todos.createOnce(crypto.randomUUID(), { title, status: "in_progress" });
}
const open = [];
for await (const task of todos.open(2)) open.push(task);
claim(open.length === 3 && open[0]?.id === milk.id, "a cursor leads through all pages");

const renamed = await todos.rename(milk, "Buy oat milk");
claim(typeof renamed === "object" && renamed.version === 2, "a change makes another version");
const late = await todos.rename(milk, "Buy goat milk");
claim(late === "changed meanwhile", "a change of an old version is refused");

const refused = await todos.complete(open).catch((error: unknown) => error);
claim(
  refused instanceof Refused && refused.problem.type === "/problems/precondition-failed",
  "a batch with an old version is refused as a whole",
);
const current = [];
for await (const task of todos.open(200)) current.push(task);
const completed = await todos.complete(current);
claim(
  completed.length === 3 && completed.every(({ completed }) => completed),
  "a batch completes all tasks",
);

const blank = await todos.createOnce(crypto.randomUUID(), { title: " " }).catch((error) => error);
claim(
  blank instanceof Refused && blank.problem.errors?.[0]?.pointer === "/title",
  "a problem names the value that breaks a rule",
);

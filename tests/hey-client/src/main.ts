// The generated client against a running service, whose address is its argument.

import { client } from "./todo/client.gen.js";
import { createTask, getMe, listTasks, register, updateTask } from "./todo/index.js";

declare const process: { argv: string[] };

function claim(isTrue: boolean, text: string): void {
  if (!isTrue) throw new Error(`This is not so: ${text}`);
  console.log(text);
}

client.setConfig({ baseUrl: process.argv[2] ?? "" });

const session = await register({
  body: {
    name: "Ada",
    email: `${crypto.randomUUID()}@example.com`,
    password: `correct horse ${crypto.randomUUID()}`,
  },
  throwOnError: true,
});
client.setConfig({ auth: session.data.access_token });

const created = await createTask({ body: { title: "Buy milk" }, throwOnError: true });
const task = created.data;
const etag = created.response.headers.get("etag") ?? "";
const list = await listTasks({ query: { status: ["pending"], limit: 5 } });
claim(list.data?.tasks[0]?.id === task.id, "a task is created and listed");

const stranger = await getMe({ auth: "nobody" });
claim(
  stranger.error?.type === "/problems/unauthorized" && stranger.response?.status === 401,
  "a bad token is an unauthorized problem",
);

const blank = await createTask({ body: { title: " " } });
claim(
  blank.error?.type === "/problems/invalid" && blank.error.errors[0]?.pointer === "/title",
  "a blank title is an invalid problem that names it",
);

const change = { path: { task_id: task.id }, headers: { "If-Match": etag } };
const renamed = await updateTask({ ...change, body: { title: "Buy oat milk" } });
claim(renamed.data?.version === 2, "a change makes another version");
const late = await updateTask({ ...change, body: { title: "Buy goat milk" } });
claim(
  late.error?.type === "/problems/precondition-failed",
  "a change of an old version is a precondition-failed problem",
);

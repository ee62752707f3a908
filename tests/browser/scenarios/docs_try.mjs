// Each operation as the page offers it: nothing is filled in but the token and
// the ids, and each one answers 2xx. The service is a new one, so that the
// example of an account can be made.

import assert from "node:assert/strict";

import { Docs } from "../docs.mjs";
import { linkTo } from "../mails.mjs";

export default async function play(world) {
  const { tab } = await world.open();
  const docs = await Docs.open(tab, world.origin);
  let session = null;
  const call = async (method, path, body) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${session.access_token}` };
    const answer = await fetch(`${world.origin}${path}`, { method, headers, body: JSON.stringify(body) });
    return answer.json();
  };

  assert.equal(await docs.execute("register"), 201);
  session = await docs.answer("register");
  await docs.authorize(session.access_token);
  // The same account once more, which shows that the example was right.
  assert.equal(await docs.execute("login"), 200);
  await docs.close("register");
  await docs.close("login");

  // The end of the account is the last one.
  const rest = (await docs.operations()).filter((operation) => !["register", "login", "deleteMe"].includes(operation));
  await docs.unfold("Tasks by user id");
  const twins = (await docs.operations()).filter((operation) => operation.endsWith("OfUser"));
  assert.equal(twins.length, 11);
  const failed = [];
  for (const operation of [...rest, ...twins, "deleteMe"]) {
    const task = await call("POST", "/api/v1/tasks", { title: "To be tried" });
    const path = { task_id: task.id, user_id: session.user.id };
    const token = operation === "resetPassword" ? (await linkTo(session.user.email)).split("#token=")[1] : null;
    const body = (text) =>
      text.replace(/("refresh_token": )".*"/, `$1"${session.refresh_token}"`).replace(/("token": )".*"/, `$1"${token}"`);
    const status = await docs.execute(operation, { path, body });
    if (status < 200 || status > 299) {
      failed.push(`${operation}: ${status}`);
    }
    if (operation === "refreshSession") {
      session = { ...session, ...(await docs.answer(operation)) };
    }
    // Twice as it stands: nothing in it says that it is the same task.
    if (operation.startsWith("createTask")) {
      const [first, again, second] = [await docs.answer(operation), await docs.execute(operation), await docs.answer(operation)];
      assert.equal(again, 201);
      assert.notEqual(second.id, first.id);
    }
    await docs.close(operation);
  }
  assert.deepEqual(failed, []);
}

// The document as a page: read, signed in to, and used.

import assert from "node:assert/strict";

import { Docs } from "../docs.mjs";
import { newAccount } from "../world.mjs";

const SECTIONS = ["Sessions", "Tasks", "Account", "Service", "Pages", "Tasks by user id"];

export default async function play(world) {
  const { tab } = await world.open();
  const docs = await Docs.open(tab, world.origin);

  // In the order in which somebody new needs it, the family of the user ids folded.
  assert.deepEqual(await docs.sections(), SECTIONS);
  const [first, second] = await docs.operations();
  assert.deepEqual([first, second], ["register", "login"]);
  const document = await tab.evaluate(async () => (await fetch("openapi.json")).json());
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const twins = operations.filter(({ tags }) => tags[0] === "Tasks by user id");
  assert.equal((await docs.operations()).length, operations.length - twins.length);
  await docs.unfold("Tasks by user id");
  assert.equal((await docs.operations()).length, operations.length);
  for (const { summary } of operations) {
    await tab.getByText(summary, { exact: true }).first().waitFor();
  }

  // Without a token 401, with one 201, and a reload keeps it.
  assert.equal(await docs.execute("createTask"), 401);
  await docs.authorize(await register(tab));
  assert.equal(await docs.execute("createTask"), 201);
  await tab.reload();
  await tab.locator(".opblock").first().waitFor();
  assert.equal(await docs.execute("createTask"), 201);
  assert.equal(await docs.execute("createTask"), 201);
}

function register(tab) {
  return tab.evaluate(async (account) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("api/v1/auth/register", { method: "POST", headers, body: JSON.stringify(account) });
    return (await answer.json()).access_token;
  }, newAccount());
}

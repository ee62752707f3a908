// Without a network, with the database away, with an answer that got lost.

import assert from "node:assert/strict";

const API = "**/api/v1/tasks*";

export default async function play(world) {
  const page = await world.openSignedIn();
  const { tab } = page;
  const requests = page.requests();
  const keys = () => requests.filter(({ name }) => name === "POST tasks").map(({ headers }) => headers["idempotency-key"]);

  // Offline: a sentence, the text stays in sight, and it goes by itself when
  // the network is back.
  await tab.context().setOffline(true);
  await page.field("New task").fill("Written in a tunnel");
  await page.button("Add").click();
  await page.says("The service can’t be reached.");
  assert.deepEqual(await page.waiting(), ["Written in a tunnel"]);
  await tab.context().setOffline(false);
  await page.row("Written in a tunnel").waitFor();
  await page.expectNothingWaiting();

  // The task is made, its answer gets lost, and it is still made only once.
  await tab.route(API, async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await page.field("New task").fill("Once only");
  await page.button("Add").click();
  await page.says("The service can’t be reached.");
  await page.button("Try now").click();
  await page.row("Once only").waitFor();
  assert.deepEqual(await page.storedTitles(), ["Once only", "Written in a tunnel"]);
  const [first, second, third, fourth] = keys();
  assert.deepEqual([first, third], [second, fourth]);
  assert.notEqual(first, third);

  // Away: the list says so, waits as long as it is asked to, and comes back.
  const refusal = (kind) => ({
    status: 503,
    headers: { "retry-after": "1" },
    contentType: "application/problem+json",
    body: JSON.stringify({ type: `/problems/${kind}`, title: "", status: 503, detail: "" }),
  });
  await tab.route(API, (route) => route.fulfill(refusal("unavailable")), { times: 1 });
  await page.show("Open");
  await page.says("The service is away for a moment. Nothing was changed: try again.");
  const asked = Date.now();
  await page.button("Try again").click();
  await tab.getByText("The service is away").waitFor({ state: "hidden" });
  assert.ok(Date.now() - asked > 300, "it did not wait for Retry-After");
  await page.says("2 open tasks");

  // Unknown: the change was made and nobody said so. To repeat it is safe.
  await tab.route("**/api/v1/tasks/*", async (route) => {
    await route.fetch();
    await route.fulfill(refusal("outcome-unknown"));
  }, { times: 1 });
  const editor = await page.edit("Once only");
  await editor.getByLabel("Title").fill("Once and for all");
  await editor.getByRole("button", { name: "Save" }).click();
  await page.says("it is unknown whether the change was made. Trying again is safe");
  await editor.getByRole("button", { name: "Save" }).click();
  await page.row("Once and for all").waitFor();

  // A box that could not be ticked is not ticked.
  await tab.route("**/api/v1/tasks/*", (route) => route.abort(), { times: 1 });
  await page.row("Once and for all").getByRole("checkbox").click();
  await page.says("“Once and for all” was not changed.");
  assert.equal(await page.row("Once and for all").getByRole("checkbox").isChecked(), false);
  await page.button("Try again").click();
  await page.eventually(async () => assert.ok((await page.stored())[0].completed));

  // A deletion that failed brings the row back.
  await tab.route("**/api/v1/tasks/*", (route) => route.abort(), { times: 1 });
  await page.delete("Written in a tunnel");
  await page.dismiss("“Written in a tunnel” was deleted.");
  await page.says("“Written in a tunnel” was not deleted.");
  await page.row("Written in a tunnel").waitFor();
}

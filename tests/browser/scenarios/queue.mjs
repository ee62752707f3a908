// New tasks: typed faster than the service answers, without a network, and
// with titles that are refused. None is lost and none is made twice.

import assert from "node:assert/strict";

import { day } from "../page.mjs";

export default async function play(world) {
  const page = await world.openSignedIn();
  const { tab } = page;
  const type = async (...titles) => {
    await page.field("New task").focus();
    for (const title of titles) {
      await tab.keyboard.insertText(title);
      await tab.keyboard.press("Enter");
    }
  };

  // Three titles without a pause, at 800 ms for each answer.
  await page.delay(800);
  await type("One", "Two", "Three");
  assert.equal(await page.field("New task").inputValue(), "");
  assert.deepEqual(await page.waiting(), ["Three", "Two", "One"]);
  await page.expectTitles(["Three", "Two", "One"]);
  await page.expectNothingWaiting();
  assert.deepEqual(await page.storedTitles(), ["Three", "Two", "One"]);
  await page.expectCounts({ All: 3, Open: 3, Completed: 0 });
  await page.mend();

  // The answer gets lost, and the task is still made once.
  const requests = page.requests();
  const keys = () => requests.filter(({ name }) => name === "POST tasks").map(({ headers }) => headers["idempotency-key"]);
  await tab.route("**/api/v1/tasks", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await type("Once only");
  await page.says("1 new task is kept here and not saved yet. The service can’t be reached.");
  await page.row("Once only").waitFor();
  await tab.getByText("not saved yet").waitFor({ state: "hidden" });
  assert.deepEqual(await page.storedTitles(), ["Once only", "Three", "Two", "One"]);
  const [first, second] = keys();
  assert.equal(first, second);

  // Without a network: kept through a reload, with what is only half typed and
  // half edited, and sent when the network is back.
  await page.edit("Two");
  await page.editor("Two").getByLabel("Description").fill("A long thought");
  await page.cut();
  await type("In a tunnel", "Still in it");
  await page.field("New task").fill("Half a th");
  await page.field("Due date of the new task").fill(day(3));
  await page.says("2 new tasks are kept here and not saved yet.");
  await tab.reload();
  await page.says("2 new tasks are kept here and not saved yet.");
  assert.deepEqual(await page.waiting(), ["Still in it", "In a tunnel"]);
  assert.equal(await page.field("New task").inputValue(), "Half a th");
  assert.equal(await page.field("Due date of the new task").inputValue(), day(3));
  await page.mend();
  await page.button("Try now").click();
  await page.row("Still in it").waitFor();
  await page.eventually(async () =>
    assert.deepEqual((await page.storedTitles()).slice(0, 3), ["Still in it", "In a tunnel", "Once only"]),
  );
  assert.equal(await page.field("New task").inputValue(), "Half a th");
  await page.eventually(async () =>
    assert.equal(await page.editor("Two").getByLabel("Description").inputValue(), "A long thought"),
  );
  await page.editor("Two").getByRole("button", { name: "Save" }).click();
  await page.row("Two").getByText("A long thought").waitFor();

  // A tab that is closed leaves what was typed to the next one.
  const context = tab.context();
  await tab.close();
  const next = await world.openTab(context);
  await next.expectSignedIn();
  assert.equal(await next.field("New task").inputValue(), "Half a th");
  await next.button("Add", true).click();
  await next.row("Half a th").waitFor();

  // A tab that has a draft of its own keeps that.
  await next.field("New task").fill("Of this tab");
  const other = await world.openTab(context);
  await other.expectSignedIn();
  await other.field("New task").fill("Of the other tab");
  await other.tab.close();
  await next.turnTo();
  await next.tab.reload();
  await next.expectSignedIn();
  assert.equal(await next.field("New task").inputValue(), "Of this tab");

  // A title that is refused can be mended where it stands, and the next one goes on.
  const long = "x".repeat(201);
  await next.field("New task").fill(long);
  await next.tab.keyboard.press("Enter");
  await next.field("New task").fill("After it");
  await next.tab.keyboard.press("Enter");
  await next.row("After it").waitFor();
  await next.says("The title must have 1 to 200 characters.");
  const refused = next.tab.locator(".is-refused");
  assert.equal(await refused.getByLabel("Title").inputValue(), long);
  await refused.getByLabel("Title").fill("Shorter");
  await refused.getByRole("button", { name: "Add" }).click();
  await next.row("Shorter").waitFor();
  assert.equal(await refused.count(), 0);
  await next.field("New task").fill(long);
  await next.tab.keyboard.press("Enter");
  await refused.getByRole("button", { name: "Discard" }).click();
  assert.equal(await refused.count(), 0);

  // A date that is not whole is not taken for none.
  await next.field("New task").fill("Dated");
  await next.field("Due date of the new task").focus();
  await next.tab.keyboard.type("12");
  await next.button("Add", true).click();
  await next.expectError(next.field("Due date of the new task"), "The due date must be a whole date.");
  assert.equal(await next.field("New task").inputValue(), "Dated");
  await next.field("Due date of the new task").fill(day(1));
  await next.button("Add", true).click();
  await next.row("Dated").waitFor();

  // Signing out with something that is not saved is a question.
  await next.cut();
  await next.field("New task").fill("Not saved");
  await next.tab.keyboard.press("Enter");
  await next.says("1 new task is kept here");
  await next.button("Sign out").click();
  await next.says("Sign out and lose new tasks?");
  await next.button("Stay").click();
  await next.mend();
  await next.button("Try now").click();
  await next.row("Not saved").waitFor();

  // It is none while the task is on its way.
  const { access_token } = await next.session();
  await next.delay(1000);
  await next.field("New task").fill("On its way");
  await next.tab.keyboard.press("Enter");
  await next.button("Sign out").click();
  await next.says("You have signed out.");
  const response = await fetch(`${world.origin}/api/v1/tasks?limit=1`, { headers: { authorization: `Bearer ${access_token}` } });
  const { tasks } = await response.json();
  assert.equal(tasks[0].title, "On its way");
}

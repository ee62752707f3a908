// Undo, and when a deletion is made for good.

import assert from "node:assert/strict";

export default async function play(world) {
  const page = await world.openSignedIn();
  const { tab } = page;
  for (const title of ["First", "Second", "Third", "Fourth"]) {
    await page.add(title);
  }

  // Undone, nothing was ever sent.
  const requests = page.requests();
  await page.delete("Second");
  await page.expectTitles(["Fourth", "Third", "First"]);
  await page.says("3 tasks");
  await page.button("Undo").click();
  await page.expectTitles(["Fourth", "Third", "Second", "First"]);
  assert.deepEqual(requests, []);

  // For good after a while, and only in the version that was seen.
  await tab.clock.install();
  await page.delete("Second");
  await page.says("“Second” was deleted.");
  await tab.clock.fastForward(5000);
  assert.equal((await page.stored()).length, 4);
  await tab.clock.fastForward(2000);
  await page.eventually(async () => assert.deepEqual(await page.storedTitles(), ["Fourth", "Third", "First"]));
  const [deletion] = requests.filter(({ name }) => name.startsWith("DELETE"));
  assert.equal(deletion.headers["if-match"], '"1"');

  // A page that goes takes it along.
  await page.delete("Third");
  await page.says("“Third” was deleted.");
  await tab.goto("about:blank");
  await tab.goto(world.origin);
  await page.expectSignedIn();
  await page.eventually(async () => assert.deepEqual(await page.storedTitles(), ["Fourth", "First"]));

  // So it does with more than one batch takes.
  const create = (_, index) => ({ op: "create", task: { title: `Task ${index}` } });
  for (const length of [100, 20]) {
    await page.ask("POST", "tasks/batch", { operations: Array.from({ length }, create) });
  }
  await tab.reload();
  await page.search("Task");
  await page.says("120 tasks");
  for (const shown of [100, 120]) {
    await page.showMore(shown);
  }
  await page.button("Select…").click();
  await page.button("All", true).click();
  await page.button("Delete", true).click();
  await page.says("120 tasks were deleted.");
  await tab.goto("about:blank");
  await tab.goto(world.origin);
  await page.expectSignedIn();
  await page.eventually(async () => assert.deepEqual(await page.storedTitles(), ["Fourth", "First"]));
  await tab.reload();

  // So does signing out.
  await page.delete("First");
  await page.says("“First” was deleted.");
  const session = await page.session();
  await page.button("Sign out").click();
  await page.says("You have signed out.");
  const response = await fetch(`${world.origin}/api/v1/tasks`, {
    headers: { authorization: `Bearer ${session.access_token}` },
  });
  const { tasks } = await response.json();
  assert.deepEqual(tasks.map((task) => task.title), ["Fourth"]);
}

// Several tasks at once: one batch, all or nothing, and a way back.

import assert from "node:assert/strict";

import { day } from "../page.mjs";

export default async function play(world) {
  const page = await world.openSignedIn();
  const { tab } = page;
  const create = (title, more) => ({ op: "create", task: { title, ...more } });
  const many = Array.from({ length: 97 }, (_, index) => create(`Task ${index}`));
  await page.ask("POST", "tasks/batch", {
    operations: [...many, create("Late", { due_date: day(-3) }), create("Begun", { status: "in_progress" }), create("First")],
  });
  await page.ask("POST", "tasks/batch", { operations: Array.from({ length: 20 }, (_, index) => create(`More ${index}`)) });
  await tab.reload();
  await page.expectSignedIn();
  const requests = page.requests();
  const batches = () => requests.filter(({ name }) => name === "POST tasks/batch").length;
  const pick = (title) => tab.getByRole("checkbox", { name: `Select: ${title}`, exact: true });
  const task = async (title) => (await page.stored()).find((one) => one.title === title);

  // A due date for three of them, and back.
  await page.search("e");
  await page.row("Late").waitFor();
  await page.button("Select…").click();
  assert.equal(await page.button("Complete").isDisabled(), true);
  for (const title of ["Late", "Begun"]) {
    await pick(title).check();
  }
  await page.says("2 selected");
  await page.field("Due date of the selected tasks").fill(day(1));
  await page.button("Set due date").click();
  await page.row("Late").getByText("Tomorrow").waitFor();
  await page.says("2 tasks were given another due date.");
  await page.eventually(async () => assert.equal((await task("Late")).due_date, day(1)));
  assert.equal((await task("Begun")).due_date, day(1));
  assert.equal(batches(), 1);
  await page.button("Undo").click();
  await page.eventually(async () => assert.equal((await task("Late")).due_date, day(-3)));
  assert.equal((await task("Begun")).due_date, null);

  // Completed with the shift key from one to another, more than one batch takes.
  await page.search("");
  await page.says("120 tasks");
  for (const shown of [100, 120]) {
    await page.showMore(shown);
  }
  await page.show("Open");
  await page.says("120 open tasks");
  for (const shown of [100, 120]) {
    await page.showMore(shown);
  }
  await page.button("Select…").click();
  await pick("More 19").click();
  await pick("Task 0").click({ modifiers: ["Shift"] });
  await page.says("120 selected");
  await page.button("Complete").click();
  await page.expectTitles([]);
  await page.expectCounts({ All: 120, Open: 0, Completed: 120 });
  await page.eventually(async () => assert.equal((await page.ask("GET", "tasks/stats")).completed, 120));
  assert.equal(batches(), 4);
  await page.button("Undo").click();
  await page.eventually(async () => assert.equal((await page.ask("GET", "tasks/stats")).in_progress, 1));
  await page.expectCounts({ All: 120, Open: 120, "In progress": 1, Completed: 0 });

  // Deleted together, with a way back, and by one request when the message goes.
  await page.search("More 1");
  await page.eventually(async () => assert.equal((await page.titles()).length, 11));
  await page.button("Select…").click();
  await page.button("All", true).click();
  await page.says("11 selected");
  await page.button("Delete", true).click();
  await page.expectTitles([]);
  await page.button("Undo").last().click();
  await page.eventually(async () => assert.equal((await page.titles()).length, 11));
  await page.button("Select…").click();
  await page.button("All", true).click();
  await page.button("Delete", true).click();
  await page.dismiss("11 tasks were deleted.");
  await page.eventually(async () => assert.equal((await page.ask("GET", "tasks/stats")).total, 109));

  // One that somebody else has changed keeps all of them as they are.
  await page.search("Task 9");
  await page.eventually(async () => assert.equal((await page.titles()).length, 8));
  await page.ask("PATCH", `tasks/${(await task("Task 95")).id}`, { title: "Task 95 anew" });
  await page.button("Select…").click();
  await page.button("All", true).click();
  await page.button("Complete").click();
  await page.says("“Task 95 anew” was changed elsewhere meanwhile, so 8 tasks were not completed.");
  await page.row("Task 95 anew").waitFor();
  assert.equal((await page.ask("GET", "tasks/stats")).completed, 0);
  await page.button("Try again").click();
  await page.expectTitles([]);
  await page.eventually(async () => assert.equal((await page.ask("GET", "tasks/stats")).completed, 8));

  // Escape leaves it, and a row can't be edited by accident meanwhile.
  await page.show("All");
  await page.search("");
  await page.row("First").waitFor();
  await page.button("Select…").click();
  await tab.getByRole("listitem").filter({ has: pick("First") }).click();
  await page.says("1 selected");
  await tab.keyboard.press("Escape");
  assert.equal(await tab.locator("#bulk").isVisible(), false);
  assert.equal(await pick("First").isVisible(), false);

  // Among more than one batch takes, it keeps those of its own batch.
  await page.show("Open");
  await page.says("101 open tasks");
  for (const shown of [100, 101]) {
    await page.showMore(shown);
  }
  await page.button("Select…").click();
  await page.button("All", true).click();
  await page.says("101 selected");
  await page.ask("PATCH", `tasks/${(await task("Task 0")).id}`, { description: "The first of all" });
  await page.button("Complete").click();
  await page.says("“Task 0” was changed elsewhere meanwhile, so it was not completed.");
  await page.expectTitles(["Task 0"]);
  assert.equal((await page.ask("GET", "tasks/stats")).completed, 108);
  await page.button("Try again").click();
  await page.eventually(async () => assert.equal((await page.ask("GET", "tasks/stats")).completed, 109));

  // One that is gone is not tried again.
  await page.show("Completed");
  await page.row("Late").waitFor();
  await page.button("Select…").click();
  await pick("Late").check();
  await page.ask("DELETE", `tasks/${(await task("Late")).id}`);
  await page.field("Due date of the selected tasks").fill(day(1));
  await page.button("Set due date").click();
  await page.says("“Late” was deleted elsewhere meanwhile.");
  assert.equal(await page.button("Try again").count(), 0);
}

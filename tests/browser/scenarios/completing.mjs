// Completing: at once, with a way back, and the last click counts.

import assert from "node:assert/strict";

export default async function play(world) {
  const page = await world.openSignedIn();
  const { tab } = page;
  await page.ask("POST", "tasks/batch", {
    operations: [
      { op: "create", task: { title: "Slow" } },
      { op: "create", task: { title: "Begun", status: "in_progress" } },
      { op: "create", task: { title: "Other" } },
    ],
  });
  await tab.reload();
  await page.expectSignedIn();
  const status = async (title) => (await page.stored()).find((task) => task.title === title).status;

  // Three clicks while the first one is on its way: the last one counts.
  await page.delay(800);
  const box = page.row("Slow").getByRole("checkbox");
  await box.click();
  await box.click();
  await box.click();
  assert.equal(await box.isChecked(), true);
  await page.eventually(async () => assert.equal(await status("Slow"), "completed"));
  await box.click();
  await box.click();
  await box.click();
  await box.click();
  assert.equal(await box.isChecked(), true);
  await tab.waitForTimeout(2500);
  assert.equal(await status("Slow"), "completed");
  assert.equal(await box.isChecked(), true);
  await page.mend();

  // Undone, it is in progress again.
  await page.row("Begun").getByRole("checkbox").check();
  await page.eventually(async () => assert.equal(await status("Begun"), "completed"));
  await tab.locator(".notice", { hasText: "“Begun” was completed." }).getByRole("button", { name: "Undo" }).click();
  await page.eventually(async () => assert.equal(await status("Begun"), "in_progress"));
  await page.row("Begun").getByText("In progress").waitFor();
  // So it is when its box is cleared by hand.
  await page.row("Begun").getByRole("checkbox").check();
  await page.eventually(async () => assert.equal(await status("Begun"), "completed"));
  await page.row("Begun").getByRole("checkbox").uncheck();
  await page.eventually(async () => assert.equal(await status("Begun"), "in_progress"));

  // A row leaves a view at once, and the counts follow, before the service answers.
  await page.show("Open");
  await page.expectTitles(["Other", "Begun"]);
  await page.expectCounts({ All: 3, Open: 2, "In progress": 1, Completed: 1 });
  await page.delay(3000);
  await page.row("Begun").getByRole("checkbox").click();
  assert.deepEqual(await page.titles(), ["Other"]);
  await page.says("1 open task");
  await page.expectCounts({ All: 3, Open: 1, "In progress": 0, Completed: 2 });
  await page.mend();
  await page.eventually(async () => assert.equal(await status("Begun"), "completed"));
  await page.button("Undo").last().click();
  await page.expectTitles(["Other", "Begun"]);
  await page.expectCounts({ All: 3, Open: 2, "In progress": 1, Completed: 1 });
  await page.eventually(async () => assert.equal(await status("Begun"), "in_progress"));

  // A change that the service refuses is taken back.
  await page.cut();
  await page.row("Other").getByRole("checkbox").click();
  await page.says("“Other” was not changed.");
  await page.expectTitles(["Other", "Begun"]);
  await page.expectCounts({ All: 3, Open: 2, "In progress": 1, Completed: 1 });
  await page.mend();
  assert.equal(await status("Other"), "pending");

  // By the keyboard from one to the next, and back.
  await page.row("Other").getByRole("checkbox").focus();
  await tab.keyboard.press("Space");
  assert.equal(await tab.evaluate(() => document.activeElement.getAttribute("aria-label")), "Completed: Begun");
  await page.eventually(async () => assert.equal(await status("Other"), "completed"));
  await tab.keyboard.press("ControlOrMeta+z");
  await page.eventually(async () => assert.equal(await status("Other"), "pending"));
  assert.equal(await tab.evaluate(() => document.activeElement.getAttribute("aria-label")), "Completed: Other");
}

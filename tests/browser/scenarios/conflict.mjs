// A second tab changes or deletes what the first one edits.

import assert from "node:assert/strict";

export default async function play(world) {
  const here = await world.openSignedIn();
  await here.add("Plan the trip");
  await here.add("Pack");
  const there = await world.openTab(here.tab.context());
  await there.expectSignedIn();
  // Neither hears of what the other one does before it asks.
  for (const { tab } of [here, there]) {
    await tab.route("**/api/v1/tasks/changes*", (route) => route.abort());
  }

  const save = async (page, title) => {
    await page.turnTo();
    await page.editor(title).getByRole("button", { name: "Save", exact: true }).click();
  };
  const complete = async (page, title) => {
    await page.turnTo();
    await page.row(title).getByRole("checkbox").click();
  };
  const rename = async (page, title, name) => {
    await page.edit(title);
    await page.editor(title).getByLabel("Title").fill(name);
  };

  // Mine over it.
  await rename(here, "Plan the trip", "Plan the trip to Rome");
  await rename(there, "Plan the trip", "Plan the journey");
  await save(there, "Plan the trip");
  await there.row("Plan the journey").waitFor();
  await save(here, "Plan the trip");
  await here.says("This task was changed elsewhere meanwhile.");
  await here.says("There now: Plan the journey");
  await here.says("Your draft: Plan the trip to Rome");
  assert.equal(await here.editor("Plan the trip").getByLabel("Title").inputValue(), "Plan the trip to Rome");
  await here.button("Save mine over it").click();
  await here.row("Plan the trip to Rome").waitFor();
  assert.ok((await here.storedTitles()).includes("Plan the trip to Rome"));

  // The other version.
  await rename(there, "Plan the journey", "Plan nothing");
  await save(there, "Plan the journey");
  await there.says("This task was changed elsewhere meanwhile.");
  await there.button("Take the other version").click();
  await there.row("Plan the trip to Rome").waitFor();
  assert.ok((await there.storedTitles()).includes("Plan the trip to Rome"));

  // The same change in both needs no question.
  await rename(here, "Pack", "Pack the bags");
  await rename(there, "Pack", "Pack the bags");
  await save(there, "Pack");
  await there.row("Pack the bags").waitFor();
  await save(here, "Pack");
  await here.row("Pack the bags").waitFor();

  // Completed there, and here without knowing.
  await complete(there, "Pack the bags");
  await there.eventually(async () => assert.ok((await there.stored()).some((task) => task.completed)));
  const answers = here.answers();
  await complete(here, "Pack the bags");
  await here.eventually(async () => {
    assert.ok(answers.some((answer) => answer.startsWith("412 PATCH")));
    assert.ok(answers.some((answer) => answer.startsWith("200 GET")));
  });
  await here.eventually(async () => assert.ok(await here.row("Pack the bags").getByRole("checkbox").isChecked()));
  assert.equal(await here.tab.getByText("“Pack the bags” was").filter({ visible: true }).count(), 0);

  // Changed there, and deleted here without having seen that.
  await rename(there, "Plan the trip to Rome", "Plan the trip to Oslo");
  await save(there, "Plan the trip to Rome");
  await there.row("Plan the trip to Oslo").waitFor();
  await here.delete("Plan the trip to Rome");
  await here.dismiss("“Plan the trip to Rome” was deleted.");
  await here.says("so it was not deleted. The list shows it as it is now.");
  await here.row("Plan the trip to Oslo").waitFor();
  await here.button("Delete it anyway").click();
  await here.dismiss("“Plan the trip to Oslo” was deleted.");
  await here.eventually(async () => assert.deepEqual(await here.storedTitles(), ["Pack the bags"]));

  // Deleted there while it is edited here.
  await here.edit("Pack the bags");
  await here.editor("Pack the bags").getByLabel("Description").fill("All three");
  await there.delete("Pack the bags");
  await there.dismiss("“Pack the bags” was deleted.");
  await there.eventually(async () => assert.deepEqual(await there.storedTitles(), []));
  await save(here, "Pack the bags");
  await here.says("This task was deleted elsewhere meanwhile.");
  await here.button("Add it again").click();
  await here.eventually(async () => {
    const [task] = await here.stored();
    assert.equal(task?.description, "All three");
  });
  await here.expectTitles(["Pack the bags"]);
  await here.show("Completed");
  await here.says("1 completed task");
  await here.expectTitles(["Pack the bags"]);
}

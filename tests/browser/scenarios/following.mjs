// Changes in one tab are seen in the other one, and text that is typed there stays.

import assert from "node:assert/strict";

export default async function play(world) {
  const here = await world.openSignedIn();
  await here.add("Kept");
  await here.add("Edited");
  const there = await world.openTab(here.tab.context());
  await there.expectSignedIn();

  // Within two seconds of the focus, with drafts untouched.
  await there.field("New task").fill("Half a thought");
  await there.edit("Edited");
  await there.editor("Edited").getByLabel("Title").fill("Edited there");
  await here.turnTo();
  await here.add("New");
  await here.row("Kept").getByRole("checkbox").check();
  await here.edit("Edited");
  await here.editor("Edited").getByLabel("Description").fill("From here");
  await here.editor("Edited").getByRole("button", { name: "Save" }).click();
  await here.row("Edited").getByText("From here").waitFor();
  await here.eventually(async () => assert.ok((await here.stored()).some((task) => task.completed)));
  const asked = there.requests();
  const focused = Date.now();
  await there.look();
  await there.row("New").waitFor();
  await there.eventually(async () => assert.ok(await there.row("Kept").getByRole("checkbox").isChecked()));
  const took = Date.now() - focused;
  assert.ok(took < 2000, `${took} ms`);
  await there.expectCounts({ All: 3, Open: 2, Completed: 1 });
  assert.equal(await there.field("New task").inputValue(), "Half a thought");
  assert.equal(await there.editor("Edited").getByLabel("Title").inputValue(), "Edited there");
  const names = asked.map(({ name }) => name).filter((name) => name.startsWith("GET"));
  assert.deepEqual(names, ["GET tasks/changes", "GET tasks/stats"]);

  // The draft is a change of what its user has seen, so saving it is a question.
  await there.editor("Edited").getByRole("button", { name: "Save" }).click();
  await there.says("This task was changed elsewhere meanwhile.");
  await there.says("There now: From here");
  await there.button("Save mine over it").click();
  await there.row("Edited there").waitFor();

  // A view takes in what belongs to it, where the order wants it, and lets go of the rest.
  await there.show("Open");
  await there.expectTitles(["New", "Edited there"]);
  await there.field("Order").selectOption("By title");
  await there.expectTitles(["Edited there", "New"]);
  const [first] = (await here.stored()).filter(({ title }) => title === "New");
  await here.ask("PATCH", `tasks/${first.id}`, { completed: true });
  await here.ask("POST", "tasks", { title: "Middle" });
  await here.ask("POST", "tasks", { title: "Zebra" });
  await there.look();
  await there.expectTitles(["Edited there", "Middle", "Zebra"]);
  await there.says("3 open tasks");

  // Deleted elsewhere.
  const [middle] = (await here.stored()).filter(({ title }) => title === "Middle");
  await here.ask("DELETE", `tasks/${middle.id}`);
  await there.look();
  await there.expectTitles(["Edited there", "Zebra"]);

  // Every half minute, without anybody touching it.
  await there.tab.clock.install();
  await there.tab.reload();
  await there.expectSignedIn();
  await here.ask("POST", "tasks", { title: "While nobody looks" });
  await there.tab.clock.runFor(31_000);
  await there.row("While nobody looks").waitFor();

  // After more than one answer can tell, the list is read anew.
  const create = (index) => ({ op: "create", task: { title: `Many ${index}` } });
  for (let start = 0; start < 300; start += 100) {
    await here.ask("POST", "tasks/batch", { operations: Array.from({ length: 100 }, (_, index) => create(start + index)) });
  }
  await there.tab.clock.runFor(31_000);
  await there.says("303 open tasks");

  // A network that is away is said, and that it is back is seen.
  await there.cut();
  await there.tab.clock.runFor(31_000);
  await there.says("Not connected. This list is as it was last known.");
  await there.mend();
  await there.tab.clock.runFor(31_000);
  await there.tab.getByText("Not connected.").waitFor({ state: "hidden" });
}

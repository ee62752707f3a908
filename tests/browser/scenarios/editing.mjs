// Typing on while a task is being saved.

import assert from "node:assert/strict";

const SLOW_MS = 1500;

export default async function play(world) {
  const page = await world.openSignedIn();
  const { keyboard } = page.tab;
  await page.add("Pack");
  const editor = page.editor("Pack");
  const field = (name) => editor.getByLabel(name);
  const expectStored = (expected) =>
    page.eventually(async () => {
      const [{ title, description }] = await page.stored();
      assert.deepEqual({ title, description }, expected);
    });

  // What is typed after Enter stays, in a form that stays open, and is saved next.
  await page.edit("Pack");
  await page.delay(SLOW_MS);
  await field("Title").fill("Pack the bags");
  await keyboard.press("Enter");
  await field("Description").fill("All");
  await field("Description").press("End");
  await keyboard.type(" three");
  await expectStored({ title: "Pack the bags", description: "" });
  await page.eventually(async () => assert.equal(await editor.getAttribute("aria-busy"), "false"));
  assert.equal(await field("Title").inputValue(), "Pack the bags");
  assert.equal(await field("Description").inputValue(), "All three");
  await keyboard.type(", and the tent");
  await keyboard.press("ControlOrMeta+Enter");
  await editor.waitFor({ state: "detached" });
  await page.row("Pack the bags").getByText("All three, and the tent").waitFor();
  await expectStored({ title: "Pack the bags", description: "All three, and the tent" });

  // The same, with a reload in between: the draft is a change of what was saved.
  const again = await page.edit("Pack the bags");
  await again.getByLabel("Title").fill("Pack all bags");
  await keyboard.press("Enter");
  await again.getByLabel("Description").fill("Two of them");
  await expectStored({ title: "Pack all bags", description: "All three, and the tent" });
  await page.eventually(async () => assert.equal(await again.getAttribute("aria-busy"), "false"));
  await page.mend();
  await page.tab.reload();
  const kept = page.editor("Pack all bags");
  await page.eventually(async () => assert.equal(await kept.getByLabel("Description").inputValue(), "Two of them"));
  await kept.getByRole("button", { name: "Save" }).click();
  await page.row("Pack all bags").getByText("Two of them").waitFor();

  // Escape during a save can't call it back, and breaks nothing.
  await page.delay(SLOW_MS);
  const left = await page.edit("Pack all bags");
  await left.getByLabel("Title").fill("Packed");
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  await left.waitFor({ state: "detached" });
  await page.row("Packed").waitFor();
  await expectStored({ title: "Packed", description: "Two of them" });
  assert.equal(await page.tab.getByText("Your draft was put aside.").count(), 0);

  // Saved over another version, the question goes, and so do its answers.
  const mine = await page.edit("Packed");
  const [{ id }] = await page.stored();
  await page.ask("PATCH", `tasks/${id}`, { title: "Unpacked" });
  await mine.getByLabel("Title").fill("Packed again");
  await keyboard.press("Enter");
  await page.says("This task was changed elsewhere meanwhile.");
  await page.button("Save mine over it").click();
  await mine.getByLabel("Description").fill("For the second time");
  await mine.getByRole("button", { name: "Save", exact: true }).waitFor();
  assert.equal(await mine.getByText("This task was changed elsewhere meanwhile.").isVisible(), false);
  await expectStored({ title: "Packed again", description: "Two of them" });
  await mine.getByRole("button", { name: "Save", exact: true }).click();
  await page.row("Packed again").getByText("For the second time").waitFor();

  // Added again after it was deleted elsewhere, it is edited on.
  const gone = await page.edit("Packed again");
  await gone.getByLabel("Title").fill("Pack anew");
  await page.ask("DELETE", `tasks/${id}`);
  await keyboard.press("Enter");
  await page.button("Add it again").click();
  await gone.getByLabel("Description").fill("Next time");
  const fresh = page.editor("Pack anew");
  await fresh.waitFor();
  assert.equal(await fresh.getByLabel("Description").inputValue(), "Next time");
  await fresh.getByRole("button", { name: "Save" }).click();
  await page.row("Pack anew").getByText("Next time").waitFor();
  await expectStored({ title: "Pack anew", description: "Next time" });
  await page.mend();

  // The draft of the one that was deleted went with it.
  await page.tab.reload();
  await page.expectTitles(["Pack anew"]);
  assert.equal(await page.tab.locator("#task-list form").count(), 0);
}

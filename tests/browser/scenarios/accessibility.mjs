// Each state of the page in both palettes and two widths.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { day } from "../page.mjs";
import { newAccount } from "../world.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WIDTHS = [1280, 360];
const PALETTES = ["light", "dark"];

export default async function play(world) {
  const page = await world.open({ reducedMotion: "reduce" });

  await page.signIn({ email: "ada", password: "" });
  await page.says(/E-mail address must be/);
  await check(page, "signing in");

  await page.signUp(newAccount());
  await check(page, "an empty list");

  await page.add("Water the plants", day(-2));
  await page.add("A title without any space in it".replaceAll(" ", "").repeat(4));
  await page.add("Buy milk", day(1));
  await page.row("Buy milk").getByRole("checkbox").check();
  await page.delete("Water the plants");
  await page.button("Undo").focus();
  await check(page, "a list with messages");
  await page.button("Undo").click();

  const editor = await page.edit("Water the plants");
  await editor.getByLabel("Title").fill("");
  await editor.getByRole("button", { name: "Save" }).click();
  await page.says("Title must not be blank.");
  await check(page, "editing");

  const [task] = (await page.stored()).filter(({ title }) => title === "Water the plants");
  await page.ask("PATCH", `tasks/${task.id}`, { title: "Water the garden" });
  await editor.getByLabel("Title").fill("Water the roof");
  await editor.getByRole("button", { name: "Save" }).click();
  await page.says("This task was changed elsewhere meanwhile.");
  await check(page, "two versions");
  await page.button("Take the other version").click();

  await page.button("Clear completed…").click();
  await page.says("1 completed task will be deleted");
  await check(page, "the dialog");
  await page.button("Keep them").click();

  await page.tab.route("**/api/v1/tasks*", (route) => route.abort(), { times: 1 });
  await page.show("Open");
  await page.says("The service can’t be reached.");
  await check(page, "trouble");
}

async function check(page, state) {
  const { tab } = page;
  for (const colorScheme of PALETTES) {
    await tab.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await tab.setViewportSize({ width, height: 800 });
      const where = `${state}, ${colorScheme}, ${width} px`;
      const { scrollWidth } = await tab.evaluate(() => ({ scrollWidth: document.scrollingElement.scrollWidth }));
      assert.ok(scrollWidth <= width, `${where}: ${scrollWidth} px wide`);
      assert.deepEqual(await violations(tab), [], where);
    }
  }
}

/** Everything that axe-core finds, and not only the serious. */
async function violations(tab) {
  if (!(await tab.evaluate(() => "axe" in window))) {
    await tab.evaluate(await readFile(AXE, "utf8"));
  }
  const found = await tab.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  return found.violations.map(({ id, impact, nodes }) => {
    return `${impact} ${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`;
  });
}

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
  await page.button("Undo").last().focus();
  await check(page, "a list with messages");
  await page.button("Undo").last().click();

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

  const [, last] = await page.stored();
  await page.ask("PATCH", `tasks/${last.id}`, {
    title: "קריאה",
    description: "https://example.com/a/long/address/".repeat(4),
    status: "in_progress",
  });
  await page.tab.reload();
  await page.row("קריאה").waitFor();
  await page.button("Select…").click();
  await page.tab.getByRole("checkbox", { name: "Select: קריאה" }).check();
  await check(page, "selecting");
  await page.button("Done", true).click();

  await page.button("Keys").click();
  await check(page, "the keys");
  await page.button("Close").click();
  await page.button("Account:", false).click();
  for (const part of ["Change the password", "Export everything", "Sign out everywhere", "Delete the account"]) {
    await page.tab.locator("summary", { hasText: part }).click();
    await check(page, `the account: ${part}`);
  }
  await page.tab.getByLabel("Your password").fill("not it");
  await page.button("Delete the account and all tasks").click();
  await page.says("The password is not your password.");
  await check(page, "an account that stays");
  await page.tab.keyboard.press("Escape");

  await page.field("New task").fill("x".repeat(201));
  await page.button("Add").click();
  await page.says("The title must have 1 to 200 characters.");
  await check(page, "a new task that is refused");
  await page.button("Discard").click();

  await page.cut();
  await page.field("New task").fill("Kept here");
  await page.button("Add").click();
  await page.says("1 new task is kept here and not saved yet.");
  await check(page, "a new task that waits");
  await page.show("Open");
  await page.says("The service can’t be reached. Check");
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

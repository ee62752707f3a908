// Without a mouse, and always knowing where one is.

import assert from "node:assert/strict";

import { newAccount } from "../world.mjs";

export default async function play(world) {
  const page = await world.open();
  const { keyboard } = page.tab;
  const account = newAccount();

  /** What has the focus, which has to be seen: by its name. */
  const focused = async () => {
    const { name, isSeen } = await page.tab.evaluate(() => {
      const element = document.activeElement;
      const shows = (it) => it && getComputedStyle(it).outlineStyle !== "none";
      const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.innerText;
      return {
        name: label.trim().replace(/\s+/g, " "),
        // Between the last stop and the first there is the browser itself.
        isSeen: element === document.body || shows(element) || shows(element.nextElementSibling),
      };
    });
    assert.ok(isSeen, `the focus on “${name}” is not seen`);
    return name;
  };
  const tabTo = async (wanted) => {
    for (let steps = 0; steps < 40; steps += 1) {
      await keyboard.press("Tab");
      if ((await focused()) === wanted) {
        return;
      }
    }
    assert.fail(`“${wanted}” is not reached with Tab`);
  };

  // Signing up. The first field has the focus already.
  await tabTo("Create an account");
  await keyboard.press("Enter");
  await keyboard.type(account.name);
  await tabTo("E-mail address");
  await keyboard.type(account.email);
  await tabTo("Password");
  await keyboard.type(account.password);
  await keyboard.press("Enter");
  await page.expectSignedIn();

  // Adding: the focus waits in the field, also for the next one.
  for (const title of ["One", "Two", "Three"]) {
    await keyboard.type(title);
    await keyboard.press("Enter");
    await page.row(title).waitFor();
    await page.eventually(async () => assert.equal(await page.field("New task").inputValue(), ""));
  }

  // Completing and editing.
  await tabTo("Completed: Two");
  await keyboard.press("Space");
  await page.eventually(async () => assert.equal((await page.stored())[1].completed, true));
  await tabTo("Edit: Two");
  await keyboard.press("Enter");
  assert.equal(await focused(), "Title");
  await keyboard.press("ControlOrMeta+a");
  await keyboard.type("Two and a half");
  await keyboard.press("Enter");
  await page.row("Two and a half").waitFor();
  assert.equal(await focused(), "Edit: Two and a half");
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  assert.equal(await focused(), "Edit: Two and a half");

  // Deleting goes on at the next row; undoing comes back.
  await tabTo("Delete: Two and a half");
  await keyboard.press("Enter");
  await page.expectTitles(["Three", "One"]);
  assert.equal(await focused(), "Edit: One");
  await keyboard.press("ControlOrMeta+z");
  await page.expectTitles(["Three", "Two and a half", "One"]);
  assert.equal(await focused(), "Edit: Two and a half");

  // The dialog: Escape answers no, and the focus returns.
  await page.button("Clear completed…").focus();
  await keyboard.press("Enter");
  await page.says("Clear completed tasks?");
  assert.equal(await focused(), "Keep them");
  await keyboard.press("Escape");
  assert.equal(await focused(), "Clear completed…");
  assert.equal((await page.stored()).length, 3);

  // The filter is one stop, and its arrows choose.
  await page.tab.getByRole("radio", { name: "All" }).focus();
  await keyboard.press("ArrowRight");
  await page.says("2 open tasks");

  // Past the head of the page in one step.
  await page.show("All");
  await page.tab.reload();
  await page.expectSignedIn();
  await page.tab.evaluate(() => document.activeElement.blur());
  await page.tab.locator(".skip").focus();
  await keyboard.press("Enter");
  assert.equal(await page.tab.evaluate(() => document.activeElement.id), "main");

  // Single keys, where nothing is typed.
  await keyboard.press("n");
  assert.equal(await focused(), "New task");
  await keyboard.type("n/?");
  assert.equal(await page.field("New task").inputValue(), "n/?");
  await page.field("New task").fill("");
  await page.row("One").getByRole("checkbox").focus();
  await keyboard.press("/");
  assert.equal(await focused(), "Search titles and descriptions");
  assert.equal(await page.field("Search titles and descriptions").inputValue(), "");
  await page.row("One").getByRole("checkbox").focus();
  await keyboard.press("Shift+?");
  const help = page.tab.getByRole("dialog", { name: "Keys" });
  await help.waitFor();
  assert.equal(await focused(), "Close");
  await keyboard.press("n");
  assert.equal(await focused(), "Close");

  // Keys can be switched off, for good.
  await help.getByLabel("Single keys are on").uncheck();
  await keyboard.press("Escape");
  assert.equal(await focused(), "Completed: One");
  await keyboard.press("n");
  assert.equal(await focused(), "Completed: One");
  await page.tab.reload();
  await page.expectSignedIn();
  await page.row("One").getByRole("checkbox").focus();
  await keyboard.press("n");
  assert.equal(await focused(), "Completed: One");
  await page.button("Keys").focus();
  await keyboard.press("Enter");
  assert.equal(await focused(), "Close");
  await help.getByLabel("Single keys are on").check();
  await keyboard.press("Escape");
  assert.equal(await focused(), "Keys");
  await keyboard.press("n");
  assert.equal(await focused(), "New task");

  // Selecting begins at the first task, and Escape leaves it.
  await page.button("Select…").focus();
  await keyboard.press("Enter");
  assert.equal(await focused(), "Select: Three");
  await keyboard.press("Space");
  await page.says("1 selected");
  await keyboard.press("Escape");
  assert.equal(await focused(), "Select…");
}

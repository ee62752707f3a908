// From nothing to an account, through everything once, and back in again.

import assert from "node:assert/strict";

import { day } from "../page.mjs";
import { newAccount } from "../world.mjs";

export default async function play(world) {
  const page = await world.open();
  const account = newAccount();

  // A refusal is shown beside its field.
  await page.button("Create an account").click();
  await page.fillCredentials("ada", "short");
  await page.tab.getByRole("button", { name: "Create an account", exact: true }).click();
  await page.expectError(page.field("Name"), "Name must not be blank.");
  await page.expectError(page.field("E-mail address"), "E-mail address must be an e-mail address, such as ann@example.com.");
  await page.says(/^Password must have/);
  await page.button("Sign in").click();

  await page.signUp(account);
  await page.says("Nothing to do. Add your first task above.");
  await page.says("Ada Lovelace");

  // Adding: a blank title is refused, markup is text.
  await page.button("Add").click();
  await page.expectError(page.field("New task"), "The title must not be blank.");
  await page.add("Buy milk", day(1));
  await page.add("<b>Call</b> Ann");
  await page.add("Water the plants", day(-2));
  await page.expectTitles(["Water the plants", "<b>Call</b> Ann", "Buy milk"]);
  await page.row("Buy milk").getByText("Tomorrow").waitFor();
  await page.row("Water the plants").getByText("Overdue: 2 days ago").waitFor();
  await page.says("3 tasks");

  // Editing in place.
  const editor = await page.edit("Buy milk");
  await editor.getByLabel("Title").fill("   ");
  await editor.getByRole("button", { name: "Save" }).click();
  await page.expectError(editor.getByLabel("Title"), "Title must not be blank.");
  await editor.getByLabel("Title").fill("Buy oat milk");
  await editor.getByLabel("Description").fill("Two bottles,\nnot the sweet one");
  await editor.getByLabel("Due date").fill(day(0));
  await editor.getByLabel("Status").selectOption("In progress");
  await editor.getByRole("button", { name: "Save" }).click();
  const row = page.row("Buy oat milk");
  await row.getByText("Two bottles").waitFor();
  await row.getByText("Today").waitFor();
  await row.getByText("In progress").waitFor();
  const [, , stored] = await page.stored();
  assert.equal(stored.description, "Two bottles,\nnot the sweet one");
  assert.equal(stored.due_date, day(0));

  // A draft that is left can be had again.
  await page.edit("Buy oat milk");
  await page.editor("Buy oat milk").getByLabel("Title").fill("Buy almond milk");
  await page.tab.keyboard.press("Escape");
  await page.button("Bring it back").click();
  assert.equal(await page.editor("Buy oat milk").getByLabel("Title").inputValue(), "Buy almond milk");
  await page.editor("Buy oat milk").getByRole("button", { name: "Cancel" }).click();

  // Completing, and clearing what is completed.
  await page.row("Buy oat milk").getByRole("checkbox").check();
  await page.row("<b>Call</b> Ann").getByRole("checkbox").check();
  await page.eventually(async () => assert.equal((await page.stored()).filter((task) => task.completed).length, 2));
  await page.button("Clear completed…").click();
  await page.says("2 completed tasks will be deleted, also what this view does not show.");
  await page.button("Keep them").click();
  assert.equal((await page.stored()).length, 3);
  await page.button("Clear completed…").click();
  await page.button("Delete 2").click();
  await page.says("2 completed tasks were deleted.");
  await page.expectTitles(["Water the plants"]);
  assert.deepEqual(await page.storedTitles(), ["Water the plants"]);

  // Out, which ends the sign-in at the service too, and in again.
  const { refresh_token } = await page.session();
  await page.button("Sign out").click();
  await page.says("You have signed out.");
  assert.equal(await page.session(), null);
  assert.equal(await page.tab.getByText("Water the plants").count(), 0);
  const refresh = await fetch(`${world.origin}/api/v1/auth/refresh`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ refresh_token }),
  });
  assert.equal(refresh.status, 401);

  await page.signIn({ ...account, password: "wrong horse" });
  await page.says("The e-mail address or the password is wrong.");
  await page.signIn(account);
  await page.expectSignedIn();
  await page.expectTitles(["Water the plants"]);

  // Somebody else sees nothing of it.
  await page.button("Sign out").click();
  await page.says("You have signed out.");
  await page.signUp(newAccount());
  await page.expectTitles([]);
}

// The account: its name, its password, its data, and its end.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { newAccount } from "../world.mjs";

const NEW_PASSWORD = "staple battery horse correct";
const LAST_PASSWORD = "horse staple correct battery";

export default async function play(world) {
  const account = newAccount();
  const page = await world.open();
  const { tab } = page;
  await page.signUp(account);
  const elsewhere = await world.open();
  await elsewhere.signIn(account);
  await elsewhere.expectSignedIn();
  const dialog = tab.getByRole("dialog", { name: "Account" });
  const open = async (part) => {
    await page.turnTo();
    await page.button("Account:", false).click();
    await dialog.getByText(account.email).waitFor();
    if (part) {
      await dialog.locator("summary", { hasText: part }).click();
    }
  };

  // Another name.
  await open();
  await dialog.getByLabel("Name").fill("  ");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.says("Name must not be blank.");
  await dialog.getByLabel("Name").fill("Ada King");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.says("Your name was changed.");
  await page.button("Account: Ada King").waitFor();

  // Everything as a file, also what takes more than one answer.
  const create = (_, index) => ({ op: "create", task: { title: `Task ${index}` } });
  for (let batch = 0; batch < 3; batch += 1) {
    await page.ask("POST", "tasks/batch", { operations: Array.from({ length: 100 }, create) });
  }
  await open("Export everything");
  const [download] = await Promise.all([tab.waitForEvent("download"), dialog.getByRole("button", { name: "Export" }).click()]);
  assert.match(download.suggestedFilename(), /^tasks-\d{4}-\d\d-\d\d\.json$/);
  const everything = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(everything.user.email, account.email);
  assert.equal(everything.sign_ins.length, 2);
  assert.equal(new Set(everything.tasks.map(({ id }) => id)).size, 300);
  await page.says("300 tasks were exported.");

  // Another password: this page goes on, other sign-ins end.
  await open("Change the password");
  await dialog.getByLabel("Current password").fill("not it");
  await dialog.getByLabel("New password").fill(NEW_PASSWORD);
  await dialog.getByRole("button", { name: "Change the password" }).click();
  await page.says("Current password is not your password.");
  await dialog.getByLabel("Current password").fill(account.password);
  await dialog.getByRole("button", { name: "Change the password" }).click();
  await page.says("Your password was changed. Everywhere else you are signed out.");
  await page.spoil("access_token");
  await page.show("Open");
  await page.says("300 open tasks");
  await elsewhere.spoil("access_token");
  await elsewhere.show("Open");
  await elsewhere.says("Your sign-in has ended.");
  await elsewhere.signIn(account);
  await elsewhere.says("The e-mail address or the password is wrong.");
  await elsewhere.signIn({ ...account, password: NEW_PASSWORD });
  await elsewhere.expectSignedIn();

  // Out everywhere, which the other one notices when it renews its token.
  await open("Sign out everywhere");
  await dialog.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.says("You have signed out everywhere.");
  assert.equal(await page.session(), null);
  await elsewhere.turnTo();
  await elsewhere.spoil("access_token");
  await elsewhere.show("All");
  await elsewhere.says("Your sign-in has ended.");

  // The password is changed, and the service can't be reached for the sign-in after it.
  await page.turnTo();
  await page.signIn({ ...account, password: NEW_PASSWORD });
  await page.expectSignedIn();
  await tab.route("**/api/v1/auth/login", (route) => route.abort(), { times: 1 });
  await open("Change the password");
  await dialog.getByLabel("Current password").fill(NEW_PASSWORD);
  await dialog.getByLabel("New password").fill(LAST_PASSWORD);
  await dialog.getByRole("button", { name: "Change the password" }).click();
  await page.says("Your password was changed. Sign in with the new one.");
  assert.equal(await page.session(), null);

  // The end of the account.
  await page.signIn({ ...account, password: LAST_PASSWORD });
  await page.expectSignedIn();
  await open("Delete the account");
  await dialog.getByLabel("Your password").fill(account.password);
  await dialog.getByRole("button", { name: "Delete the account and all tasks" }).click();
  await page.says("The password is not your password.");
  await dialog.getByLabel("Your password").fill(LAST_PASSWORD);
  await dialog.getByRole("button", { name: "Delete the account and all tasks" }).click();
  await page.says("Your account and all your tasks were deleted.");
  await page.signIn({ ...account, password: LAST_PASSWORD });
  await page.says("The e-mail address or the password is wrong.");
}

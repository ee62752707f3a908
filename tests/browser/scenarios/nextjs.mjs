// The app of docs/nextjs.md: a user who signs up there has tasks here.

import assert from "node:assert/strict";

import { newAccount } from "../world.mjs";

export default async function play(world) {
  const tab = await (await world.browser.newContext()).newPage();
  const { name, email, password } = newAccount();
  const checkbox = tab.getByRole("checkbox", { name: "Buy milk" });

  await tab.goto(world.origin);
  await tab.getByPlaceholder("Name").fill(name);
  await tab.getByPlaceholder("E-mail").fill(email);
  await tab.getByPlaceholder("Password").fill(password);
  await tab.getByRole("button", { name: "Sign up" }).click();

  await tab.getByPlaceholder("What is to be done?").fill("Buy milk");
  await tab.getByRole("button", { name: "Add" }).click();
  await checkbox.waitFor();
  assert.equal(await checkbox.isChecked(), false);
  await checkbox.click();
  await tab.locator("input:checked").waitFor();

  await tab.reload();
  await tab.locator("input:checked").waitFor();
  assert.equal(await tab.getByRole("checkbox").count(), 1);
}

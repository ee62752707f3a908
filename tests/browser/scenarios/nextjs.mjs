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

  const created = await tab.evaluate(async (api) => {
    const { token } = await (await fetch("/api/auth/token")).json();
    const answer = await fetch(`${api}/api/v1/tasks`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "Seen across origins" }),
    });
    const header = (name) => answer.headers.get(name);
    return { status: answer.status, etag: header("etag"), location: header("location") };
  }, process.env.API);
  assert.equal(created.status, 201);
  assert.equal(created.etag, '"1"');
  assert.match(created.location, /^\/api\/v1\/tasks\/[0-9a-f-]{36}$/);
}

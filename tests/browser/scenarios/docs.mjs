// The document as a page: read, signed in to, and used. With PICTURE=file it is photographed.

import assert from "node:assert/strict";

import { newAccount } from "../world.mjs";

export default async function play(world) {
  const { tab } = await world.open();
  await tab.goto(`${world.origin}/docs`);

  const document = await tab.evaluate(async () => (await fetch("openapi.json")).json());
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  await tab.locator(".opblock").nth(operations.length - 1).waitFor();
  assert.equal(await tab.locator(".opblock").count(), operations.length);
  for (const { summary } of operations) {
    await tab.getByText(summary, { exact: true }).first().waitFor();
  }

  await tryOut(tab, "createTask");
  assert.equal(await status(tab, "createTask"), "401");

  await tab.getByRole("button", { name: "Authorize" }).first().click();
  await tab.locator(".auth-container input").fill(await register(tab));
  await tab.getByRole("button", { name: "Apply credentials" }).click();
  await tab.getByRole("button", { name: "Close", exact: true }).click();
  await tab.locator("#operations-Tasks-createTask").getByRole("button", { name: "Execute" }).click();
  await tab.locator("#operations-Tasks-createTask .response_current .response-col_status", { hasText: "201" }).waitFor();

  if (process.env.PICTURE) {
    await tab.screenshot({ path: process.env.PICTURE, fullPage: true });
  }
}

async function tryOut(tab, operation) {
  const block = tab.locator(`#operations-Tasks-${operation}`);
  await block.locator(".opblock-summary-control").first().click();
  await block.getByRole("button", { name: "Try it out" }).click();
  await block.getByRole("button", { name: "Execute" }).click();
}

async function status(tab, operation) {
  const current = tab.locator(`#operations-Tasks-${operation} .response_current .response-col_status`).first();
  return (await current.textContent()).trim();
}

function register(tab) {
  return tab.evaluate(async (account) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("api/v1/auth/register", { method: "POST", headers, body: JSON.stringify(account) });
    return (await answer.json()).access_token;
  }, newAccount());
}

// A second visit: what it asks the function `web` for, and that nothing on the
// page jumps while it loads.

import assert from "node:assert/strict";

import { newAccount } from "../world.mjs";

export default async function play(world) {
  const page = await world.open();
  await page.signUp(newAccount());
  const create = (_, index) => ({ op: "create", task: { title: `Task ${index}` } });
  await page.ask("POST", "tasks/batch", { operations: Array.from({ length: 100 }, create) });
  await page.tab.goto("about:blank");

  const again = await answers(page, async () => {
    await page.tab.goto(world.origin);
    await page.expectSignedIn();
  });

  assert.ok(again.length <= 2, again.join(", "));
  assert.deepEqual(again, ["304 /"]);

  for (const width of [1280, 412]) {
    await page.tab.setViewportSize({ width, height: 823 });
    await page.tab.reload();
    await page.says("100 tasks");
    const shift = await page.tab.evaluate(layoutShift);
    assert.ok(shift < 0.01, `${shift} at ${width} px`);
  }

  // The same of the documentation.
  await page.tab.goto(`${world.origin}/docs`);
  await page.tab.locator(".opblock").first().waitFor();
  await page.tab.goto("about:blank");
  const docs = await answers(page, async () => {
    await page.tab.goto(`${world.origin}/docs`);
    await page.tab.locator(".opblock").first().waitFor();
  });
  assert.deepEqual(docs.sort(), ["304 /docs", "304 /openapi.json"]);
}

/** How far things have jumped, as browsers measure it (https://web.dev/articles/cls). */
function layoutShift() {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0));
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(0), 1000);
  });
}

/** The answers that came over the network while `visit` lasts, but those of the API. */
async function answers({ tab }, visit) {
  const seen = [];
  const session = await tab.context().newCDPSession(tab);
  await session.send("Network.enable");
  const cached = new Set();
  session.on("Network.requestServedFromCache", ({ requestId }) => cached.add(requestId));
  session.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => seen.push({ requestId, statusCode }));
  const paths = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  await visit();
  await session.detach();
  return seen
    .filter(({ requestId }) => !cached.has(requestId))
    .map(({ requestId, statusCode }) => `${statusCode} ${paths.get(requestId)}`)
    .filter((answer) => !answer.includes("/api/"));
}

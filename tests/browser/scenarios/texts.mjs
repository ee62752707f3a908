// Texts that people write: addresses become links, every script has its direction,
// and dates are written as the reader does.

import assert from "node:assert/strict";

import { newAccount } from "../world.mjs";

export default async function play(world) {
  const account = newAccount();
  const page = await world.open({ locale: "en-GB" });
  const { tab } = page;
  await page.signUp(account);
  await page.ask("POST", "tasks/batch", {
    operations: [
      { op: "create", task: { title: "Read https://example.com/a_(b)?c=1&d=<i>, then (http://example.org/x)." } },
      { op: "create", task: { title: "javascript:alert(1) ftp://example.com https://", description: "See HTTPS://EXAMPLE.COM/PATH!" } },
      { op: "create", task: { title: "לקנות חלב", description: "عند البائع" } },
      { op: "create", task: { title: "Dated", due_date: "2031-03-04" } },
    ],
  });
  await tab.reload();
  await page.expectSignedIn();

  // Links, and nothing else.
  const links = await tab.locator("#task-list a").evaluateAll((all) =>
    all.map(({ href, target, rel, textContent }) => ({ href, target, rel, textContent })),
  );
  const link = (textContent, href = textContent) => ({ href, target: "_blank", rel: "noopener noreferrer", textContent });
  assert.deepEqual(links, [
    link("HTTPS://EXAMPLE.COM/PATH", "https://example.com/PATH"),
    link("https://example.com/a_(b)?c=1&d="),
    link("http://example.org/x"),
  ]);
  assert.equal(
    await tab.locator("#task-list .title").last().textContent(),
    "Read https://example.com/a_(b)?c=1&d=<i>, then (http://example.org/x).",
  );
  assert.equal(await tab.locator("#task-list i").count(), 0);

  // A click on a link does not edit, a click beside it does.
  const row = page.row("Read https://example.com/a_(b)?c=1&d=<i>, then (http://example.org/x).");
  await tab.context().route(/example\.(com|org)/, (route) => route.fulfill({ body: "elsewhere" }));
  const [opened] = await Promise.all([
    tab.context().waitForEvent("page"),
    row.getByRole("link", { name: "http://example.org/x" }).click(),
  ]);
  await opened.close();
  assert.equal(await tab.getByRole("form", { name: /^Edit/ }).count(), 0);
  await row.getByRole("button", { name: /^Edit: / }).click({ position: { x: 5, y: 5 } });
  await tab.getByRole("form", { name: /^Edit/ }).waitFor();
  await tab.keyboard.press("Escape");

  // Each text has its own direction, also while it is typed.
  const direction = (locator) => locator.evaluate((element) => getComputedStyle(element).direction);
  const hebrew = page.row("לקנות חלב");
  assert.equal(await direction(hebrew.locator(".title")), "rtl");
  assert.equal(await direction(hebrew.locator(".description")), "rtl");
  assert.equal(await direction(page.row("Dated").locator(".title")), "ltr");
  await page.field("New task").fill("עוד");
  assert.equal(await direction(page.field("New task")), "rtl");
  await page.field("New task").fill("More");
  assert.equal(await direction(page.field("New task")), "ltr");
  await page.field("New task").fill("");

  // Dates as the reader writes them, where that is this page's language; else as the page does.
  for (const [locale, short, long] of [
    ["en-GB", "4 Mar 2031", "Tuesday, 4 March 2031"],
    ["en-US", "Mar 4, 2031", "Tuesday, March 4, 2031"],
    ["de-DE", "Mar 4, 2031", "Tuesday, March 4, 2031"],
  ]) {
    const other = await world.open({ locale });
    await other.signIn(account);
    await other.expectSignedIn();
    const time = other.row("Dated").locator("time");
    await time.getByText(short, { exact: true }).waitFor();
    assert.equal(await time.getAttribute("title"), long, locale);
    await other.tab.context().close();
  }
}

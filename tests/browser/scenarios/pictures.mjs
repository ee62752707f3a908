// The page with a little life in it, photographed. With PICTURES=1 those for
// the README are written to docs/images, and all to target/pictures.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { day } from "../page.mjs";

const README = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const ALL = fileURLToPath(new URL("../../../target/pictures/", import.meta.url));

const task = (title, more = {}) => ({ op: "create", task: { title, ...more } });

export default async function play(world) {
  await mkdir(ALL, { recursive: true });
  await readme(world);
  await fullPage(world);
  await withoutNetwork(world);
  await conflict(world);
  await rightToLeft(world);
  await dialogs(world);
}

async function readme(world) {
  const page = await begin(world, { width: 880, height: 750 }, [
    task("Renew the passport", { due_date: day(-2), description: "The old one has to be handed in." }),
    task("Book the train to Turin", { due_date: day(1), status: "in_progress" }),
    task("Answer Charles about the tables", { due_date: day(0) }),
    task("Read the translator’s notes", { description: "Note G first; compare the numbers with https://example.com/notes." }),
    task("Return the library books", { status: "completed" }),
  ]);
  await page.field("Order").selectOption("Due first");
  await page.row("Renew the passport").waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await page.tab.emulateMedia({ colorScheme });
    await shoot(page, `page-${colorScheme}`, README);
  }
}

async function fullPage(world) {
  const empty = await begin(world, { width: 1024, height: 768 }, []);
  await shoot(empty, "empty");
  const many = Array.from({ length: 100 }, (_, index) => task(`Task ${index + 1}`, { due_date: day((index % 40) - 10) }));
  const page = await begin(world, { width: 1024, height: 768 }, many, many);
  for (const shown of [100, 150, 200]) {
    await page.showMore(shown);
  }
  await page.tab.screenshot({ path: picture("200-tasks"), fullPage: true });
  await page.tab.evaluate(() => scrollTo(0, 0));
  await shoot(page, "200-tasks-top");
  await page.button("Select…").click();
  await page.tab.locator(".pick").first().check();
  await page.button("All", true).click();
  await shoot(page, "selecting");
  await narrow(page, "selecting-375");
  await page.button("Done", true).click();
  await narrow(page, "200-tasks-375");
}

async function withoutNetwork(world) {
  const page = await begin(world, { width: 1024, height: 768 }, [task("Buy milk"), task("Water the plants", { due_date: day(-1) })]);
  await page.cut();
  await page.field("New task").fill("Written in a tunnel");
  await page.button("Add").click();
  await page.says("not saved yet");
  await page.show("Today");
  await page.says("The service can’t be reached.");
  await shoot(page, "no-network");
  await narrow(page, "no-network-375");
}

async function conflict(world) {
  const page = await begin(world, { width: 1024, height: 900 }, [task("Plan the trip", { description: "By train" }), task("Pack")]);
  const editor = await page.edit("Plan the trip");
  const [, stored] = await page.stored();
  await page.ask("PATCH", `tasks/${stored.id}`, { title: "Plan the journey", due_date: day(4) });
  await editor.getByLabel("Title").fill("Plan the trip to Rome");
  await editor.getByRole("button", { name: "Save" }).click();
  await page.says("This task was changed elsewhere meanwhile.");
  await shoot(page, "conflict");
  await page.tab.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "conflict-dark");
  await narrow(page, "conflict-375-dark");
}

async function rightToLeft(world) {
  const page = await begin(world, { width: 1024, height: 768 }, [
    task("לקנות חלב", { description: "שני ליטר, ראו https://example.com/milk", due_date: day(1) }),
    task("اتصل بآن (غدًا)", { status: "in_progress" }),
    task("Buy bread"),
    task("כל התפוחים: 3 ק״ג", { status: "completed" }),
  ]);
  await page.row("לקנות חלב").getByRole("checkbox").check();
  await page.field("New task").fill("להתקשר לאמא");
  await shoot(page, "rtl");
  await page.tab.evaluate(() => (document.documentElement.dir = "rtl"));
  await shoot(page, "rtl-page");
  await narrow(page, "rtl-page-375");
}

async function dialogs(world) {
  const page = await begin(world, { width: 1024, height: 900 }, [task("Buy milk")]);
  await page.button("Account:", false).click();
  await page.tab.getByText("Change the password").first().click();
  await shoot(page, "account");
  await page.tab.emulateMedia({ colorScheme: "dark" });
  await narrow(page, "account-375-dark");
  await page.button("Close").click();
  await page.button("Keys").click();
  await shoot(page, "keys-dark");
}

async function begin(world, viewport, ...batches) {
  const page = await world.openSignedIn({ viewport, reducedMotion: "reduce" });
  for (const operations of batches.filter((batch) => batch.length > 0)) {
    await page.ask("POST", "tasks/batch", { operations });
  }
  await page.tab.reload();
  await page.expectSignedIn();
  return page;
}

async function narrow(page, name) {
  const before = page.tab.viewportSize();
  await page.tab.setViewportSize({ width: 375, height: 812 });
  await page.tab.locator(".conflict:visible, h1").last().scrollIntoViewIfNeeded();
  await shoot(page, name);
  await page.tab.setViewportSize(before);
}

async function shoot(page, name, ...also) {
  await page.tab.mouse.move(0, 0);
  await page.tab.evaluate(() => document.activeElement.blur());
  const bytes = await page.tab.screenshot({ path: picture(name) });
  for (const directory of process.env.PICTURES ? also : []) {
    await page.tab.screenshot({ path: `${directory}${name}.png` });
  }
  return bytes;
}

function picture(name) {
  return process.env.PICTURES && `${ALL}${name}.png`;
}

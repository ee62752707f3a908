// Filters, search, order and pages.

import assert from "node:assert/strict";

import { day } from "../page.mjs";

export default async function play(world) {
  const page = await world.openSignedIn();
  const create = (task) => ({ op: "create", task });
  await page.ask("POST", "tasks/batch", {
    operations: [
      create({ title: "Alpha", description: "Find the Needle here" }),
      create({ title: "Beta", due_date: day(-3) }),
      create({ title: "Gamma", due_date: day(3), status: "completed" }),
      create({ title: "Delta 100% needle", due_date: day(-1), status: "completed" }),
    ],
  });

  await page.show("Open");
  await page.eventually(async () => assert.deepEqual((await page.titles()).sort(), ["Alpha", "Beta"]));
  await page.says("2 open tasks");
  await page.show("Overdue");
  await page.expectTitles(["Beta"]);
  await page.show("Completed");
  await page.eventually(async () => assert.deepEqual((await page.titles()).sort(), ["Delta 100% needle", "Gamma"]));

  // A search waits for the end of the typing.
  await page.show("All");
  const requests = page.requests();
  await page.field("Search titles and descriptions").pressSequentially("needle", { delay: 20 });
  await page.eventually(async () => assert.deepEqual((await page.titles()).sort(), ["Alpha", "Delta 100% needle"]));
  await page.says("2 tasks with “needle”");
  const lists = requests.filter(({ name }) => name === "GET tasks").length;
  assert.ok(lists <= 2, `${lists} requests for six letters`);
  await page.search("100%");
  await page.expectTitles(["Delta 100% needle"]);
  await page.search("nothing like it");
  await page.says("No task is like that.");

  // A new task is not lost in a view that does not show it.
  await page.field("New task").fill("Epsilon");
  await page.button("Add").click();
  await page.says("“Epsilon” was added. This view does not show it.");
  await page.button("Show all", true).click();
  await page.row("Epsilon").waitFor();

  await page.field("Order").selectOption("By title");
  await page.expectTitles(["Alpha", "Beta", "Delta 100% needle", "Epsilon", "Gamma"]);

  // Pages by cursor: none twice, none left out, also when one is added between.
  const many = Array.from({ length: 100 }, (_, index) => create({ title: `Task ${String(index).padStart(3, "0")}` }));
  await page.ask("POST", "tasks/batch", { operations: many });
  await page.field("Order").selectOption("Newest first");
  await page.says("105 tasks");
  assert.equal((await page.titles()).length, 50);
  await page.ask("POST", "tasks", { title: "Added elsewhere" });
  await page.showMore(100);
  const focused = await page.tab.evaluate(() => document.activeElement.closest(".task")?.querySelector(".content > .title").textContent);
  assert.equal(focused, (await page.titles())[50]);

  // The focus is left where somebody types meanwhile.
  await page.delay(1000);
  await page.button("Show more", false).click();
  await page.field("New task").focus();
  await page.eventually(async () => assert.equal((await page.titles()).length, 105));
  assert.equal(await page.tab.evaluate(() => document.activeElement.id), "add-title");
  await page.mend();
  assert.equal(await page.button("Show more", false).count(), 0);
  assert.equal(new Set(await page.titles()).size, 105);

  // A list that has to be read anew and a page that is asked for meanwhile: both come, whichever is first.
  await page.tab.reload();
  await page.expectSignedIn();
  for (const isMoreFirst of [true, false]) {
    const newest = `After ${isMoreFirst}`;
    const release = await page.holdLists();
    const asked = page.requests();
    const lists = () => asked.filter(({ name }) => name === "GET tasks").length;
    const more = () => page.button("Show more", false).click();
    const anew = async () => {
      const operations = Array.from({ length: 100 }, (_, index) => create({ title: `${newest} ${index}`, due_date: day(1) }));
      await page.ask("POST", "tasks/batch", { operations });
      await page.ask("POST", "tasks/batch", { operations });
      await page.ask("POST", "tasks", { title: newest });
      await page.look();
    };
    for (const step of isMoreFirst ? [more, anew] : [anew, more]) {
      const before = lists();
      await step();
      await page.eventually(() => assert.ok(lists() > before));
    }
    await release();
    await page.row(newest).waitFor();
    await page.eventually(async () => assert.equal((await page.titles()).length, 100));
  }

  // What comes into sight has its place already: a button that moves away under a click loses it.
  const moved = await page.tab.evaluate(async () => {
    const button = document.getElementById("load-more");
    scrollTo(0, 0);
    button.scrollIntoView();
    const before = button.getBoundingClientRect().top;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return button.getBoundingClientRect().top - before;
  });
  assert.equal(moved, 0);

  // What changes behind the pages that were read is neither counted twice nor missed.
  await page.says("508 tasks");
  const stored = await page.ask("GET", "tasks?sort=created_at&limit=3");
  await page.ask("PATCH", `tasks/${stored.tasks[0].id}`, { title: "Alpha again" });
  await page.ask("DELETE", `tasks/${stored.tasks[1].id}`);
  await page.look();
  await page.says("507 tasks");
  await page.button("Show more (100 of 507)").waitFor();

  // With all that was read gone, the rest is still to be had.
  const newest = await page.ask("GET", "tasks?limit=100");
  await page.ask("POST", "tasks/batch", { operations: newest.tasks.map(({ id }) => ({ op: "delete", id })) });
  await page.look();
  await page.says("407 tasks");
  assert.deepEqual(await page.titles(), []);
  assert.ok(await page.tab.locator("#empty").isHidden());
  await page.showMore(50);

  // Nor in a search, whose number no view has.
  await page.search("After true");
  await page.says("201 tasks with “After true”");
  const found = await page.ask("GET", "tasks?q=After%20true&sort=created_at&limit=1");
  await page.ask("DELETE", `tasks/${found.tasks[0].id}`);
  await page.look();
  await page.says("200 tasks with “After true”");
}

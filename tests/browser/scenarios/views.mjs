// Views, how many tasks each has, and that the address keeps what is seen.

import assert from "node:assert/strict";

import { day } from "../page.mjs";

const VIEWS = ["All", "Open", "In progress", "Today", "Upcoming", "Overdue", "Completed"];

export default async function play(world) {
  const page = await world.openSignedIn();
  const { tab } = page;
  const create = (title, more) => ({ op: "create", task: { title, ...more } });
  await page.ask("POST", "tasks/batch", {
    operations: [
      create("Late", { due_date: day(-1) }),
      create("Now", { due_date: day(0), status: "in_progress" }),
      create("Soon", { due_date: day(1) }),
      create("Later", { due_date: day(30) }),
      create("Whenever"),
      create("Done late", { due_date: day(-1), status: "completed" }),
    ],
  });
  await tab.reload();
  await page.expectSignedIn();
  const counts = (...numbers) => Object.fromEntries(VIEWS.map((view, index) => [view, numbers[index]]));
  await page.expectCounts(counts(6, 5, 1, 2, 2, 1, 1));

  for (const [view, titles, says] of [
    ["Today", ["Late", "Now"], "2 tasks for today"],
    ["Upcoming", ["Soon", "Later"], "2 upcoming tasks"],
    ["Overdue", ["Late"], "1 overdue task"],
    ["In progress", ["Now"], "1 task in progress"],
    ["Completed", ["Done late"], "1 completed task"],
  ]) {
    await page.show(view);
    await page.expectTitles(titles);
    await page.says(says);
  }

  // A change goes through all of them at once.
  await page.show("Today");
  await page.expectTitles(["Late", "Now"]);
  const editor = await page.edit("Late");
  await editor.getByLabel("Due date").fill(day(2));
  await editor.getByRole("button", { name: "Save" }).click();
  await page.expectTitles(["Now"]);
  await page.expectCounts(counts(6, 5, 1, 1, 3, 0, 1));

  // A new task of today is for today, and the date is there to be changed.
  assert.equal(await page.field("Due date of the new task").inputValue(), day(0));
  await page.add("Also now");
  await page.expectCounts(counts(7, 6, 1, 2, 3, 0, 1));
  assert.equal((await page.stored())[0].due_date, day(0));
  await page.show("All");
  assert.equal(await page.field("Due date of the new task").inputValue(), "");

  // The address keeps the view, the search and the order: through a reload, and for the way back.
  await page.show("Upcoming");
  await page.search("l");
  await page.expectTitles(["Late", "Later"]);
  await page.field("Order").selectOption("By title");
  assert.equal(new URL(tab.url()).search, "?view=upcoming&q=l&sort=title");
  await tab.reload();
  await page.expectSignedIn();
  await page.expectTitles(["Late", "Later"]);
  assert.equal(await tab.getByRole("radio", { name: "Upcoming" }).isChecked(), true);
  assert.equal(await page.field("Order").inputValue(), "title");
  await page.show("In progress");
  await page.says("No task is like that.");
  await tab.goBack();
  await page.expectTitles(["Late", "Later"]);
  await page.show("In progress");
  await page.says("No task is like that.");
  await page.button("Show all tasks").click();
  await page.says("7 tasks");
  assert.equal(new URL(tab.url()).search, "?sort=title");

  // An address that somebody made up is no harm.
  await tab.goto(`${world.origin}/?view=constructor&sort=nothing&q=`);
  await page.expectSignedIn();
  await page.says("7 tasks");

  // A page that is kept open notices that another day has begun.
  await tab.clock.install({ time: new Date() });
  await tab.goto(`${world.origin}/?view=today`);
  await page.expectSignedIn();
  await page.expectTitles(["Now", "Also now"]);
  await tab.clock.fastForward("24:00:00");
  await page.eventually(async () => assert.ok((await page.titles()).includes("Soon")));
  await page.row("Now").getByText("Overdue: yesterday").waitFor();
}

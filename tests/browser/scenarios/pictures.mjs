// The page with a little life in it. With PICTURES=1 its pictures are written to docs/images.

import { fileURLToPath } from "node:url";

import { day } from "../page.mjs";
import { newAccount } from "../world.mjs";

const DIRECTORY = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

export default async function play(world) {
  const page = await world.open({ viewport: { width: 880, height: 780 }, reducedMotion: "reduce" });
  await page.signUp(newAccount());
  const task = (title, more = {}) => ({ op: "create", task: { title, ...more } });
  await page.ask("POST", "tasks/batch", {
    operations: [
      task("Renew the passport", { due_date: day(-2), description: "The old one has to be handed in." }),
      task("Book the train to Turin", { due_date: day(1), status: "in_progress" }),
      task("Answer Charles about the tables", { due_date: day(0) }),
      task("Read the translator’s notes", { description: "Note G first; compare the numbers with the letter of July." }),
      task("Return the library books", { status: "completed" }),
    ],
  });
  await page.field("Order").selectOption("Due first");
  await page.row("Renew the passport").waitFor();
  await page.tab.mouse.move(0, 0);
  await page.tab.evaluate(() => document.activeElement.blur());
  for (const colorScheme of ["light", "dark"]) {
    await page.tab.emulateMedia({ colorScheme });
    const path = process.env.PICTURES && `${DIRECTORY}page-${colorScheme}.png`;
    await page.tab.screenshot({ path });
  }
}

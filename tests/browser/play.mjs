// Plays one scenario against the service at ORIGIN, in the browser CHROMIUM.
// The process fails when the scenario does, and when a page complained meanwhile.

import { chromium } from "playwright-core";

import { World } from "./world.mjs";

const LIMIT_MS = 300_000;

// The process that started this holds the other end, and lets go of it in any death.
process.stdin.on("close", () => process.exit(1)).resume();
setTimeout(() => {
  console.error(`not over after ${LIMIT_MS / 1000} s`);
  process.exit(1);
}, LIMIT_MS).unref();

const [name] = process.argv.slice(2);
const { default: play } = await import(`./scenarios/${name}.mjs`);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
  ],
});
try {
  const world = new World(browser, process.env.ORIGIN);
  await play(world);
  world.expectNoComplaints();
} finally {
  await browser.close();
}
process.exit(0);

// A browser and the service in front of it, and what must never happen.

import assert from "node:assert/strict";

import { Page } from "./page.mjs";

/** How long a step may take, on a machine that has other things to do. */
const PATIENCE_MS = 30_000;

export class World {
  #complaints = [];

  constructor(browser, origin) {
    this.browser = browser;
    this.origin = origin;
  }

  /** A browser of its own, with one tab that shows the page. */
  async open(options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1024, height: 768 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    context.on("page", (tab) => this.#listen(tab));
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (violation) => {
        console.error(`policy: ${violation.violatedDirective} ${violation.blockedURI}`);
      });
    });
    return this.openTab(context);
  }

  /** One more tab of the same browser. */
  async openTab(context) {
    const tab = await context.newPage();
    await tab.goto(this.origin);
    return new Page(tab, this);
  }

  /** Somebody new, signed in. */
  async openSignedIn(options) {
    const page = await this.open(options);
    await page.signUp(newAccount());
    return page;
  }

  expectNoComplaints() {
    assert.deepEqual(this.#complaints, []);
  }

  #listen(tab) {
    tab.on("pageerror", (error) => this.#complaints.push(String(error.stack)));
    tab.on("console", (message) => {
      // The browser itself notes each answer that is not 2xx; those of the API are meant.
      const isAnswer = message.location().url.startsWith(`${this.origin}/api/`);
      if (["error", "warning"].includes(message.type()) && !isAnswer) {
        this.#complaints.push(`${message.text()} (${message.location().url})`);
      }
    });
    tab.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.origin && !["about:", "data:"].includes(protocol)) {
        this.#complaints.push(`asked ${origin}`);
      }
    });
  }
}

let count = 0;

export function newAccount() {
  count += 1;
  const email = `ada-${Date.now()}-${process.pid}-${count}@example.com`;
  return { name: "Ada Lovelace", email, password: "correct horse battery staple" };
}

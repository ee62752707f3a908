// The page as a user handles it: by what it says, never by how it is built.

import assert from "node:assert/strict";

const API = "**/api/v1/**";

export class Page {
  constructor(tab, world) {
    this.tab = tab;
    this.world = world;
  }

  /** Shows this tab and not another one: in the background all takes a second. */
  async turnTo() {
    await this.tab.bringToFront();
    return this;
  }

  /** Turns to this tab; headless, all tabs count as looked at, so the event is made by hand. */
  async look() {
    await this.turnTo();
    await this.tab.evaluate(() => window.dispatchEvent(new Event("focus")));
  }

  // Signing in

  async signUp({ name, email, password }) {
    await this.button("Create an account").click();
    await this.field("Name").fill(name);
    await this.fillCredentials(email, password);
    await this.tab.getByRole("button", { name: "Create an account", exact: true }).click();
    await this.expectSignedIn();
  }

  async signIn({ email, password }) {
    await this.fillCredentials(email, password);
    await this.button("Sign in").click();
  }

  async fillCredentials(email, password) {
    await this.field("E-mail address").fill(email);
    await this.field("Password").fill(password);
  }

  async expectSignedIn() {
    await this.button("Sign out").waitFor();
    await this.tab.locator("#task-list[aria-busy=false]").waitFor({ state: "attached" });
  }

  // Tasks

  async add(title, dueDate) {
    await this.field("New task").fill(title);
    if (dueDate) {
      await this.field("Due date of the new task").fill(dueDate);
    }
    await this.button("Add").click();
    await this.row(title).waitFor();
  }

  row(title) {
    return this.tab.getByRole("listitem").filter({ has: this.tab.getByRole("checkbox", { name: `Completed: ${title}`, exact: true }) });
  }

  /** The titles that are seen, in order. */
  titles() {
    return this.tab.locator("#task-list .content > .title:visible").allTextContents();
  }

  async expectTitles(expected) {
    await this.eventually(async () => assert.deepEqual(await this.titles(), expected));
  }

  /** Opens a task's editor, and returns its form. */
  async edit(title) {
    await this.turnTo();
    await this.button(`Edit: ${title}`, false).click();
    return this.editor(title);
  }

  editor(title) {
    return this.tab.getByRole("form", { name: `Edit ${title}` });
  }

  async delete(title) {
    await this.turnTo();
    await this.tab.getByRole("button", { name: `Delete: ${title}`, exact: true }).click();
  }

  async show(view) {
    await this.turnTo();
    await this.view(view).click();
  }

  /** The control of a view: its name and how many tasks it has. */
  view(name) {
    const exactly = this.tab.getByText(name, { exact: true });
    return this.tab.locator(".filter label").filter({ has: exactly });
  }

  /** `{ All: 3, Open: 2 }` and so on, which the views have to come to. */
  async expectCounts(expected) {
    await this.eventually(async () => {
      const counts = {};
      for (const name of Object.keys(expected)) {
        counts[name] = Number(await this.view(name).locator(".number").textContent());
      }
      assert.deepEqual(counts, expected);
    });
  }

  /** Asks for the next page, and waits until so many rows are there. */
  async showMore(shown) {
    await this.button("Show more", false).click();
    await this.eventually(async () => assert.equal((await this.titles()).length, shown));
  }

  async search(text) {
    await this.field("Search titles and descriptions").fill(text);
  }

  /** The new tasks that the service has not got yet, the latest first. */
  waiting() {
    return this.tab.locator("#waiting .title").allTextContents();
  }

  async expectNothingWaiting() {
    await this.eventually(async () => assert.deepEqual(await this.waiting(), []));
  }

  // What is on the page

  button(name, exact = true) {
    return this.tab.getByRole("button", { name, exact });
  }

  field(name) {
    return this.tab.locator("main").getByLabel(name, { exact: true });
  }

  async says(text) {
    await this.turnTo();
    await this.tab.getByText(text).filter({ visible: true }).first().waitFor();
  }

  async expectError(field, text) {
    await this.says(text);
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    const described = await field.evaluate((element) =>
      element.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent),
    );
    assert.ok(described.includes(text), `${described}`);
  }

  /** Dismisses the message that says so. */
  async dismiss(text) {
    await this.says(text);
    const message = this.tab.locator(".notice").filter({ hasText: text });
    await message.getByRole("button", { name: "Dismiss this message" }).click();
  }

  // Between the page and the service

  /** Lets every request to the API take this long more. */
  async delay(ms) {
    await this.tab.route(API, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      await route.continue().catch(() => {});
    });
  }

  /** Takes the API away, as a train in a tunnel does; the page itself stays reachable. */
  async cut() {
    await this.tab.route(API, (route) => route.abort("internetdisconnected"));
  }

  /** Holds lists back until the function that it returns is called. */
  async holdLists() {
    const lists = "**/api/v1/tasks?*";
    let release;
    const released = new Promise((resolve) => (release = resolve));
    await this.tab.route(lists, async (route) => {
      await released;
      await route.continue().catch(() => {});
    });
    return async () => {
      release();
      await this.tab.unroute(lists);
    };
  }

  /** Undoes `delay` and `cut`. */
  async mend() {
    await this.tab.unroute(API);
  }

  // Behind the page

  session() {
    return this.tab.evaluate(() => JSON.parse(localStorage.getItem("tasks.session")));
  }

  /** Makes tokens ones that the service refuses. */
  spoil(...names) {
    return this.tab.evaluate((names) => {
      const session = JSON.parse(localStorage.getItem("tasks.session"));
      for (const name of names) {
        session[name] = "spoilt";
      }
      localStorage.setItem("tasks.session", JSON.stringify(session));
    }, names);
  }

  /** Asks the API as another client of the same user would. */
  async ask(method, path, body, headers = {}) {
    const { access_token } = await this.session();
    const response = await fetch(`${this.world.origin}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json", ...headers },
      body: body && JSON.stringify(body),
    });
    return response.status === 204 ? null : response.json();
  }

  /** The tasks as the service has them. */
  async stored() {
    const { tasks } = await this.ask("GET", "tasks?limit=200");
    return tasks;
  }

  async storedTitles() {
    return (await this.stored()).map((task) => task.title);
  }

  /** Every request from now on, `POST tasks` and so on, as an array that grows. */
  requests() {
    const seen = [];
    this.tab.on("request", (request) => {
      const { pathname } = new URL(request.url());
      seen.push({ name: `${request.method()} ${pathname.replace("/api/v1/", "")}`, headers: request.headers() });
    });
    return seen;
  }

  /** Every answer from now on, `200 POST auth/refresh` and so on, as an array that grows. */
  answers() {
    const seen = [];
    this.tab.on("response", (response) => {
      const { pathname } = new URL(response.url());
      seen.push(`${response.status()} ${response.request().method()} ${pathname.replace("/api/v1/", "")}`);
    });
    return seen;
  }

  /** Tries until the claim holds. */
  async eventually(claim) {
    const end = Date.now() + 30_000;
    for (;;) {
      try {
        return await claim();
      } catch (failure) {
        if (Date.now() > end) {
          throw failure;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

/** A day of the calendar, so many days from today. */
export function day(days) {
  const date = new Date();
  date.setDate(date.getDate() + days);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

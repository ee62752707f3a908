// Swagger UI as somebody handles it who tries the API out.

// By their classes: the page is so large that roles take a second to find.
const TRY = ".try-out__btn:not(.cancel)";
const EXECUTE = ".btn.execute";
const CLEAR = ".btn-clear";

export class Docs {
  static async open(tab, origin) {
    await tab.goto(`${origin}/docs`);
    await tab.locator(".opblock").first().waitFor();
    return new Docs(tab);
  }

  constructor(tab) {
    this.tab = tab;
  }

  /** The names of the sections, in their order. */
  sections() {
    return this.tab.locator(".opblock-tag").evaluateAll((all) => all.map(({ dataset }) => dataset.tag));
  }

  /** The ids of the operations that are seen, in their order. */
  operations() {
    return this.tab.locator(".opblock").evaluateAll((all) => all.map(({ id }) => id.split("-").pop()));
  }

  async unfold(section) {
    const tag = this.tab.locator(`.opblock-tag[data-tag="${section}"]`);
    if ((await tag.getAttribute("data-is-open")) === "false") {
      await tag.click();
      await this.tab.locator(`.opblock-tag-section.is-open:has([data-tag="${section}"]) .opblock`).first().waitFor();
    }
  }

  async authorize(token) {
    await this.tab.getByRole("button", { name: "Authorize" }).first().click();
    await this.tab.locator(".auth-container input").fill(token);
    await this.tab.getByRole("button", { name: "Apply credentials" }).click();
    await this.tab.getByRole("button", { name: "Close", exact: true }).click();
  }

  /** Tries an operation out and returns the status of the answer. */
  async execute(operation, { path = {}, body = (text) => text } = {}) {
    const block = this.#block(operation);
    if ((await block.locator(EXECUTE).count()) === 0) {
      await this.#begin(operation);
    }
    for (const [name, value] of Object.entries(path)) {
      const field = block.locator(`tr[data-param-name="${name}"][data-param-in="path"] input`);
      if ((await field.count()) > 0) {
        await field.fill(value);
      }
    }
    const text = block.locator(".body-param__text");
    if ((await text.count()) > 0) {
      const before = await text.inputValue();
      const wanted = body(before);
      if (wanted !== before) {
        await text.fill(wanted);
      }
    }
    const clear = block.locator(CLEAR);
    if ((await clear.count()) > 0) {
      await clear.click();
    }
    await block.locator(EXECUTE).click();
    const status = block.locator(".live-responses-table .response .response-col_status").first();
    return Number.parseInt(await status.textContent(), 10);
  }

  /** The JSON of the last answer to an operation. */
  async answer(operation) {
    const text = await this.#block(operation).locator(".live-responses-table .highlight-code code").first().textContent();
    return JSON.parse(text);
  }

  /** Closes an operation: many open ones make the page slow. */
  async close(operation) {
    await this.#block(operation).locator(".opblock-summary-control").first().click();
  }

  /** Opens an operation, for which nothing is filled in yet. */
  async #begin(operation) {
    const block = this.#block(operation);
    if ((await block.locator(TRY).count()) === 0) {
      await block.locator(".opblock-summary-control").first().click();
    }
    await block.locator(TRY).click();
  }

  #block(operation) {
    return this.tab.locator(`.opblock[id$="-${operation}"]`);
  }
}

// The form that takes a row's place while its task is edited.

import { compared, differing } from "./conflict.js";
import * as drafts from "./drafts.js";
import { element, fromTemplate } from "./elements.js";
import { clearProblem, incomplete, showErrors, showProblem, tie } from "./fields.js";
import * as tasks from "./tasks.js";

const NAMES = ["title", "description", "due_date", "status"];

export class Editor {
  form = fromTemplate("editor-template");
  /** The version that the draft is a change of. */
  #base;
  #events;
  #problem = null;
  #isBusy = false;
  /** Whether the task is not there any more; then, the key that makes it anew. */
  #newKey = null;

  /**
   * `events` are `saved(task)`, `learned(task)` when the editor stays open, `made(task, draft)` for a
   * new one, `left(task, draft)` and `gone()`. A draft is null when it changes nothing of the task.
   */
  constructor(task, events, draft = task) {
    this.#base = task;
    this.#events = events;
    tie(this.form);
    for (const name of NAMES) {
      this.form.elements[name].value = draft[name] ?? "";
    }
    this.form.setAttribute("aria-label", `Edit ${task.title}`);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.form.addEventListener("input", () => this.#keep());
    this.form.addEventListener("keydown", (event) => this.#onKey(event));
    this.form.querySelector(".cancel").addEventListener("click", () => this.#leave());
    this.#keep();
  }

  focus() {
    this.form.elements.title.focus();
  }

  /** What is typed, in the shape of a task. */
  get draft() {
    const { title, description, due_date, status } = this.form.elements;
    return {
      title: title.value.trim(),
      description: description.value,
      due_date: due_date.value || null,
      status: status.value,
    };
  }

  get isChanged() {
    return differing(this.#base, this.draft).length > 0;
  }

  /** Keeps the draft through a reload, with the version that it is a change of. */
  #keep() {
    drafts.keep(this.#base.id, this.isChanged ? { base: this.#base, draft: this.draft } : null);
  }

  /** What the draft changes: all that has to be sent. */
  #changes() {
    const { draft } = this;
    return Object.fromEntries(differing(this.#base, draft).map((name) => [name, draft[name]]));
  }

  async #save() {
    if (this.#isBusy) {
      return;
    }
    const errors = incomplete(this.form);
    if (errors.length > 0) {
      showErrors(this.form, errors);
      return;
    }
    if (!this.isChanged && !this.#newKey) {
      this.#leave();
      return;
    }
    this.#setBusy(true);
    clearProblem(this.form);
    try {
      await this.#problem?.patience();
      await this.#send();
    } catch (problem) {
      await this.#explain(problem);
    } finally {
      this.#setBusy(false);
    }
  }

  /** Sends the draft. The fields stay open meanwhile: text typed since is a change of the version that gets saved. */
  async #send() {
    const sent = this.draft;
    const typedOn = () => (differing(sent, this.draft).length > 0 ? this.draft : null);
    if (this.#newKey) {
      const task = await tasks.create(sent, this.#newKey);
      this.#events.made(task, typedOn());
      return;
    }
    const task = await tasks.change(this.#base, this.#changes());
    if (typedOn()) {
      this.#goOn(task);
    } else {
      this.#events.saved(task);
    }
  }

  /** Leaves the editor open, on the version that was saved. */
  #goOn(task) {
    this.#base = task;
    this.#keep();
    this.#events.learned(task);
    this.#ask([], "Cancel", "Save");
  }

  async #explain(problem) {
    this.#problem = problem;
    try {
      if (problem.status === 412) {
        this.#compare(await tasks.read(this.#base.id));
      } else if (problem.status === 404) {
        this.#offerAnew();
      } else {
        showProblem(this.form, problem);
      }
    } catch (second) {
      showProblem(this.form, second);
    }
  }

  /**
   * Shows the version that somebody else made beside the draft, which stays.
   * From here on the draft is a change of that version: saving it is the
   * decision to write over it.
   */
  #compare(theirs) {
    this.#base = theirs;
    this.#keep();
    if (!this.isChanged) {
      // The answer to an earlier attempt was lost, or somebody had the same idea.
      this.#events.saved(theirs);
      return;
    }
    const heading = element("h2", "This task was changed elsewhere meanwhile.");
    this.#ask([heading, compared(theirs, this.draft)], "Take the other version", "Save mine over it");
  }

  #offerAnew() {
    this.#newKey = crypto.randomUUID();
    const heading = element("h2", "This task was deleted elsewhere meanwhile.");
    this.#ask([heading, element("p", "Your draft is still here.")], "Let it go", "Add it again");
  }

  /** Asks what to do about a conflict, an empty list when there is none. */
  #ask(content, cancel, save) {
    const conflict = this.form.querySelector(".conflict");
    conflict.replaceChildren(...content);
    conflict.hidden = content.length === 0;
    this.form.querySelector(".cancel").textContent = cancel;
    this.form.querySelector(".save").textContent = save;
  }

  /** Does nothing during a save, which can't be called back: its answer closes the editor. */
  #leave() {
    if (this.#isBusy) {
      return;
    }
    if (this.#newKey) {
      this.#events.gone();
    } else {
      this.#events.left(this.#base, this.isChanged ? this.draft : null);
    }
  }

  #onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.#leave();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#save();
    }
  }

  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    this.form.setAttribute("aria-busy", String(isBusy));
  }
}

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

  /** `events` are `saved(task)`, `made(task)` for a new one, `left(task, draft)` and `gone()`. */
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
      if (this.#newKey) {
        this.#events.made(await tasks.create(this.draft, this.#newKey));
      } else {
        this.#events.saved(await tasks.change(this.#base, this.#changes()));
      }
    } catch (problem) {
      await this.#explain(problem);
    } finally {
      this.#setBusy(false);
    }
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
    const both = compared(theirs, this.draft);
    this.#ask("This task was changed elsewhere meanwhile.", both, "Take the other version", "Save mine over it");
  }

  #offerAnew() {
    this.#newKey = crypto.randomUUID();
    const text = element("p", "Your draft is still here.");
    this.#ask("This task was deleted elsewhere meanwhile.", text, "Let it go", "Add it again");
  }

  #ask(heading, content, cancel, save) {
    const conflict = this.form.querySelector(".conflict");
    conflict.replaceChildren(element("h2", heading), content);
    conflict.hidden = false;
    this.form.querySelector(".cancel").textContent = cancel;
    this.form.querySelector(".save").textContent = save;
  }

  #leave() {
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

// The form that takes a row's place while its task is edited.

import { due } from "./dates.js";
import { element, fromTemplate } from "./elements.js";
import { clearProblem, showProblem, tie } from "./fields.js";
import * as tasks from "./tasks.js";

const NAMES = { title: "Title", description: "Description", due_date: "Due date", status: "Status" };
const STATUSES = { pending: "To do", in_progress: "In progress", completed: "Completed" };

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
    for (const name of Object.keys(NAMES)) {
      this.form.elements[name].value = draft[name] ?? "";
    }
    this.form.setAttribute("aria-label", `Edit ${task.title}`);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.form.addEventListener("keydown", (event) => this.#onKey(event));
    this.form.querySelector(".cancel").addEventListener("click", () => this.#leave());
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

  /** What the draft changes of a task: all that has to be sent. */
  #changesOf(task) {
    const changed = Object.entries(this.draft).filter(([name, value]) => value !== typed(task[name]));
    return Object.fromEntries(changed);
  }

  get isChanged() {
    return Object.keys(this.#changesOf(this.#base)).length > 0;
  }

  async #save() {
    if (this.#isBusy) {
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
        this.#events.saved(await tasks.change(this.#base, this.#changesOf(this.#base)));
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
    const mine = this.draft;
    this.#base = theirs;
    const differing = Object.keys(this.#changesOf(theirs));
    if (differing.length === 0) {
      // The answer to an earlier attempt was lost, or somebody had the same idea.
      this.#events.saved(theirs);
      return;
    }
    const list = element("dl");
    for (const name of differing) {
      list.append(element("dt", NAMES[name]));
      list.append(version("There now", shown(name, theirs)), version("Your draft", shown(name, mine)));
    }
    this.#ask("This task was changed elsewhere meanwhile.", list, "Take the other version", "Save mine over it");
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

function version(whose, value) {
  return element("dd", element("span", `${whose}: `), value);
}

function shown(name, task) {
  switch (name) {
    case "status":
      return STATUSES[task.status];
    case "due_date":
      return task.due_date ? due(task).full : "none";
    default:
      return task[name] || "nothing";
  }
}

/** As a form's field would have it: there a line ends in one character. */
function typed(value) {
  return value?.replace(/\r\n?/g, "\n") ?? null;
}

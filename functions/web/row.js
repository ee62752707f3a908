// One task of the list.

import { due } from "./dates.js";
import { Editor } from "./editor.js";
import { fromTemplate } from "./elements.js";
import { quote, tell, warn } from "./notices.js";
import { remove } from "./removal.js";
import * as tasks from "./tasks.js";

export class Row {
  element = fromTemplate("row-template");
  task;
  #line = this.element.querySelector(".line");
  #editor = null;
  #list;
  #isBusy = false;
  /** Resolves when no change is under way. */
  #settled = Promise.resolve();

  /** `list` hears `rowLeft(row)`, `rowReplaced(row, task)`, `rowHidden(row)` and `rowChanged()`. */
  constructor(task, list) {
    this.#list = list;
    const box = this.#part(".done");
    box.addEventListener("change", () => this.#complete(box.checked));
    this.#part(".open").addEventListener("click", () => this.edit());
    this.#part(".delete").addEventListener("click", () => remove(this));
    this.update(task);
  }

  get isEdited() {
    return this.#editor !== null;
  }

  get hasDraft() {
    return this.#editor?.isChanged ?? false;
  }

  get isHidden() {
    return this.element.hidden;
  }

  /** Shows a version of the task. A draft stays as it is. */
  update(task) {
    this.task = task;
    for (const title of this.#line.querySelectorAll(".title")) {
      title.textContent = task.title;
    }
    this.#part(".description").textContent = task.description;
    this.#part(".status").hidden = task.status !== "in_progress";
    const box = this.#part(".done");
    box.checked = task.completed;
    box.setAttribute("aria-label", `Completed: ${task.title}`);
    this.element.classList.toggle("is-completed", task.completed);
    this.#showDue();
  }

  focus() {
    if (this.#editor) {
      this.#editor.focus();
    } else {
      this.#part(".open").focus();
    }
  }

  show() {
    this.element.hidden = false;
    this.#list.rowChanged();
  }

  hide() {
    this.#list.rowHidden(this);
    this.element.hidden = true;
    this.#list.rowChanged();
  }

  /** The task is not there any more. */
  leave() {
    this.#list.rowLeft(this);
  }

  async edit(draft) {
    // A draft begins with the version that is there, not with one that is about to go.
    await this.#settled;
    if (this.#editor) {
      return;
    }
    this.#editor = new Editor(
      this.task,
      {
        saved: (task) => this.#close(task),
        left: (task, left) => {
          this.#close(task);
          if (left) {
            const action = { label: "Bring it back", run: () => this.edit(left) };
            tell("Your draft was put aside.", { action });
          }
        },
        made: (task) => this.#list.rowReplaced(this, task),
        gone: () => this.leave(),
      },
      draft ?? this.task,
    );
    this.#line.hidden = true;
    this.element.append(this.#editor.form);
    this.#editor.focus();
  }

  /** Reads the task anew, and says whether that went well; else it is shown as it was. */
  async refresh(before = this.task) {
    try {
      this.update(await tasks.read(this.task.id));
      return true;
    } catch (problem) {
      this.update(before);
      this.#explain(problem);
      return false;
    }
  }

  #close(task) {
    this.#editor.form.remove();
    this.#editor = null;
    this.#line.hidden = false;
    this.update(task);
    this.#list.rowChanged();
    this.focus();
  }

  /**
   * A change to what the user wants, and not a toggle: sent twice, or by two
   * people, it still comes to that.
   */
  #complete(completed) {
    if (this.#isBusy) {
      this.#part(".done").checked = this.task.completed;
    } else {
      this.#settled = this.#setCompleted(completed);
    }
  }

  async #setCompleted(completed) {
    const before = this.task;
    this.#isBusy = true;
    // At once, because it nearly always succeeds.
    this.update({ ...before, completed });
    try {
      this.update(await tasks.change(before, { completed }));
    } catch (problem) {
      if (problem.status !== 412) {
        this.update(before);
        this.#explain(problem, completed);
      } else if (await this.refresh(before)) {
        this.#explain(problem, completed);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #explain(problem, completed) {
    const title = quote(this.task.title);
    const again = () => this.#complete(completed);
    if (problem.status === 412) {
      if (this.task.completed !== completed) {
        const label = completed ? "Complete it anyway" : "Reopen it anyway";
        warn(`${title} was changed elsewhere meanwhile. This is how it stands now.`, {
          action: { label, run: again },
        });
      }
    } else if (problem.status === 404) {
      this.leave();
      warn(`${title} was deleted elsewhere meanwhile.`);
    } else if (problem.kind !== "signed-out") {
      const action = completed === undefined ? undefined : { label: "Try again", run: again };
      warn(`${title} was not changed. ${problem.sentence}`, { action });
    }
  }

  #showDue() {
    const time = this.#part(".due");
    time.hidden = !this.task.due_date;
    if (this.task.due_date) {
      const { text, full, isOverdue } = due(this.task);
      time.textContent = text;
      time.dateTime = this.task.due_date;
      time.title = full;
      time.classList.toggle("is-overdue", isOverdue);
    }
  }

  #part(selector) {
    return this.#line.querySelector(selector);
  }
}

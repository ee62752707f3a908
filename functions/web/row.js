// One task of the list: as it is shown, and as the service has it.

import { complete } from "./completing.js";
import { due } from "./dates.js";
import * as drafts from "./drafts.js";
import { Editor } from "./editor.js";
import { fromTemplate } from "./elements.js";
import { linked } from "./links.js";
import { tell } from "./notices.js";
import { remove } from "./removal.js";

export class Row {
  element = fromTemplate("row-template");
  /** The task as the user wants it, which may be ahead of the service. */
  task;
  /** The task as the service has it, as far as is known. */
  saved;
  /** Whether it is about to be deleted: then it is not seen. */
  isDeleted = false;
  /** Whether this view has it; else it is seen only while it is edited. */
  isOutside = false;
  #line = this.element.querySelector(".line");
  #editor = null;
  #list;
  /** Resolves when no change is under way. */
  #settled = Promise.resolve();
  #underWay = 0;
  /** What the service said of it meanwhile. */
  #later = null;

  /** `list` hears `changed(row, before)`, `gone(row)` and `made(task, draft)`, which may have none. */
  constructor(task, list) {
    this.#list = list;
    const box = this.#part(".done");
    box.addEventListener("change", () => complete(this, box.checked));
    this.#part(".open").addEventListener("click", () => this.edit());
    this.#part(".delete").addEventListener("click", () => remove([this]));
    this.task = this.saved = task;
    this.#render();
  }

  get isEdited() {
    return this.#editor !== null;
  }

  get hasDraft() {
    return this.#editor?.isChanged ?? false;
  }

  get isBusy() {
    return this.#underWay > 0;
  }

  get settled() {
    return this.#settled;
  }

  /** Shows another version of the task. A draft stays as it is. */
  show(task) {
    const before = this.isDeleted ? null : this.task;
    this.task = task;
    this.#render();
    this.#list.changed(this, before);
  }

  /** Takes in what the service says, unless something newer is known. */
  learn(task) {
    const known = this.#later ?? this.saved;
    if (task.version <= known.version) {
      return;
    }
    this.#later = task;
    this.#catchUp();
  }

  /** Does one change after the other. `send` sets `saved` to what the service answers. */
  run(send) {
    this.#underWay += 1;
    const sent = this.#settled.then(send).finally(() => {
      this.#underWay -= 1;
      if (this.#underWay === 0) {
        this.show(this.saved);
      }
      this.#catchUp();
    });
    this.#settled = sent.catch(() => {});
    return sent;
  }

  setDeleted(isDeleted) {
    const before = this.isDeleted ? null : this.task;
    this.isDeleted = isDeleted;
    this.#list.changed(this, before);
    this.#catchUp();
  }

  /** The task is not there any more. */
  leave() {
    drafts.drop(this.task.id);
    this.#list.gone(this);
  }

  focus(part = ".open") {
    if (this.#editor) {
      this.#editor.focus();
    } else {
      this.#part(part).focus();
    }
  }

  /** Opens the editor, with a draft of before if there is one, and the version that it is a change of. */
  async edit(draft, base) {
    // A draft begins with the version that is there, not with one that is about to go.
    await this.#settled;
    if (this.#editor) {
      return;
    }
    this.#editor = new Editor(
      base ?? this.task,
      {
        saved: (task) => this.#close(task),
        learned: (task) => this.learn(task),
        left: (task, left) => {
          this.#close(task);
          if (left) {
            const action = { label: "Bring it back", run: () => this.edit(left) };
            tell("Your draft was put aside.", { action });
          }
        },
        made: (task, typed) => {
          this.leave();
          this.#list.made(task, typed);
        },
        gone: () => this.leave(),
      },
      draft,
    );
    this.#line.hidden = true;
    this.element.append(this.#editor.form);
    this.#editor.focus();
    this.#list.changed(this, this.task);
  }

  #close(task) {
    drafts.drop(task.id);
    this.#editor.form.remove();
    this.#editor = null;
    this.#line.hidden = false;
    this.focus();
    this.learn(task);
    this.#list.changed(this, this.task);
  }

  #catchUp() {
    if (this.#underWay === 0 && !this.isDeleted && this.#later) {
      this.saved = this.#later;
      this.#later = null;
      this.show(this.saved);
    }
  }

  #render() {
    const { title, description, status, completed } = this.task;
    this.#part(".title").replaceChildren(...linked(title));
    this.#part(".description").replaceChildren(...linked(description));
    for (const name of this.#line.querySelectorAll(".name")) {
      name.textContent = title;
    }
    this.#part(".status").hidden = status !== "in_progress";
    const box = this.#part(".done");
    box.checked = completed;
    box.setAttribute("aria-label", `Completed: ${title}`);
    this.#part(".pick").setAttribute("aria-label", `Select: ${title}`);
    this.element.classList.toggle("is-completed", completed);
    this.#renderDue();
  }

  #renderDue() {
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

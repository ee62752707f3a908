// The form to sign in or to make an account.

import { byId } from "./elements.js";
import { clearProblem, showProblem } from "./fields.js";
import * as session from "./session.js";

const TEXTS = {
  "sign-in": { title: "Sign in", question: "New here?", other: "Create an account" },
  register: { title: "Create an account", question: "You have an account?", other: "Sign in" },
};

const form = byId("sign-in-form");
let mode = "sign-in";
let isBusy = false;

export function start() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  byId("other-mode").addEventListener("click", () => {
    setMode(mode === "register" ? "sign-in" : "register");
    focus();
  });
  byId("show-password").addEventListener("click", () => setShown(form.elements.password.type === "password"));
}

/** Shows the form, with the reason why somebody who was signed in has to be here. */
export function show(reason) {
  setMode("sign-in");
  byId("sign-in").hidden = false;
  byId("sign-in-reason").textContent = reason;
  document.title = "Sign in · Tasks";
  focus();
}

export function hide() {
  byId("sign-in").hidden = true;
  form.elements.password.value = "";
  setShown(false);
}

async function send() {
  if (isBusy) {
    return;
  }
  const { name, email, password } = form.elements;
  const credentials = { email: email.value, password: password.value };
  isBusy = true;
  form.setAttribute("aria-busy", "true");
  clearProblem(form);
  try {
    await (mode === "register"
      ? session.register({ name: name.value, ...credentials })
      : session.signIn(credentials));
  } catch (problem) {
    showProblem(form, problem);
  } finally {
    isBusy = false;
    form.setAttribute("aria-busy", "false");
  }
}

function setMode(wanted) {
  mode = wanted;
  const { title, question, other } = TEXTS[mode];
  const isNew = mode === "register";
  byId("sign-in-title").textContent = title;
  byId("sign-in-submit").textContent = title;
  byId("other-question").textContent = question;
  byId("other-mode").textContent = other;
  byId("password-hint").hidden = !isNew;
  form.querySelector("[data-field=name]").hidden = !isNew;
  // What password managers go by.
  form.elements.password.autocomplete = isNew ? "new-password" : "current-password";
  clearProblem(form);
}

/** The first field that is still empty. */
function focus() {
  const { name, email, password } = form.elements;
  const fields = mode === "register" ? [name, email, password] : [email, password];
  (fields.find((field) => field.value === "") ?? password).focus();
}

function setShown(isShown) {
  const button = byId("show-password");
  form.elements.password.type = isShown ? "text" : "password";
  button.setAttribute("aria-pressed", String(isShown));
}

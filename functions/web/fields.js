// Errors of a form's fields, shown beside each of them.

let count = 0;

/** Ties the labels and errors of a copied form to its fields, which takes ids. */
export function tie(form) {
  for (const field of form.querySelectorAll("[data-field]")) {
    count += 1;
    const input = inputOf(field);
    const error = errorOf(field);
    input.id = `field-${count}`;
    error.id = `field-error-${count}`;
    field.querySelector("label").htmlFor = input.id;
    input.setAttribute("aria-describedby", error.id);
  }
}

/** Calls `run(fields)` when the form is sent, one attempt at a time, and shows the problem that it throws. */
export function onSubmit(form, run) {
  let isBusy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) {
      return;
    }
    isBusy = true;
    form.setAttribute("aria-busy", "true");
    clearProblem(form);
    try {
      await run(form.elements);
    } catch (problem) {
      showProblem(form, problem);
    } finally {
      isBusy = false;
      form.setAttribute("aria-busy", "false");
    }
  });
}

/** Shows a problem: errors beside their fields, the rest below the form. */
export function showProblem(form, problem) {
  const rest = showErrors(form, problem.errors);
  const isSaid = problem.errors.length > 0 && rest.length === 0;
  form.querySelector(".form-error").textContent = isSaid ? "" : [problem.sentence, ...rest].join(" ");
}

/** Shows errors beside their fields, and returns what is wrong with none of them. */
export function showErrors(form, errors) {
  clearProblem(form);
  const rest = [];
  for (const { pointer, detail } of errors) {
    const field = form.querySelector(`[data-field="${CSS.escape(pointer.slice(1))}"]`);
    if (field) {
      mark(field, detail);
    } else {
      rest.push(detail);
    }
  }
  form.querySelector("[aria-invalid]")?.focus();
  return rest;
}

/** Errors for dates that are begun and not whole, which a form takes for empty ones. */
export function incomplete(form) {
  const begun = [...form.querySelectorAll("input[type=date]")].filter(({ validity }) => validity.badInput);
  return begun.map(({ name }) => ({ pointer: `/${name}`, detail: "must be a whole date." }));
}

export function clearProblem(form) {
  form.querySelector(".form-error").textContent = "";
  for (const field of form.querySelectorAll("[data-field]")) {
    inputOf(field).removeAttribute("aria-invalid");
    errorOf(field).textContent = "";
  }
}

/** The service says `must have 1 to 200 characters.`; whose that is, the label knows. */
function mark(field, detail) {
  const label = field.dataset.name ?? field.querySelector("label").textContent;
  inputOf(field).setAttribute("aria-invalid", "true");
  errorOf(field).textContent = `${label} ${detail}`;
}

function inputOf(field) {
  return field.querySelector("input, textarea, select");
}

function errorOf(field) {
  return field.querySelector(".field-error");
}

// Getting at the page's elements. Text of users only ever becomes text:
// nothing on this page makes markup from a string.

export function byId(id) {
  return document.getElementById(id);
}

/** A copy of a template's only element. */
export function fromTemplate(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

/** `element("p", "text")`, with other elements or texts for children. */
export function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

export function button(label, name, run) {
  const made = element("button", label);
  made.type = "button";
  made.className = name;
  made.addEventListener("click", run);
  return made;
}

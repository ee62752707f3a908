// Web addresses in texts, as links.

import { element } from "./elements.js";

const ADDRESS = /\bhttps?:\/\/[^\s<>"]+/giu;

/** Closing marks at the end of an address belong to the sentence around it. */
const SENTENCE_END = /[.,;:!?'’”»)\]}]+$/u;

/** The text as nodes. */
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trimmed(found);
    if (URL.canParse(address)) {
      nodes.push(text.slice(end, index), link(address));
      end = index + address.length;
    }
  }
  nodes.push(text.slice(end));
  return nodes;
}

/** Brackets that an address has opened are its own: `https://a.example/b_(c)`. */
function trimmed(found) {
  const [marks = ""] = found.match(SENTENCE_END) ?? [];
  const address = found.slice(0, found.length - marks.length);
  const isOpen = address.lastIndexOf("(") > address.lastIndexOf(")");
  return isOpen && marks.startsWith(")") ? `${address})` : address;
}

function link(address) {
  const made = element("a", address);
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

import { deepAll, oneLine, withAncestors } from "./dom_tree.js";
import { isFieldRole, roleOf } from "./roles.js";

/** What holds a text of the user. */
const TYPED =
  "input:not([type=button],[type=submit],[type=reset],[type=image],[type=checkbox],[type=radio],[type=range],[type=color]),textarea,[contenteditable]:not([contenteditable=false])";
/** What shows something that the user chose. */
const HOLDS_CHOICE = "select,[role=combobox],[role=listbox],[role=option]";
/** What the page forbids to capture, and fields for secrets. */
const PRIVATE =
  ".ph-no-capture,.ph-sensitive,[data-private],input[type=password],input[type=hidden],[autocomplete~=one-time-code],[autocomplete*=cc-],[autocomplete*=password]";
/** Names of fields that posthog-js takes for secrets, without their signs. */
const SECRET_NAME =
  /^cc|cardnum|ccnum|creditcard|csc|cvc|cvv|exp|pass|pwd|routing|seccode|securitycode|securitynum|socialsec|socsec|ssn/i;
const WORD = /^\p{L}{1,15}$/u;
/** Shorter values occur in ordinary texts by chance. */
const MIN_VALUE = 4;
/** Shorter words are looked for as whole words only: they are parts of other words by chance. */
const MIN_PART = 8;

/** Whether posthog-js takes a name, or an id, for that of a secret. */
export const isSecretName = (name) => SECRET_NAME.test(name.replace(/[^a-z0-9]/gi, ""));

/** Whether an element by itself keeps its text private; see `isPrivate`. */
export function isPrivateItself(element) {
  if (element.matches(PRIVATE) || element.isContentEditable) return true;
  return element.matches(`select,${TYPED}`) && isSecretName(element.getAttribute("name") || element.id);
}

/** Whether neither the text nor the value of an element may be shown or sent. */
export function isPrivate(element) {
  for (const it of withAncestors(element)) if (isPrivateItself(it)) return true;
  return false;
}

/** What the user typed into an element, or chose in it; in an editor, also each part. */
function valuesOf(field) {
  if (field.files) return [...field.files].map((it) => it.name);
  if (field.localName === "select") return [...field.selectedOptions].map((it) => it.text);
  if (field.matches("input,textarea")) return [field.value ?? ""];
  const values = [field.textContent];
  const walker = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) values.push(walker.currentNode.data);
  return values;
}

/** What was in fields before: apps clear a form once it is sent, and show its content elsewhere. */
const remembered = new Set();
const MOST_REMEMBERED = 500;

/** All that was typed into the page, as far as it was seen. */
export function typedValues() {
  const typed = [...deepAll(document, TYPED)].flatMap(valuesOf).map(oneLine);
  for (const value of typed) if (value.length >= MIN_VALUE) remembered.add(value);
  for (const value of remembered) if (remembered.size > MOST_REMEMBERED) remembered.delete(value);
  return [...remembered];
}

/**
 * Returns a function that gives a text as one line, or nothing if it repeats what the user typed: some pages copy the
 * value of a field into its attributes, or into the rest of the page.
 *
 * The function takes `(text, isIdentifier)`. Identifiers may contain an ordinary word that somebody has typed, too.
 *
 * @param element - whose texts will be asked for. What was chosen or is private in it or around it counts as typed.
 */
export function createRedaction(element, typed = typedValues()) {
  const holdsOwn = (it) => it.matches(`select,${TYPED}`) || isFieldRole(roleOf(it)) || isPrivateItself(it);
  const near = [...withAncestors(element), ...element.querySelectorAll(HOLDS_CHOICE)];
  const own = near.filter(holdsOwn).flatMap(valuesOf).map(oneLine).filter(Boolean);
  const values = new Set([...typed, ...own]);
  return (text, isIdentifier) => {
    const line = oneLine(text || "");
    const hasWord = () => !isIdentifier && line.split(/[^\p{L}\p{N}]+/u).some((word) => values.has(word));
    const minLength = (value) => (WORD.test(value) ? (isIdentifier ? Infinity : MIN_PART) : MIN_VALUE);
    const isPart = (value) => line.includes(value) && value.length >= minLength(value);
    return own.includes(line) || hasWord() || [...values].some(isPart) ? "" : line;
  };
}

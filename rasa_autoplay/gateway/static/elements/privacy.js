import { deepAll, oneLine, withAncestors } from "./dom_tree.js";

/** What holds the user's own text. */
export const TYPED = "input:not([type=button],[type=submit],[type=reset],[type=image],[type=checkbox],[type=radio],[type=range],[type=color]),textarea,[contenteditable]:not([contenteditable=false])";
/** What the page forbids to capture at all. */
export const NO_CAPTURE = ".ph-no-capture";
const PRIVATE = `${NO_CAPTURE},.ph-sensitive,[data-private],input[type=password],input[type=hidden],[autocomplete~=one-time-code],[autocomplete*=cc-],[autocomplete*=password]`;
/** Names of fields that posthog-js takes for secrets, in its spelling without other characters. */
const SECRET_NAME = /^cc|cardnum|ccnum|creditcard|csc|cvc|cvv|exp|pass|pwd|routing|seccode|securitycode|securitynum|socialsec|socsec|ssn/i;
/** Shorter values occur in ordinary words by chance. */
const MIN_VALUE = 4;

/** Whether neither the text nor the value of an element may be shown or sent. */
export function isPrivate(element) {
  for (const it of withAncestors(element)) {
    if (it.matches(PRIVATE) || it.isContentEditable) return true;
  }
  if (element.matches("input,textarea,select,[contenteditable]")) {
    return SECRET_NAME.test((element.getAttribute("name") || element.id).replace(/[^a-z0-9]/gi, ""));
  }
  return false;
}

/** What the user has typed, or may have typed, anywhere in the page. */
function typedValues() {
  const values = [...deepAll(document, TYPED)].map((it) => it.value ?? it.textContent);
  return values.map(oneLine).filter((value) => value.length >= MIN_VALUE);
}

/**
 * Returns a function that gives a text as one line, or nothing if it repeats what the user typed: some pages copy the
 * value of a field into its attributes, or into the rest of the page.
 */
export function createRedaction(element) {
  const own = element.matches(TYPED) ? oneLine(element.value ?? element.textContent) : "";
  const values = typedValues();
  return (text) => {
    const line = oneLine(text || "");
    const isTyped = (own && line === own) || values.some((value) => line.includes(value));
    return isTyped ? "" : line;
  };
}

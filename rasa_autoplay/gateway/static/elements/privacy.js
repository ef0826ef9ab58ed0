import { deepAll, oneLine, withAncestors } from "./dom_tree.js";

/** What holds the user's own text. */
export const TYPED = "input:not([type=button],[type=submit],[type=reset],[type=image],[type=checkbox],[type=radio],[type=range],[type=color]),textarea,[contenteditable]:not([contenteditable=false])";
/** What the page forbids to capture at all. */
export const NO_CAPTURE = ".ph-no-capture";
const PRIVATE = `${NO_CAPTURE},.ph-sensitive,[data-private],input[type=password],input[type=hidden],[autocomplete~=one-time-code],[autocomplete*=cc-],[autocomplete*=password]`;
/** Names of fields that posthog-js takes for secrets, in its spelling without other characters. */
const SECRET_NAME = /^cc|cardnum|ccnum|creditcard|csc|cvc|cvv|exp|pass|pwd|routing|seccode|securitycode|securitynum|socialsec|socsec|ssn/i;
/** Whether posthog-js takes a name, or an id, for that of a secret. */
export const isSecretName = (name) => SECRET_NAME.test(name.replace(/[^a-z0-9]/gi, ""));

/** Whether neither the text nor the value of an element may be shown or sent. */
export function isPrivate(element) {
  if (element.matches(`select,${TYPED}`) && isSecretName(element.getAttribute("name") || element.id)) return true;
  for (const it of withAncestors(element)) if (it.matches(PRIVATE) || it.isContentEditable) return true;
  return false;
}

/** Shorter values occur in ordinary texts by chance. */
const MIN_VALUE = 4;

const valueOf = (field) => oneLine((field.matches("input,textarea") ? field.value : null) ?? field.textContent);

/**
 * Returns a function that gives a text as one line, or nothing if it repeats what the user typed: some pages copy the
 * value of a field into its attributes, or into the rest of the page.
 *
 * The function takes `(text, isIdentifier)`. Identifiers may contain an ordinary word that somebody has typed, too.
 */
export function createRedaction(element) {
  const own = element.matches(TYPED) ? valueOf(element) : "";
  const values = [...deepAll(document, TYPED)].map(valueOf).filter((value) => value.length >= MIN_VALUE);
  const repeats = (text, value, isIdentifier) => {
    if (!/^\p{L}{1,15}$/u.test(value)) return text.includes(value);
    return !isIdentifier && text.split(/[^\p{L}]+/u).includes(value);
  };
  return (text, isIdentifier) => {
    const line = oneLine(text || "");
    const isTyped = (own && line === own) || values.some((value) => repeats(line, value, isIdentifier));
    return isTyped ? "" : line;
  };
}

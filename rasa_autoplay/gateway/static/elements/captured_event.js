import { TEST_ATTRIBUTES } from "./describe.js";
import { createRedaction, isPrivate, isSecretName } from "./privacy.js";
import { isFieldRole, roleOf } from "./roles.js";

/** The attributes of a captured element that the gateway reads (`gateway/sources/posthog/label.py`). */
const READ = ["id", "class", "role", "type", "name", "aria-label", "title", "placeholder", "alt", "contenteditable"];
const ALSO_READ = ["data-label", "data-title", "data-tooltip", ...TEST_ATTRIBUTES];
/** What posthog-js sends of a field, and we of a private element. */
const READ_OF_FIELDS = ["id", "class", "name", "aria-label"];
const IDENTIFIERS = ["id", "name", ...TEST_ATTRIBUTES];
/** Attributes by whose presence the gateway knows editors and its own interface. Their values are not sent. */
const MARKS = /^data-(?:lexical|slate|offset-key|rasa-autoplay)/;

const USEFUL = "a,button,form,input,select,textarea,label";
const IGNORED = ".ph-no-capture,.ph-no-autocapture,[data-ph-no-autocapture]";
const MAX_TEXT = 255;
/** Numbers of cards and of US social security. */
const isSecretNumber = (text) => /^(?:[3-6]\d{12,15}|\d{9})$/.test(text.replace(/[- ]/g, ""));

/**
 * The event that posthog-js would send if the user acted on an element, without any value; null if it sends none.
 *
 * @param act - "click", "change" or "submit".
 * @param target - the innermost element that was acted on.
 */
export function capturedEvent(act, target) {
  const chain = chainOf(target);
  if (chain.some((it) => it.matches(IGNORED)) || !isSent(act, target, chain)) return null;
  const redact = createRedaction(target);
  // Of an icon's click, the library describes the button or link around it.
  const control = act === "click" && target instanceof SVGElement ? chain.findIndex((it) => it.matches("a,button")) : 0;
  const isMasked = control > 0 && chain.slice(0, control + 1).some((it) => !hasText(it));
  const elements = chain.slice(Math.max(control, 0)).map((it) => properties(it, redact, isMasked));
  if (!isMasked) addText(elements[0], chain[Math.max(control, 0)], redact);
  return { event: "$autocapture", properties: { $event_type: act, $current_url: location.href, $elements: elements } };
}

/** An element and its ancestors up to the body, through shadow roots. */
function chainOf(target) {
  const chain = [];
  for (let it = target; it && it.localName !== "html"; it = it.parentElement || it.parentNode?.host) chain.push(it);
  return chain;
}

function isSent(act, target, chain) {
  const isPointed = (it) => getComputedStyle(it).cursor === "pointer";
  const isField = target.matches("input,select,textarea");
  if (act === "click" && isPointed(target)) return true;
  if (act === "submit") return target.localName === "form";
  if (act === "change") return isField;
  if (isField) return true;
  if (target.localName === "form" || !chain.length) return false;
  const around = chain.slice(1).filter((it) => it !== chain[chain.indexOf(it) - 1].parentNode?.host);
  const isEditor = target.getAttribute("contenteditable") === "true";
  return isEditor || target.matches(USEFUL) || around.some((it) => it.matches(USEFUL) || isPointed(it));
}

/** Whether the library sends no more of an element than its name. */
const isField = (element) =>
  element.matches("select,textarea,[contenteditable=true]") ||
  (element.localName === "input" && !/^(button|checkbox|submit|reset)$/.test(element.type));

function hasText(element) {
  // What was chosen in a list is the user's, too; the gateway would leave it out.
  if (isField(element) || isFieldRole(roleOf(element)) || isPrivate(element)) return false;
  if (element.classList.contains("ph-include")) return true;
  const name = element.name || element.id;
  if (/^(hidden|password)$/i.test(element.type)) return false;
  return typeof name !== "string" || !isSecretName(name);
}

function properties(element, redact, isMasked) {
  const found = { tag_name: element.localName, nth_child: [...(element.parentNode?.children || [])].indexOf(element) + 1 || 1 };
  const names = isField(element) || isPrivate(element) ? READ_OF_FIELDS : [...READ, ...ALSO_READ];
  for (const { name, value } of element.attributes) {
    if (MARKS.test(name)) found[`attr__${name}`] = "";
    if (!names.includes(name) || isSecretNumber(value)) continue;
    if (name !== "class") found[`attr__${name}`] = redact(value, IDENTIFIERS.includes(name)).slice(0, 1024);
  }
  found.attr__class = [...element.classList].filter((it) => redact(it, true)).join(" ");
  // The text of a button, which the user does not type.
  if (element.matches("input:is([type=button],[type=submit],[type=reset])")) found.attr__value = redact(element.getAttribute("value"));
  if (element.matches(USEFUL) && !isMasked) addText(found, element, redact);
  return found;
}

function addText(found, element, redact) {
  const text = redact(element.matches("a,button") ? `${ownText(element)} ${spanText(element)}` : ownText(element));
  if (text && !isSecretNumber(text)) found.$el_text = text;
}

/** The text directly in an element, as posthog-js puts it together. */
function ownText(element) {
  if (!hasText(element)) return "";
  const texts = [...element.childNodes].filter((it) => it.nodeType === Node.TEXT_NODE);
  return texts.map((it) => safeWords(it.data)).join("").trim();
}

function safeWords(text) {
  const words = text.trim().split(/(\s+)/).filter((it) => !isSecretNumber(it));
  return words.join("").replace(/\s+/g, " ").slice(0, MAX_TEXT);
}

/** The text in spans of a button, and in their spans. */
function spanText(element) {
  const spans = [...element.children].filter((it) => it.localName === "span");
  return spans.map((it) => `${ownText(it)} ${spanText(it)}`.trim()).join(" ").trim();
}

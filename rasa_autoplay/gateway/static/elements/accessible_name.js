import { attributeOf, oneLine } from "./dom_tree.js";
import { isPrivate, isPrivateItself } from "./privacy.js";
import { isFieldRole, roleOf } from "./roles.js";

/** Roles whose name is their text (ARIA 1.2, 5.2.8.5), besides those without a role, such as labels. */
const NAMED_BY_TEXT =
  /^(button|\w*cell|checkbox|\w*header|heading|link|menuitem\w*|radio|row|switch|tab|tooltip|treeitem)$/;

/** Longer texts are content, not names. */
const MAX_NAME = 80;
/** What Chromium writes on buttons without a value, in an English browser. */
const DEFAULT_VALUES = { submit: "Submit", reset: "Reset" };

/**
 * The accessible name of an element, and what gives it: "labelledby", "aria-label", "label", "alt", "value", "text",
 * "title", "placeholder", or "" (W3C accname 1.2). Unlike there, the value of a field never becomes part of a name.
 */
export function nameOf(element) {
  const role = roleOf(element);
  for (const [source, text] of candidates(element, role)) {
    const name = oneLine(text || "");
    if (name) return { name, source };
  }
  return { name: "", source: "" };
}

function* candidates(element, role) {
  yield ["labelledby", referenced(element)];
  yield ["aria-label", attributeOf(element, "aria-label")];
  if (mayHaveLabels(element) && element.labels) yield ["label", [...element.labels].map((it) => textOf(it, element)).join(" ")];
  if (element.matches("fieldset,table,details")) {
    const caption = element.querySelector(":scope > :is(legend,caption,summary)");
    yield ["label", caption && textOf(caption)];
  }
  if (element.matches("img,area,input[type=image]")) yield ["alt", attributeOf(element, "alt")];
  if (element.matches("input:is([type=button],[type=submit],[type=reset])")) yield ["value", element.value || DEFAULT_VALUES[element.type]];
  if (!isPrivate(element) && (!role || NAMED_BY_TEXT.test(role))) {
    // What has no role is named by its text only in the eyes of people, who press it all the same.
    const text = textOf(element);
    if (role || text.length <= MAX_NAME) yield ["text", text];
  }
  if (element.matches("svg")) yield ["title", element.querySelector(":scope > title")?.textContent];
  yield ["title", attributeOf(element, "title")];
  if (isFieldRole(role)) yield ["placeholder", attributeOf(element, "placeholder")];
}

/** Chromium walks through the whole page for an element's labels, which is slow in large tables of fields. */
const mayHaveLabels = (element) =>
  element.getRootNode() !== document || document.getElementsByTagName("label").length > 0;

function referenced(element) {
  const ids = attributeOf(element, "aria-labelledby").split(/\s+/).filter(Boolean);
  const root = element.getRootNode();
  return ids
    .map((id) => root.getElementById?.(id))
    .map((it) => it && (attributeOf(it, "aria-label") || textOf(it, element, true)))
    .filter(Boolean)
    .join(" ");
}

/** The text of an element as people read it, without hidden parts, fields, and the parts that are private. */
export function textOf(element, labelled, evenHidden = false) {
  return oneLine([...parts(element, labelled, evenHidden)].join(""));
}

function* parts(element, labelled, evenHidden) {
  if (isPrivateItself(element)) return;
  for (const node of drawnChildren(element)) {
    if (node.nodeType === Node.TEXT_NODE) yield node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node === labelled || node.matches("script,style,template")) continue;
    if (!evenHidden && isHidden(node)) continue;
    const around = getComputedStyle(node).display.startsWith("inline") ? "" : " ";
    yield around;
    if (node.tagName === "BR") yield " ";
    yield* partsOf(node, labelled, evenHidden);
    yield around;
  }
}

function* partsOf(node, labelled, evenHidden) {
  const named = attributeOf(node, "aria-label");
  if (named) yield isPrivateItself(node) ? "" : named;
  else if (node.matches("img,svg,input[type=image]")) yield nameOf(node).name;
  else if (!isFieldRole(roleOf(node)) && !node.matches("select,textarea")) yield* parts(node, labelled, evenHidden);
}

/** The children as they are drawn: those of the shadow root, and a slot's assigned nodes. */
function drawnChildren(element) {
  if (element.shadowRoot) return element.shadowRoot.childNodes;
  const assigned = element.tagName === "SLOT" ? element.assignedNodes() : [];
  return assigned.length ? assigned : element.childNodes;
}

function isHidden(element) {
  if (element.getAttribute("aria-hidden") === "true" || element.hidden) return true;
  const { display, visibility } = getComputedStyle(element);
  return display === "none" || visibility !== "visible";
}

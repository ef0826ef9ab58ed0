/** The parent as it is drawn: the slot of a slotted element, the host of a shadow root. */
export function drawnParent(node) {
  return node.assignedSlot || node.parentElement || node.getRootNode().host || null;
}

/** An element and its ancestors, through open shadow roots. */
export function* withAncestors(element) {
  for (let it = element; it; it = drawnParent(it)) yield it;
}

/** All elements below a document, shadow root or element that match, also those in open shadow roots, but not ours. */
export function* deepAll(root, selector) {
  for (const element of root.querySelectorAll("*")) {
    if (element.matches(selector)) yield element;
    if (element.shadowRoot && !element.matches(".rasa-autoplay")) yield* deepAll(element.shadowRoot, selector);
  }
}

export const attributeOf = (element, name) => (element.getAttribute(name) || "").trim();

/** One line without the private-use characters of icon fonts. */
export const oneLine = (text) => text.replace(/[\p{Co}\p{Cc}\p{Cf}\s]+/gu, " ").trim();

export const isShown = (element) =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";

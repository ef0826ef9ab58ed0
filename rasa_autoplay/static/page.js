/** Listen; returns what ends it. */
export function on(target, type, run, capture = false) {
  target.addEventListener(type, run, capture);
  return () => target.removeEventListener(type, run, capture);
}

/** An element with a class, and with texts or elements in it: what is a text stays a text. */
export function make(tag, classes, ...content) {
  const element = document.createElement(tag);
  element.className = classes;
  element.append(...content);
  return element;
}

/** The first visible element of a selector; null when there is none. */
export function find(selector) {
  try {
    for (const element of document.querySelectorAll(selector)) {
      if (element.getClientRects().length && getComputedStyle(element).visibility === "visible") return element;
    }
  } catch {
    // Not a selector: somebody's typing error in a golden path.
  }
  return null;
}

/** Give a document or a shadow root a style sheet, in a way that a strict Content-Security-Policy allows. */
export function addStyles(root, css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  return () => (root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet));
}

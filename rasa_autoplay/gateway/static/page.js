/** An element with a class, and with texts or elements in it: what is a text stays a text. */
export function make(tag, classes, ...content) {
  const element = document.createElement(tag);
  element.className = classes;
  element.append(...content);
  return element;
}

/** Do what can fail for reasons that are not ours; undefined where it does. */
export function quietly(act) {
  try {
    return act();
  } catch {}
}

/** The first visible element of a selector; undefined when there is none, or when it is no selector. */
export function find(selector) {
  const isVisible = (it) => it.getClientRects().length && getComputedStyle(it).visibility === "visible";
  return quietly(() => [...document.querySelectorAll(selector)].find(isVisible));
}

/** Give a document or a shadow root a style sheet, in a way that a strict Content-Security-Policy allows. */
export function addStyles(root, css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  return () => (root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet));
}

/** Do something at the end of what a signal stands for. */
export const atEnd = (signal, act) => signal.addEventListener("abort", act);

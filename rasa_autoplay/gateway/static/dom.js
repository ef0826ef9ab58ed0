/** Create an element with a class and content. Strings become text nodes, never HTML. */
export function make(tag, classes, ...content) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...content);
  return element;
}

/** Call a function that may fail for reasons outside this script. Returns undefined if it throws. */
export function attempt(act) {
  try {
    return act();
  } catch {}
}

/** All elements that match. `host >> inner` looks for `inner` in the open shadow roots of the hosts. */
export function findAll(selector) {
  const [outer, ...inner] = selector.split(">>");
  const within = (roots, part) => roots.flatMap((root) => [...(root?.querySelectorAll(part) || [])]);
  return inner.reduce((found, part) => within(found.map((it) => it.shadowRoot), part), within([document], outer));
}

/** Find the first visible element that matches. Returns undefined if there is none or the selector is invalid. */
export function find(selector) {
  const isVisible = (it) => it.getClientRects().length && getComputedStyle(it).visibility === "visible";
  return attempt(() => {
    // Tables have thousands of matches, and this is called often.
    const first = !selector.includes(">>") && document.querySelector(selector);
    if (first === null) return;
    return first && isVisible(first) ? first : findAll(selector).find(isVisible);
  });
}

/** Add a style sheet to a document or shadow root. A strict Content-Security-Policy allows this way. Returns its removal. */
export function addStyles(root, css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  return () => (root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet));
}

/** Call a function when the signal is aborted, or now if it was. */
export const onAbort = (signal, act) => (signal.aborted ? act() : signal.addEventListener("abort", act));

import { attempt } from "./dom.js";

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

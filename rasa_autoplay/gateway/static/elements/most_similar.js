import { nameOf } from "./accessible_name.js";
import { deepAll, isShown } from "./dom_tree.js";
import { rankedSelectors } from "./selectors.js";
import { createRedaction } from "./privacy.js";
import { roleOf } from "./roles.js";

const INTERACTIVE = "a[href],button,input:not([type=hidden]),select,textarea,summary,[role],[tabindex],[id]";

/**
 * The elements that most probably do now what a step's element did.
 *
 * @param step - `{selector, label, role?, title}`.
 * @param root - where to look; the document.
 * @returns `[{element, score, selector, label}]`, best first; scores are from 0 to 1.
 */
export function mostSimilar(step, root = document) {
  const scored = [];
  for (const element of deepAll(root, INTERACTIVE)) {
    const label = createRedaction(element)(nameOf(element).name);
    const score = similarity(label, step.label || step.title) * (isShown(element) ? 1 : 0.8) * (!step.role || step.role === roleOf(element) ? 1 : 0.8);
    if (score > 0.3) scored.push({ element, score, label });
  }
  const best = scored.sort((a, b) => b.score - a.score).slice(0, 5);
  return best.map((it) => ({ ...it, selector: rankedSelectors(it.element)[0]?.selector || "" }));
}

const wordsOf = (text) => (text || "").toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];

function similarity(one, other) {
  const [a, b] = [new Set(wordsOf(one)), new Set(wordsOf(other))];
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared ? (2 * shared) / (a.size + b.size) : 0;
}

import { attempt, findAll } from "../dom.js";
import { nameOf } from "./accessible_name.js";
import { TEST_ATTRIBUTES } from "./describe.js";
import { attributeOf } from "./dom_tree.js";
import { createRedaction, isPrivate } from "./privacy.js";
import { isGeneratedId, isHashedClass, maskOf } from "./stable_names.js";

/** All elements that a selector of a path hits now; none if it is invalid. */
export const findHits = (selector) => attempt(() => findAll(selector)) || [];

/** A string of CSS. It must not contain `>>`, which separates shadow roots. */
const quoted = (text) => `"${text.replace(/["\\]/g, "\\$&").replace(/[\n\r\f>]/g, (c) => `\\${c.charCodeAt(0).toString(16)} `)}"`;

const idSelector = (id) => (/^[A-Za-z_][\w-]*$/.test(id) ? `#${id}` : `[id=${quoted(id)}]`);

/** The prefix of the selectors of elements in a shadow root: how to find its host. */
function hostPrefix(element) {
  const { host } = element.getRootNode();
  return host ? `${rankedSelectors(host)[0].selector} >> ` : "";
}

/**
 * Selectors of an element, those that will live longest first.
 *
 * @returns `[{selector, kind, hits, isAnyOf, warnings, elementId?}]`. `kind` is "id", "test id", "role and name",
 *   "attribute" or "structure". `elementId` is what `done_when` says of an entry that means any of several elements.
 */
export function rankedSelectors(element) {
  if (element.ownerDocument !== document || !element.isConnected) return [];
  const prefix = hostPrefix(element);
  const redact = createRedaction(element);
  const ranked = [];
  for (const { selector, ...more } of candidatesOf(element, redact)) {
    const full = prefix + selector;
    const hits = findHits(full);
    if (hits.includes(element)) ranked.push({ selector: full, isAnyOf: false, hits: hits.length, warnings: [], ...more });
  }
  for (const it of ranked) {
    if (it.hits > 1 && !it.isAnyOf) it.warnings.push(`${it.hits} elements match. The tour shows the first visible one.`);
  }
  return ranked.sort((a, b) => (a.hits > 1 && !a.isAnyOf) - (b.hits > 1 && !b.isAnyOf));
}

function* candidatesOf(element, redact) {
  const tag = element.localName;
  if (redact(element.id)) yield* ofId(element);
  for (const name of TEST_ATTRIBUTES) {
    const value = redact(attributeOf(element, name));
    if (value) yield { selector: `[${name}=${quoted(value)}]`, kind: "test id" };
  }
  const label = redact(attributeOf(element, "aria-label"));
  if (label && !isPrivate(element)) yield { selector: `${tag}[aria-label=${quoted(label)}]`, kind: "role and name" };
  for (const name of ["name", "href", "type"]) {
    const value = redact(attributeOf(element, name));
    if (value) yield { selector: `${tag}[${name}=${quoted(value)}]`, kind: "attribute" };
  }
  yield { selector: pathOf(element), kind: "structure", warnings: ["The selector names positions in the page."] };
}

function* ofId(element) {
  const { id } = element;
  if (isGeneratedId(id)) return;
  const mask = maskOf(id);
  const parts = mask.split("*");
  const first = parts[0];
  const last = parts[parts.length - 1];
  const peers = mask === id || !first ? [] : [...element.getRootNode().querySelectorAll(`[id^=${quoted(first)}]`)];
  if (peers.filter((it) => maskOf(it.id) === mask).length > 1) {
    const start = /^[A-Za-z_][\w-]*$/.test(first) ? first : quoted(first);
    const selector = `[id^=${start}]${last && `[id$=${quoted(last)}]`}`;
    yield { selector, kind: "id", isAnyOf: true, elementId: mask };
  }
  yield { selector: idSelector(id), kind: "id" };
}

function pathOf(element) {
  const steps = [];
  for (let it = element; it; it = it.parentElement) {
    if (it !== element && it.id && !isGeneratedId(it.id)) return [idSelector(it.id), ...steps].join(" > ");
    const name = CSS.escape(it.localName);
    const peers = [...(it.parentNode?.children || [])].filter((other) => other.localName === it.localName);
    steps.unshift(peers.length > 1 ? `${name}:nth-of-type(${peers.indexOf(it) + 1})` : name);
  }
  return steps.join(" > ");
}

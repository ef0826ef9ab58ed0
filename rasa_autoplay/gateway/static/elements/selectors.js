import { attempt } from "../dom.js";
import { findAll } from "../find.js";
import { nameOf } from "./accessible_name.js";
import { quoted, withAttribute, withId, withMask } from "./css.js";
import { TEST_ATTRIBUTES } from "./describe.js";
import { attributeOf, isShown } from "./dom_tree.js";
import { createRedaction, isPrivate } from "./privacy.js";
import { isGeneratedId, isHashedClass, isTelling, maskOf } from "./stable_names.js";

/** Rows of lists and tables, each of which has the same controls. */
export const ROWS = "tr,li,article,option,[role=row],[role=listitem],[role=option],[role=treeitem],[role=article]";
/** Lists of different things to choose from. */
const SETS = "nav,[role=tablist],[role=menu],[role=menubar],[role=radiogroup],[role=listbox]";
const MOST_NAMED = 20;
/** Parts of a page that a path may name. */
const LANDMARKS = "nav,main,header,footer,aside,dialog,form,[role=dialog],[role=toolbar],[role=menu],[role=tablist]";
const RANKS = ["id", "test id", "role and name", "attribute", "class", "structure"];
const MAX_VALUE = 100;

/** All elements that a selector of a path hits now; none if it is invalid. */
export const findHits = (selector) => attempt(() => findAll(selector)) || [];

/**
 * Selectors of an element, first those that will probably live longest.
 *
 * @returns `[{selector, kind, hits, isAnyOf, warnings, elementId?}]`. `kind` is "id", "test id", "role and name",
 *   "attribute", "class" or "structure". `elementId` is what `done_when` says if any of several elements will do. The
 *   list is empty where tours cannot point: see `problem` of `describe`.
 */
export function rankedSelectors(element) {
  if (element.ownerDocument !== document || !element.isConnected) return [];
  const { host } = element.getRootNode();
  const outer = host ? rankedSelectors(host).find((it) => it.hits === 1) || rankedSelectors(host)[0] : null;
  if (host && !(outer && host.shadowRoot)) return [];
  const prefix = outer ? `${outer.selector} >> ` : "";
  const found = [];
  /** Returns how many elements a selector hits of which only one is meant. */
  function add({ selector, kind, peers, elementId, warnings = [] }) {
    const full = prefix + selector;
    const hits = findHits(full);
    const isAnyOf = peers > 0 || (hits.length > 1 && areInRows(hits, areAlike));
    if (!hits.includes(element) || found.some((it) => it.selector === full)) return 0;
    const all = [...(outer?.warnings || []), ...warnings, ...warningsOf(hits, isAnyOf, peers)];
    found.push({ selector: full, kind, hits: hits.length, isAnyOf, warnings: all, ...(elementId && { elementId }) });
    return isAnyOf ? 1 : hits.length;
  }
  const redact = createRedaction(element);
  const anchors = anchorsOf(element, redact);
  for (const it of candidatesOf(element, redact)) {
    if (add(it) > 1) anchors.some(({ selector }) => add({ ...it, selector: `${selector} ${it.selector}` }) === 1);
  }
  add(pathOf(element, anchors));
  const rankOf = (it) => RANKS.indexOf(it.kind) + (it.hits > 1 && !it.isAnyOf ? RANKS.length : 0);
  return found.sort((a, b) => rankOf(a) - rankOf(b));
}

function warningsOf(hits, isAnyOf, peers) {
  if (isAnyOf) return peers < hits.length ? [`${hits.length - peers} other elements match, too.`] : [];
  const shown = hits.filter(isShown).length;
  return hits.length > 1 ? [`${hits.length} elements match; ${shown} are visible.`] : [];
}

function* candidatesOf(element, redact) {
  const tag = element.localName;
  const valueOf = (name) => {
    const value = attributeOf(element, name);
    return value.length <= MAX_VALUE && redact(value, true) ? value : "";
  };
  const id = valueOf("id");
  if (id && !isGeneratedId(id)) yield* named(element, "id", id, "id");
  for (const name of TEST_ATTRIBUTES) if (valueOf(name)) yield* named(element, name, valueOf(name), "test id");
  if (isPrivate(element)) {
    if (valueOf("name")) yield { selector: tag + withAttribute("name", valueOf("name")), kind: "attribute" };
    return;
  }
  const role = attributeOf(element, "role");
  const kind = role ? withAttribute("role", role) : tag;
  for (const name of ["aria-label", "title", "alt", "placeholder"]) {
    const label = attributeOf(element, name);
    if (!label || label.length > MAX_VALUE || redact(label) !== label) continue;
    yield* anyLabelled(element, kind, name, label);
    yield { selector: kind + withAttribute(name, label), kind: "role and name" };
  }
  if (tag === "input" && /^(submit|button|reset)$/.test(element.type) && valueOf("value")) {
    yield { selector: tag + withAttribute("value", valueOf("value")), kind: "role and name" };
  }
  const value = element.type === "radio" && valueOf("value") ? withAttribute("value", valueOf("value")) : "";
  if (valueOf("name")) yield { selector: tag + withAttribute("name", valueOf("name")) + value, kind: "attribute" };
  yield* linked(element, valueOf("href"));
  for (const name of element.classList) {
    if (isTelling(name) && redact(name, true)) yield { selector: `${tag}.${CSS.escape(name)}`, kind: "class" };
  }
  if (tag === "button" && element.getAttribute("type") === "submit") yield { selector: "button[type=submit]", kind: "structure" };
  if (tag === "input" && element.hasAttribute("type")) yield { selector: tag + withAttribute("type", valueOf("type")), kind: "structure" };
}

/** By an id or test id: any of these, if they differ in a number only, and the one itself. */
function* named(element, name, value, kind) {
  const mask = maskOf(value);
  const any = mask !== value && withMask(name, mask);
  const peers = any ? [...element.getRootNode().querySelectorAll(any)].filter((it) => maskOf(attributeOf(it, name)) === mask) : [];
  const anyOf = any && { selector: any, kind, peers: peers.length, elementId: name === "id" && mask };
  const one = { selector: name === "id" ? withId(value) : withAttribute(name, value), kind };
  if (anyOf && areInRows(peers)) yield anyOf;
  if (peers.length === 1 && /(?:^|[^a-z])\d/i.test(value)) one.warnings = ["Other users may have another number in this id."];
  yield one;
  if (anyOf) yield anyOf;
}

/**
 * Whether elements are of one kind, each in a row of its own.
 *
 * @param also - what else must hold, because it is not known that their names differ in a number only.
 */
function areInRows(peers, also = () => true) {
  const [first] = peers;
  const rows = new Set(peers.map((it) => it.closest(ROWS)));
  const areOfOneKind = peers.every((it) => it.localName === first.localName && it.type === first.type);
  return areOfOneKind && !rows.has(null) && rows.size === peers.length && !first.closest(SETS) && also(peers);
}

/** Whether elements do the same to their rows: by their names, such as "Edit Apollo" and "Edit Hermes", or in a table. */
function areAlike(peers) {
  const verbs = peers.slice(0, MOST_NAMED).map((it) => nameOf(it).name.split(" ")[0]);
  return Boolean(peers[0].closest("tr,[role=row]")) || (verbs[0] !== "" && verbs.every((verb) => verb === verbs[0]));
}

/** Controls of rows whose labels begin alike, such as "Select Apollo" and "Select Hermes". */
function* anyLabelled(element, kind, name, label) {
  const [verb] = label.match(/^\p{L}+\s+/u) || [];
  if (!verb || !element.closest(ROWS)) return;
  const selector = kind + withAttribute(name, verb, "^=");
  const peers = [...element.getRootNode().querySelectorAll(selector)];
  if (peers.length > 1 && areInRows(peers)) yield { selector, kind: "role and name", peers: peers.length };
}

/** A link by its page: without a query, which often has a secret or a moment in it, and without numbers. */
function* linked(element, href) {
  if (!href || !/^[./#\w-]/.test(href) || /^[a-z][a-z0-9+.-]*:(?!\/\/)/i.test(href)) return;
  const [path] = href.startsWith("#") ? [href] : href.split(/[?#]/);
  const mask = maskOf(path);
  if (path.length < 2) return;
  if (mask === path) yield { selector: element.localName + withAttribute("href", path, path === href ? "=" : "^="), kind: "attribute" };
  else if (withMask("href", mask)) yield { selector: element.localName + withMask("href", mask), kind: "attribute" };
}

/** Ancestors that a selector may begin with, nearest first. */
function anchorsOf(element, redact) {
  const anchors = [];
  const root = element.getRootNode();
  for (let it = element.parentElement; it && it !== document.body; it = it.parentElement) {
    const test = TEST_ATTRIBUTES.find((name) => attributeOf(it, name));
    const label = attributeOf(it, "aria-label");
    const choices = [
      it.id && !isGeneratedId(it.id) && maskOf(it.id) === it.id && redact(it.id, true) && withId(it.id),
      test && redact(attributeOf(it, test), true) && withAttribute(test, attributeOf(it, test)),
      label && label.length < MAX_VALUE && redact(label) && `${it.localName}[aria-label=${quoted(label)}]`,
      it.matches(LANDMARKS) && (attributeOf(it, "role") ? withAttribute("role", attributeOf(it, "role")) : it.localName),
      ...[...it.classList].filter((name) => isTelling(name) && redact(name, true)).map((name) => `.${CSS.escape(name)}`),
    ];
    for (const selector of choices) {
      if (selector && root.querySelectorAll(selector).length === 1) anchors.push({ element: it, selector });
    }
  }
  return anchors;
}

/** The way from the nearest ancestor that can be named. */
function pathOf(element, [anchor]) {
  const steps = [];
  for (let it = element; it && it !== anchor?.element && it !== document.body; it = it.parentElement) {
    const peers = [...(it.parentNode?.children || [])].filter((other) => other.localName === it.localName);
    const name = CSS.escape(it.localName);
    steps.unshift(peers.length > 1 ? `${name}:nth-of-type(${peers.indexOf(it) + 1})` : name);
  }
  const selector = [...(anchor ? [anchor.selector] : []), ...steps].join(" > ");
  const warnings = [];
  if (selector.includes(":nth-")) warnings.push("This names a position. Ask the app's developers for an id or a data-testid.");
  if (isGeneratedId(element.id)) warnings.push("The id is made anew at each page load.");
  if ([...element.classList].some(isHashedClass)) warnings.push("The classes are made by the app's build.");
  return { selector, kind: "structure", warnings };
}

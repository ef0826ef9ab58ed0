// Builds elements from data. Every child becomes a text node, so what users and pages wrote is never markup.

const SVG = "http://www.w3.org/2000/svg";
const SAFE_PROTOCOLS = ["http:", "https:"];
const URL_ATTRIBUTES = ["href", "src", "action", "formaction", "xlink:href"];

/**
 * Make an HTML element.
 *
 * Attributes: a function is a listener (`onclick`), `class` a string, `dataset` and `style` are objects (style goes
 * through the CSSOM, which the page's policy allows), true is an empty attribute, and null, undefined and false
 * leave it out. Children: nodes, texts, numbers, and arrays of these; null and false are left out.
 */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element, in the same way. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Replace an element's children. */
export function replace(element, ...children) {
  element.replaceChildren(...nodesOf(children));
  return element;
}

/** Link the stylesheet of a screen, once; resolves when it applies. */
export function useStyles(name) {
  const href = new URL(`screens/${name}.css`, import.meta.url).href;
  const present = [...document.querySelectorAll("link[rel=stylesheet]")].some((link) => link.href === href);
  if (present) return Promise.resolve();
  return new Promise((done) => {
    document.head.append(h("link", { rel: "stylesheet", href, onload: done, onerror: done }));
  });
}

/** An icon of the studio, by the `d` of its path. It is decoration: label its button. */
export function icon(d) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d }));
}

/** Whether a URL from data may become a link: never `javascript:` and the like. */
export function isSafeUrl(url) {
  try {
    return SAFE_PROTOCOLS.includes(new URL(url, document.baseURI).protocol);
  } catch {
    return false;
  }
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(element, name, value);
  element.append(...nodesOf(children));
  return element;
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) {
    // A text here would be a script.
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else if (name === "style") {
    for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
  } else if (!URL_ATTRIBUTES.includes(name) || isSafeUrl(value)) {
    element.setAttribute(name, value === true ? "" : value);
  }
}

function nodesOf(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false && child !== true)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

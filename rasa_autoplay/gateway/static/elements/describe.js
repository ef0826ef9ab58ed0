import { nameOf } from "./accessible_name.js";
import { attributeOf } from "./dom_tree.js";
import { createRedaction, isPrivate } from "./privacy.js";
import { roleOf } from "./roles.js";

/** Attributes that teams set so that tests, and paths, find an element. */
export const TEST_ATTRIBUTES = ["data-testid", "data-test-id", "data-test", "data-cy", "data-qa", "data-e2e", "data-pw"];

/** Where an element is that neither a selector of a path nor a tour can reach; empty if it can be reached. */
function problemOf(element) {
  if (element.ownerDocument !== document) return "Tours cannot point into a frame.";
  for (let root = element.getRootNode(); root !== document; root = root.host.getRootNode()) {
    if (!root.host) return "The element has left the page.";
    if (!root.host.shadowRoot) return "Tours cannot point into a closed shadow root.";
  }
  return "";
}

/**
 * What people and analytics see of an element. Of a private one, only its label.
 *
 * @returns `{role, name, nameSource, tag, testId, id, classes, isPrivate, problem}`.
 */
export function describe(element) {
  const redact = createRedaction(element);
  const { name, source } = nameOf(element);
  const safe = redact(name);
  const testAttribute = TEST_ATTRIBUTES.find((it) => attributeOf(element, it));
  return {
    role: roleOf(element),
    name: safe,
    nameSource: safe && source,
    tag: element.localName,
    testId: testAttribute ? redact(attributeOf(element, testAttribute), true) : "",
    id: redact(element.id, true),
    classes: [...element.classList].filter((it) => redact(it, true)),
    isPrivate: isPrivate(element),
    problem: problemOf(element),
  };
}

import { attributeOf, withAncestors } from "./dom_tree.js";
import { textOf } from "./accessible_name.js";
import { createRedaction, isPrivate, NO_CAPTURE } from "./privacy.js";

/** The attributes that the gateway reads of a captured element. */
const READ = ["id", "class", "role", "type", "name", "aria-label", "title", "placeholder", "alt", "contenteditable"];

/**
 * The event that posthog-js would send, without any value; null if it would send none.
 *
 * @param act - "click", "change" or "submit".
 * @param target - the element that was acted on, or one inside it.
 */
export function capturedEvent(act, target) {
  const elements = [...withAncestors(target)].filter((it) => it.localName !== "html");
  if (elements.some((it) => it.matches(NO_CAPTURE))) return null;
  const redact = createRedaction(target);
  const described = elements.map((it) => describeForCapture(it, redact));
  if (!isPrivate(target)) described[0].$el_text = redact(textOf(target));
  return { event: "$autocapture", properties: { $event_type: act, $current_url: location.href, $elements: described } };
}

function describeForCapture(element, redact) {
  const described = { tag_name: element.localName };
  for (const name of READ) {
    const value = redact(attributeOf(element, name));
    if (value) described[`attr__${name}`] = value;
  }
  return described;
}

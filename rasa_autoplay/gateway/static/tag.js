import { readOptions } from "./options.js";
import { COPILOT, createCopilot } from "./copilot.js";

/**
 * One tag installs the copilot: `<script src="…/autoplay.js" data-user-id="…">`. Without a user id, the tag only defines
 * `rasaAutoplay.createCopilot`, for apps whose users sign in later. Another user id, or none, signs the user out.
 */
const tag = document.currentScript;
let user = tag?.dataset.userId === "" ? null : undefined;
function follow() {
  const given = readOptions(tag?.dataset || {});
  if (given.userId === user) return;
  user = given.userId;
  const { copilot } = rasaAutoplay;
  rasaAutoplay.copilot = user ? createCopilot(given) : null;
  if (!user) copilot?.signOut();
}

// Templates write `data-user-id=""` while nobody is signed in. A tag without the attribute may have lost it.
if (tag?.dataset.userId === undefined && !window.rasaAutoplay) {
  const advice = tag
    ? 'the script tag has no data-user-id: add it, or call createCopilot.'
    : 'remove type="module" from the script tag, which hides its attributes.';
  setTimeout(() => COPILOT in window || console.warn(`rasa-autoplay: ${advice}`), 5000);
}
// The tag runs again where the page replaces its body.
window.rasaAutoplay = { copilot: null, ...window.rasaAutoplay, createCopilot };
follow();
if (tag) new MutationObserver(follow).observe(tag, { attributeFilter: ["data-user-id"] });

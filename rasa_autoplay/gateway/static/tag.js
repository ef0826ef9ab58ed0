import { readOptions } from "./options.js";
import { createCopilot } from "./copilot.js";

/**
 * One tag installs the copilot: `<script src="…/autoplay.js" data-user-id="…">`. Without a user id, the tag only defines
 * `rasaAutoplay.createCopilot`, for apps whose users sign in later. Another user id, or none, signs the user out.
 */
const tag = document.currentScript;
let user;
function follow() {
  const given = readOptions(tag?.dataset || {});
  if (given.userId === user) return;
  user = given.userId;
  rasaAutoplay.copilot?.signOut();
  rasaAutoplay.copilot = user ? createCopilot(given) : null;
}
window.rasaAutoplay = { createCopilot, copilot: null };
follow();
if (tag) new MutationObserver(follow).observe(tag, { attributeFilter: ["data-user-id"] });

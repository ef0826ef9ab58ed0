import { readOptions } from "./options.js";
import { createCopilot } from "./copilot.js";

/**
 * One tag installs the copilot: `<script src="…/autoplay.js" data-user-id="…">`. Without a user id, the tag only defines
 * `rasaAutoplay.createCopilot`, for apps whose users sign in later.
 */
const given = readOptions(document.currentScript?.dataset || {});
window.rasaAutoplay = { createCopilot, copilot: given.userId ? createCopilot(given) : null };

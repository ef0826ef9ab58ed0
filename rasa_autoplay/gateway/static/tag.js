import { optionsOf } from "./options.js";
import { createCopilot } from "./copilot.js";

/**
 * One tag installs it: `<script src="…/autoplay.js" data-user-id="…">`. A tag without a user id only brings
 * `rasaAutoplay.createCopilot`, for apps that learn later who is signed in.
 */
const given = optionsOf(document.currentScript?.dataset || {});
window.rasaAutoplay = { createCopilot, copilot: given.userId ? createCopilot(given) : null };

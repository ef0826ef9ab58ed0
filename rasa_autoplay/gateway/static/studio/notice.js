// Short messages at the bottom of the page, which screen readers also say.

import { h } from "./dom.js";

const SHOWN_MS = 5_000;
const region = h("div", { class: "notices", role: "status", "aria-live": "polite" });

/** Say a sentence. */
export function say(text) {
  if (!region.isConnected) document.body.append(region);
  const notice = h("p", { class: "notice" }, text);
  region.append(notice);
  setTimeout(() => notice.remove(), SHOWN_MS);
}

/** Copy a text to the clipboard and say so. */
export async function copy(text, what = "Copied.") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https there is no clipboard API.
    const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    const focused = document.activeElement;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus?.();
  }
  say(what);
}

// What was just done, said quietly.

import { byId, element, icon } from "./dom.js";

const SHOWN_MS = 4000;
let timer = 0;

/** Say it for a moment, to eyes and to screen readers. */
export function confirm(text) {
  const place = byId("confirmation");
  clearTimeout(timer);
  place.replaceChildren(
    element("span", { class: "confirmation-text" }, icon("m5 10.5 3.5 3.5L15 6.5"), text),
  );
  timer = setTimeout(() => place.replaceChildren(), SHOWN_MS);
}

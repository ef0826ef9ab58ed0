// A frame in which the product's own scripts draw a toast or a tour's step; see preview.js.

import { h } from "./dom.js";

/**
 * Make a stage.
 *
 * @param title says what it shows; it is read aloud.
 * @param theme `light` or `dark`; `dir` `ltr` or `rtl`; `width` in px, at most the room that there is.
 * @param signal of the screen.
 * @return the element; `show(what)` draws `{kind: "toast", toast}` or `{kind: "tour", step, number, total}`.
 */
export function stage({ title, theme = "light", dir = "ltr", width, height = 300, signal }) {
  let shown;
  let isReady = false;
  const frame = h("iframe", { title, class: "stage", tabindex: "-1", src: new URL("preview.html", import.meta.url).href });
  const box = h("figure", { class: "stage-box", style: { "--stage-width": width ? `${width}px` : "100%", "--stage-height": `${height}px` } }, frame, h("figcaption", { class: "soft small" }, title));
  const send = () => isReady && shown && frame.contentWindow?.postMessage({ ...shown, theme, dir }, location.origin);
  const listen = ({ source, data }) => {
    if (source !== frame.contentWindow || data !== "ready") return;
    isReady = true;
    send();
  };
  addEventListener("message", listen, { signal });
  box.show = (what) => {
    shown = what;
    send();
  };
  return box;
}

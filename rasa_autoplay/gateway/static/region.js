import { make, onAbort } from "./dom.js";

/**
 * The copilot's one place on the page, still empty: `{host, card, text, mount}`. toast.js draws in it.
 *
 * It is there from the start, because screen readers only announce changes of an existing element.
 */
export function createRegion(signal) {
  const text = make("div", "text");
  text.role = "status";
  const card = make("section", "idle", text);
  // A custom element, so that the host app's CSS rules for divs do not match. `ph-no-capture` makes posthog-js ignore it.
  const host = make("rasa-autoplay", "rasa-autoplay ph-no-capture");
  host.style.position = "fixed";
  host.attachShadow({ mode: "open" }).append(make("div", "dock", card));
  onAbort(signal, () => host.remove());

  /** A child of `<html>`: it survives a new `<body>`, and a `transform` or `filter` of the body does not move it. */
  function mount() {
    if (!host.isConnected && !signal.aborted) document.documentElement.append(host);
  }

  return { host, card, text, mount };
}

import { loadModule, sleep } from "./api.js";
import { make, onAbort } from "./dom.js";

/**
 * The toast's functions. Most pages never have an offer, so its script is loaded with the first one.
 *
 * @returns see `createToast`. `show` waits for the script, also while the server cannot be reached.
 */
export function lazyToast(options, signal) {
  const text = make("div", "text");
  // In the page from the start, because screen readers only announce changes of an existing element.
  text.role = "status";
  const card = make("section", "idle", text);
  // A custom element, so that the host app's CSS rules for divs do not match. `ph-no-capture` makes posthog-js ignore it.
  const host = make("rasa-autoplay", "rasa-autoplay ph-no-capture");
  host.style.position = "fixed";
  host.attachShadow({ mode: "open" }).append(make("div", "dock", card));
  onAbort(signal, () => host.remove());

  let toast, loading, waiting;

  async function load() {
    for (let attempts = 0; !toast && !signal.aborted; attempts++) {
      try {
        // A browser may remember that a script could not be loaded.
        const file = `toast.mjs${attempts ? `?${attempts}` : ""}`;
        toast = (await loadModule(options.base, file)).createToast({ host, card, text, mount }, options, signal);
      } catch (problem) {
        console.warn("rasa-autoplay:", problem);
        await sleep(5000);
      }
    }
  }

  async function use(act) {
    await (loading ||= load());
    if (!signal.aborted) act();
  }

  /** A child of `<html>`: it survives a new `<body>`, and a `transform` or `filter` of the body does not move it. */
  function mount() {
    if (!host.isConnected && !signal.aborted) document.documentElement.append(host);
  }

  return {
    mount,
    show(view) {
      waiting = view;
      use(() => waiting === view && toast.show(view));
    },
    showOffer(offer, on) {
      waiting = offer;
      use(() => waiting === offer && toast.showOffer(offer, on));
    },
    hide() {
      waiting = null;
      toast?.hide();
    },
    focus: () => use(() => toast.focus()),
    explain: (...asked) => use(() => toast.explain(...asked)),
  };
}

// Shows one toast, or one step of a tour, with the scripts that users' pages load. The page that frames this document
// says what to show. Nothing here can be used or sent: it is a picture that is drawn by the product itself.

// The product's options ask for the URL of their script.
globalThis.SCRIPT_URL = null;

const { DEFAULTS } = await import("./product/options.js");
const { createRegion } = await import("./product/region.js");
const { createSpotlight } = await import("./product/spotlight.js");
const { createToast } = await import("../toast.mjs");

const nothing = () => {};
const REPLIES = { answer: nothing, accept: nothing, report: nothing, timeOut: nothing, hide: nothing, isReady: () => true, isExpired: () => false };
let showing = new AbortController();
let spotlight;

addEventListener("message", ({ source, origin, data }) => {
  const draw = { toast: showToast, tour: showStep }[data.kind];
  if (source !== parent || origin !== location.origin || !draw) return;
  const root = document.documentElement;
  root.dataset.theme = data.theme;
  root.dataset.kind = data.kind;
  root.dir = data.dir;
  showing.abort();
  spotlight?.remove();
  showing = new AbortController();
  draw(data);
});

function showToast({ toast, theme }) {
  const region = createRegion(showing.signal);
  region.mount();
  disable("rasa-autoplay");
  createToast(region, { ...DEFAULTS, theme, toastSeconds: Infinity }, showing.signal).showOffer(toast, REPLIES);
}

function showStep({ step, number, total, theme }) {
  const element = document.getElementById("here");
  element.textContent = step.label || step.title;
  spotlight = createSpotlight({ texts: DEFAULTS.texts, theme }, { next: nothing, close: nothing });
  const next = number < total && DEFAULTS.texts.next;
  spotlight.show(element, { title: step.title, text: step.text, progress: `${number} / ${total}`, next });
  disable("rasa-autoplay-tour");
}

/** No button and no link of it can be pressed or focused. */
function disable(name) {
  document.querySelector(name).inert = true;
}

parent.postMessage("ready", location.origin);

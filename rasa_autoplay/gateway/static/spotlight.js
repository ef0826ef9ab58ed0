import { attempt, make } from "./dom.js";
import { addStyles } from "./styles.js";
import { renderMarkdown } from "./markdown.js";
import { FILLED, FOCUS, SHARED, paint } from "./theme.js";

/** Distances in px: from the element to the ring, from the ring to the card, and from the card to the window's edges. */
const PADDING = 4;
const GAP = 14;
const EDGE = 8;

/**
 * Draws one step of a tour: a ring around the element, a darker page around the ring, and a card with an arrow.
 *
 * Everything is in a shadow root of an element of its own, so that no style of the host app applies. This element is a
 * popover: the browser draws it above everything else, wherever the page's transforms, filters and z-indexes are. It
 * lives at the end of the document, or in the modal dialog that is open, because everything outside of that is inert.
 *
 * @param on - `next()` and `close()`: the user pressed a button of the card.
 */
export function createSpotlight({ texts, theme }, on) {
  const ring = make("div", "ring");
  const arrow = make("div", "arrow");
  const title = make("bdi", "");
  const text = make("div", "text");
  const progress = make("span", "progress");
  const next = button("next", on.next);
  const close = button("close", on.close, "×");
  title.id = "title";
  text.id = "text";
  const card = make("section", "card", make("div", "title", title), text, progress, next, close, arrow);
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-labelledby", "title");
  card.setAttribute("aria-describedby", "text");
  const status = make("div", "status");
  status.role = "status";
  // `ph-no-capture` makes posthog-js ignore it.
  const host = make("rasa-autoplay-tour", "rasa-autoplay ph-no-capture");
  host.popover = "manual";
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, SPOTLIGHT_CSS);
  const root = make("div", "", ring, card, status);
  shadow.append(root);
  // A menu of the host app stays open while the user presses a button of the card.
  for (const name of ["pointerdown", "mousedown", "touchstart", "click", "focusin"]) {
    host.addEventListener(name, (event) => event.stopPropagation());
  }
  host.addEventListener("mousedown", (event) => event.preventDefault());
  let target, placed;

  /** Move into the modal dialog that the user can use now, and above what was opened last. */
  function mount() {
    const dialogs = attempt(() => [...document.querySelectorAll("dialog:modal")]);
    const parent = dialogs?.pop() || document.documentElement;
    if (host.parentNode === parent && host.isConnected) return;
    parent.append(host);
    host.showPopover?.();
    // Positions come from the window, so a page that zooms itself must not zoom them again.
    root.style.zoom = 1 / (host.currentCSSZoom || 1);
  }

  function place() {
    if (!target) return;
    const box = target.getBoundingClientRect();
    const here = [box.x, box.y, box.width, box.height, innerWidth, innerHeight].join();
    // Whatever is written makes the browser lay the page out again.
    if (here === placed) return;
    placed = here;
    const hole = { left: box.left - PADDING, top: box.top - PADDING, right: box.right + PADDING, bottom: box.bottom + PADDING };
    const { side, left, top } = placeCard(hole, card.offsetWidth, card.offsetHeight);
    ring.style.cssText = `transform:translate(${hole.left}px,${hole.top}px);width:${hole.right - hole.left}px;height:${hole.bottom - hole.top}px`;
    card.style.transform = `translate(${Math.round(left)}px,${Math.round(top)}px)`;
    card.dataset.side = side;
    // The arrow points at the middle of the part of the element that is beside the card.
    const [x, y] = [(hole.left + hole.right) / 2 - left, (hole.top + hole.bottom) / 2 - top];
    arrow.style.setProperty("--x", `${Math.min(Math.max(x, 20), card.offsetWidth - 20)}px`);
    arrow.style.setProperty("--y", `${Math.min(Math.max(y, 20), card.offsetHeight - 20)}px`);
  }

  return {
    place,

    /**
     * Point at an element.
     *
     * @param content - `{title, text, progress, next}`; without `next`, the card has no button for the next step.
     */
    show(element, content) {
      mount();
      const isNew = target !== element;
      target = element;
      card.className = "card";
      paint(root, theme);
      [host.lang, host.dir] = [texts.language, texts.direction];
      close.ariaLabel = texts.close;
      title.textContent = content.title;
      text.replaceChildren(...renderMarkdown(content.text));
      progress.textContent = content.progress;
      next.textContent = content.next || "";
      next.hidden = !content.next;
      placed = null;
      status.textContent = `${content.title}. ${text.textContent}`;
      if (isNew) bringIntoView(element);
      place();
    },

    /** Keep up with the page: another dialog may be open, other colours may apply, and the next step may be within reach. */
    refresh(label) {
      mount();
      paint(root, theme);
      if (next.textContent !== (label || "")) {
        next.hidden = !label;
        next.textContent = label || "";
        placed = null;
      }
      place();
    },

    /** Draw nothing until the next `show`. */
    hide() {
      target = null;
      card.className = "idle";
    },

    /** Say for a moment that the tour has ended, then leave the page. */
    async finish(label) {
      target = null;
      mount();
      card.className = "card done";
      card.style.transform = "";
      title.textContent = label;
      status.textContent = label;
      await new Promise((done) => setTimeout(done, DONE_MS));
      host.remove();
    },

    /** Leave the page. */
    remove: () => host.remove(),

    /** Move the focus into the card; returns whether it is there already. */
    focus() {
      const isInside = Boolean(shadow.activeElement);
      (next.hidden ? close : next).focus();
      return isInside;
    },
  };
}

/** How long "Done" stays. */
const DONE_MS = 2500;

/**
 * Where the card goes: on the first side of the element that has room for it, else into the window's largest free part.
 *
 * A menu or toolbar that the step needs may open below or beside the element, so the card goes above it first.
 */
function placeCard(hole, width, height) {
  const { innerWidth: across, innerHeight: down } = window;
  const centred = (from, to, size, limit) => clamp((from + to - size) / 2, limit - size);
  const [x, y] = [centred(hole.left, hole.right, width, across), centred(hole.top, hole.bottom, height, down)];
  const sides = [
    { side: "top", left: x, top: hole.top - GAP - height, room: hole.top - GAP - EDGE - height },
    { side: "bottom", left: x, top: hole.bottom + GAP, room: down - hole.bottom - GAP - EDGE - height },
    { side: "right", left: hole.right + GAP, top: y, room: across - hole.right - GAP - EDGE - width },
    { side: "left", left: hole.left - GAP - width, top: y, room: hole.left - GAP - EDGE - width },
  ];
  const best = sides.find(({ room }) => room >= 0) || sides.slice(0, 2).reduce((a, b) => (a.room >= b.room ? a : b));
  return { ...best, left: clamp(best.left, across - width), top: clamp(best.top, down - height) };
}

const clamp = (value, max) => Math.max(EDGE, Math.min(value, max - EDGE));

function bringIntoView(element) {
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const isInView = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
  if (!isInView) element.scrollIntoView({ block: "center", inline: "nearest" });
}

function button(classes, run, label = "") {
  const element = make("button", classes, label);
  element.type = "button";
  element.onclick = run;
  return element;
}

/** `!important` rules in a shadow root win over all rules of the host app for its host element. */
const SPOTLIGHT_CSS = `
:host{all:initial!important;display:block!important;position:fixed!important;inset:0!important;z-index:2147483001!important;pointer-events:none!important;color-scheme:inherit!important}
.ring,.card{position:fixed;left:0;top:0;box-sizing:border-box}
.ring{border-radius:8px;outline:2px solid var(--accent);box-shadow:0 0 0 4px var(--background),0 0 0 200vmax rgb(0 0 0/50%)}
.card{${SHARED};pointer-events:auto;width:max-content;max-width:min(320px,100vw - 16px);max-height:calc(100vh - 16px);overflow:visible;padding:16px 18px;display:grid;grid-template-columns:1fr auto;gap:6px 12px;align-items:center;overflow-wrap:anywhere}
.title{font-size:16px;font-weight:600;padding-inline-end:28px}
.title,.text{grid-column:1/-1;word-break:auto-phrase}
.text{max-height:50vh;overflow:auto;white-space:pre-line}
.text>*{margin:0 0 6px}
ol,ul{padding-inline-start:20px}
a{color:var(--accent)}
.progress{direction:ltr;justify-self:start;color:var(--muted);font-size:13px}
button{all:unset;cursor:pointer;text-align:center;border-radius:10px}
${FOCUS}
.next{${FILLED};padding:7px 16px;font-size:14px;font-weight:600}
.close{position:absolute;inset-inline-end:8px;top:10px;width:28px;line-height:28px;font-size:21px;color:var(--muted)}
.close:hover{background:var(--hover)}
[hidden],.idle,.idle *{display:none}
.status{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.arrow{position:absolute;width:12px;height:12px;background:var(--background);border:solid var(--border);border-width:0 1px 1px 0}
[data-side=top] .arrow{left:var(--x);bottom:-7px;transform:translateX(-50%) rotate(45deg)}
[data-side=bottom] .arrow{left:var(--x);top:-7px;transform:translateX(-50%) rotate(225deg)}
[data-side=right] .arrow{top:var(--y);left:-7px;transform:translateY(-50%) rotate(135deg)}
[data-side=left] .arrow{top:var(--y);right:-7px;transform:translateY(-50%) rotate(-45deg)}
.ring:has(+.idle),.ring:has(+.done){display:none}
.done{left:50%;top:auto;bottom:24px;translate:-50%;padding:12px 22px;border-radius:99px}
.done .title:before{content:"✓ ";color:var(--accent)}
.done .title{padding:0}
.done :not(.title,bdi){display:none}
@media(forced-colors:active){.ring{outline-color:Highlight}.card{border:1px solid CanvasText}button{border:1px solid ButtonText}}
@keyframes appear{from{opacity:0}}
@media(prefers-reduced-motion:no-preference){.ring,.card{animation:appear .2s}}
@media print{:host{display:none!important}}`;

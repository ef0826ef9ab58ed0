import { find } from "../find.js";

/** The panel stays at least this far from the window's edges, in px. */
const FROM_EDGE_PX = 16;

/**
 * Keep the panel out of the way: it is dragged by its head, and leaves what the tour points at.
 *
 * @param frame - the panel.
 * @param head - its upper part. It must give its `pointerdown` to `drag`.
 * @param session - `state.shift` is how far the panel was dragged, `[x, y]` in px.
 */
export function createPlacement(frame, head, { state, changed }) {
  /** For each step, the panel moves once at most: it must not follow a page that moves. */
  let avoided;

  function draw() {
    const [x, y] = state.shift || [0, 0];
    const [shownX = 0, shownY = 0] = frame.style.translate.split(" ").map((it) => parseFloat(it) || 0);
    const { left, right, top, bottom } = frame.getBoundingClientRect();
    const limited = (by, start, end, size) => Math.min(Math.max(by, FROM_EDGE_PX - start), size - FROM_EDGE_PX - end);
    const toX = limited(x, left - shownX, right - shownX, innerWidth);
    const toY = limited(y, top - shownY, bottom - shownY, innerHeight);
    frame.style.translate = state.shift ? `${toX}px ${toY}px` : "";
  }

  function drag(down) {
    if (down.button || down.composedPath()[0].closest("button")) return;
    const [x, y] = state.shift || [0, 0];
    const follow = (move) => {
      state.shift = [x + move.clientX - down.clientX, y + move.clientY - down.clientY];
      draw();
    };
    head.setPointerCapture(down.pointerId);
    head.addEventListener("pointermove", follow);
    head.addEventListener("lostpointercapture", () => (head.removeEventListener("pointermove", follow), changed()), { once: true });
  }

  /** Whether the panel covers what a tour shows. */
  function isInTheWay(shown) {
    const own = frame.getBoundingClientRect();
    return shown.some((it) => it.left < own.right && own.left < it.right && it.top < own.bottom && own.top < it.bottom);
  }

  return {
    drag,
    draw,

    /** Leave the element and the card of a tour's step: to the other side, or, if it is in the way there too, by being small. */
    avoid({ id, element } = {}) {
      const target = element && find(element);
      const card = document.querySelector("rasa-autoplay-tour")?.shadowRoot?.querySelector(".card");
      if (!target || !card || avoided === id) return;
      const shown = [target, card].map((it) => it.getBoundingClientRect());
      if (!isInTheWay(shown)) return;
      avoided = id;
      state.shift = null;
      draw();
      frame.classList.toggle("left");
      if (isInTheWay(shown)) state.isSmall = true;
      else state.isLeft = !state.isLeft;
      changed();
    },
  };
}

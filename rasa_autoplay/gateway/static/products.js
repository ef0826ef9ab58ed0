/**
 * Products whose own flows can be the tour, by `tour.provider`. Each calls its global (`global`), here `it`, by its
 * public interface:
 *
 * - `isReady(it, id)`: can `start` be called? May be a promise that waits for it, and rejects when it is in vain.
 * - `start(it, id)`: start that flow. Refused when it throws, rejects or gives false.
 * - How we follow it: `look(it, id)` gives the step at which it stands, null when it is not on the page; or
 *   `listen(it, hear)` has the product tell `hear.shown(id, step)` and `hear.over(id)`. Where the product does not
 *   tell that it has started (`tellsStart`), the end of `start` stands for that.
 * - `stop(it, id)`: end what was called for but did not come.
 */
export const PRODUCTS = {
  usertour: {
    global: "usertour",
    isReady: isLoaded,
    start: (it, id) => it.start(id),
    // Its `on` does nothing so far.
    look: (it, id) => (it.isStarted(id) ? "" : null),
    stop: (it) => it.endAll(),
  },

  userflow: {
    global: "userflow",
    isReady: isLoaded,
    start: (it, id) => it.start(id),
    listen: (it, hear) => it.on("flowEnded", ({ flow }) => hear.over(flow.id)),
    stop: (it) => it.endAll(),
  },

  userpilot: {
    global: "userpilot",
    isReady: (it) => it?.trigger,
    start: (it, id) => it.trigger(id),
    tellsStart: true,
    listen(it, hear) {
      it.on("started", ({ token }) => hear.shown(token, 0));
      it.on("step", ({ token, step }) => hear.shown(token, step));
      it.on("completed", ({ token }) => hear.over(token));
      it.on("dismissed", ({ token }) => hear.over(token));
    },
    stop: (it) => it.end(),
  },

  chameleon: {
    global: "chmln",
    isReady: (it) => it?.data?.profile,
    start: (it, id) => it.show(id),
    tellsStart: true,
    listen: (it, hear) =>
      // "Started", "Step seen", "Button clicked", "Completed", "Exited" and more, in words that differ by account.
      it.on("tour:event", (name, { tour_id, step_id }) => {
        if (/exited|completed|deferred/i.test(name)) hear.over(tour_id);
        else hear.shown(tour_id, step_id);
      }),
  },

  pendo: {
    global: "pendo",
    isReady: (it, id) => it?.isReady?.() && it.findGuideById(id),
    start: (it, id) => it.showGuideById(id),
    look(it, id) {
      const active = it.getActiveGuide();
      return active?.guide.id === id ? active.step.id : null;
    },
    stop: (it) => it.hideGuides(),
  },

  userguiding: {
    global: "userGuiding",
    // Its queue too: what waits there can be called back.
    isReady: (it) => it?.previewGuide,
    start: (it, id) => it.previewGuide(Number(id) || id),
    tellsStart: true,
    listen(it, hear) {
      const on = (event, fn) => window.userGuidingLayer.push({ event, fn });
      on("onPreviewStart", ({ guideId }) => hear.shown(guideId));
      on("onPreviewStep", ({ guideId, stepIndex }) => hear.shown(guideId, stepIndex));
      on("onPreviewEnd", ({ guideId }) => hear.over(guideId));
    },
    stop: (it) => it.finishPreview(),
  },

  told: {
    global: "told",
    isReady: (it) => it,
    start: (it, id) => (it.startTour ? it.startTour(id) : it("start", id)),
    // It tells nothing; what it shows, it shows in this one place.
    look: () => (document.querySelector("#told-container")?.firstElementChild ? "" : null),
    stop(it, id) {
      // All that can be called back is what still waits in its queue.
      const at = it.q?.findIndex((call) => call[0] === "start" && call[1] === id);
      if (at >= 0) it.q.splice(at, 1);
    },
  },
};

/** The loader from npm puts off all calls until it has loaded the product. */
async function isLoaded(it) {
  await it?.load?.();
  return it;
}

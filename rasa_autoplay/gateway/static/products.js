/**
 * Products whose flows can be shown as tours, by `tour.provider`. Each entry uses the product's public API, on its
 * global (`global`), which is passed as `it`:
 *
 * - `isReady(it, id)`: whether `start` can be called. May be a promise that resolves once it can, or rejects.
 * - `start(it, id)`: starts the flow. It was refused if this throws, rejects or returns false.
 * - To follow the flow, either `currentStep(it, id)` returns the step that is shown, or null if none is; or
 *   `listen(it, on)` calls `on.shown(id, step)` and `on.ended(id)` for the product's events. Unless the product
 *   reports the start (`reportsStart`), the flow counts as started when `start` has returned.
 * - `stop(it, id)`: cancels a flow that was requested but did not appear.
 */
export const PRODUCTS = {
  usertour: {
    global: "usertour",
    isReady: isLoaded,
    start: (it, id) => it.start(id),
    // Its `on` does nothing yet.
    currentStep: (it, id) => (it.isStarted(id) ? "" : null),
    stop: (it) => it.endAll(),
  },

  userflow: {
    global: "userflow",
    isReady: isLoaded,
    start: (it, id) => it.start(id),
    listen: (it, on) => it.on("flowEnded", ({ flow }) => on.ended(flow.id)),
    stop: (it) => it.endAll(),
  },

  userpilot: {
    global: "userpilot",
    isReady: (it) => it?.trigger,
    start: (it, id) => it.trigger(id),
    reportsStart: true,
    listen(it, on) {
      it.on("started", ({ token }) => on.shown(token, 0));
      it.on("step", ({ token, step }) => on.shown(token, step));
      it.on("completed", ({ token }) => on.ended(token));
      it.on("dismissed", ({ token }) => on.ended(token));
    },
    stop: (it) => it.end(),
  },

  chameleon: {
    global: "chmln",
    isReady: (it) => it?.data?.profile,
    start: (it, id) => it.show(id),
    reportsStart: true,
    listen: (it, on) =>
      // Event names differ by account: "Started", "Step seen", "Button clicked", "Completed", "Exited" and more.
      it.on("tour:event", (name, { tour_id, step_id }) => {
        if (/exited|completed|deferred/i.test(name)) on.ended(tour_id);
        else on.shown(tour_id, step_id);
      }),
  },

  pendo: {
    global: "pendo",
    isReady: (it, id) => it?.isReady?.() && it.findGuideById(id),
    start: (it, id) => it.showGuideById(id),
    currentStep(it, id) {
      const active = it.getActiveGuide();
      return active?.guide.id === id ? active.step.id : null;
    },
    stop: (it) => it.hideGuides(),
  },

  userguiding: {
    global: "userGuiding",
    // Its command queue also has this function, and a queued preview can be cancelled.
    isReady: (it) => it?.previewGuide,
    start: (it, id) => it.previewGuide(Number(id) || id),
    reportsStart: true,
    listen(it, on) {
      const subscribe = (event, fn) => window.userGuidingLayer.push({ event, fn });
      subscribe("onPreviewStart", ({ guideId }) => on.shown(guideId));
      subscribe("onPreviewStep", ({ guideId, stepIndex }) => on.shown(guideId, stepIndex));
      subscribe("onPreviewEnd", ({ guideId }) => on.ended(guideId));
    },
    stop: (it) => it.finishPreview(),
  },

  told: {
    global: "told",
    isReady: (it) => it,
    start: (it, id) => (it.startTour ? it.startTour(id) : it("start", id)),
    // It sends no events, and shows everything in this element.
    currentStep: () => (document.querySelector("#told-container")?.firstElementChild ? "" : null),
    stop(it, id) {
      // Only a call that is still queued can be cancelled.
      const at = it.q?.findIndex((call) => call[0] === "start" && call[1] === id);
      if (at >= 0) it.q.splice(at, 1);
    },
  },
};

/** The npm loader delays all calls until the product has loaded. */
async function isLoaded(it) {
  await it?.load?.();
  return it;
}

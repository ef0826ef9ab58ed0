// Stand-ins for the products whose flows can be the tour. A page has first what the product's published snippet
// leaves there, mostly a queue; `arrive()` puts the product itself in its place, which then takes up the queue.
// `window.product` says which one it is, whether it is there `atOnce`, and what it `does` when a flow is started:
// "shows" it, "throws", "rejects", "declines" (false) or "ignores" that.
let shown = null;

/** Put a flow on the page; what is told of it goes to `tell`. */
function draw(id, tell) {
  const part = (tag, text, onclick) => Object.assign(document.createElement(tag), { textContent: text, onclick });
  const flow = part("section", "");
  flow.id = "flow";
  shown = { id: String(id), step: 0, close };
  function next() {
    shown.step += 1;
    tell.step?.(shown.step);
  }
  function close() {
    flow.remove();
    shown = null;
    tell.over?.();
  }
  const leave = part("button", "Leave", close);
  // Nobody reads and leaves it sooner than that.
  leave.disabled = true;
  setTimeout(() => (leave.disabled = false), 400);
  flow.append(part("h2", `Flow ${id}`), part("button", "Go on", next), leave);
  (tell.place || document.body).append(flow);
  tell.begun?.();
}

const start = (id, tell = {}) =>
  ({
    shows: () => draw(id, tell),
    throws() {
      throw new Error("It does not want to.");
    },
    rejects: () => Promise.reject(new Error("It does not want to.")),
    declines: () => false,
    ignores: () => {},
  })[window.product.does]();

const end = () => shown?.close();

/** Handlers by event's name. */
function emitter() {
  const handlers = {};
  return {
    on: (name, handler) => (handlers[name] ||= []).push(handler),
    emit: (name, ...what) => handlers[name]?.forEach((handler) => handler(...what)),
  };
}

/** Functions that only note how they were called, and what replays that. */
function queueing(names) {
  const calls = [];
  const queue = Object.fromEntries(names.map((name) => [name, (...args) => void calls.push([name, args])]));
  return [queue, (real) => calls.splice(0).forEach(([name, args]) => real[name](...args))];
}

const PRODUCTS = {
  // The loader is the real one, from npm; usertour-product.js is what it loads.
  async usertour() {
    window.USERTOURJS_ENV_VARS = { USERTOURJS_ES2020_URL: window.product.url || "/usertour-product.js" };
    window.usertourProduct = {
      start: async (id) => start(id),
      isStarted: (id) => shown?.id === id,
      endAll: async () => end(),
    };
    window.usertourMayCome = new Promise((come) => (window.letUsertourCome = come));
    const { default: usertour } = await import("/libraries/usertour.js/dist/usertour.es.js");
    usertour.init("token");
    return async () => {
      window.letUsertourCome();
      await usertour.load();
    };
  },

  userflow() {
    const [queue, replay] = queueing(["init", "identify", "on"]);
    const starts = [];
    let come;
    const coming = new Promise((done) => (come = done));
    const load = () => coming;
    window.userflow = {
      ...queue,
      _stubbed: true,
      load,
      endAll: async () => starts.splice(0),
      start: (id) => new Promise((...ways) => starts.push([id, ways])),
    };
    return () => {
      const { on, emit } = emitter();
      const begin = async (id) => start(id, { over: () => emit("flowEnded", { flow: { id } }) });
      Object.assign(window.userflow, { _stubbed: false, init() {}, identify() {}, on, start: begin, endAll: end });
      replay(window.userflow);
      for (const [id, ways] of starts) begin(id).then(...ways);
      come();
    };
  },

  userpilot() {
    window.userpilotSettings = { token: "token" };
    return () => {
      const { on, emit } = emitter();
      const trigger = (token) =>
        start(token, {
          begun: () => emit("started", { id: 1, token }),
          step: (step) => emit("step", { id: 1, token, step, totalSteps: 3 }),
          over: () => emit("dismissed", { id: 1, token }),
        });
      window.userpilot = { on, emit, trigger, end };
    };
  },

  chameleon() {
    const [queue, replay] = queueing(["identify", "track", "show", "on", "off"]);
    window.chmln = { ...queue, accountToken: "token" };
    return () => {
      const { on, emit } = emitter();
      const tell = (name, tour_id, step) => emit("tour:event", name, { tour_id, step_id: `s${step}` });
      const show = (id) =>
        start(id, {
          begun() {
            tell("Chameleon Tour started", id, 0);
            tell("Chameleon Step seen", id, 0);
          },
          step: (step) => tell("Chameleon Step seen", id, step),
          over: () => tell("Chameleon Tour exited", id, 1),
        });
      Object.assign(window.chmln, { data: { profile: new Map() }, identify() {}, track() {}, show, on });
      replay(window.chmln);
    };
  },

  pendo() {
    const [queue, replay] = queueing(["initialize", "identify", "updateOptions", "pageLoad", "track"]);
    window.pendo = { ...queue, _q: [] };
    return () => {
      Object.assign(window.pendo, {
        initialize() {},
        isReady: () => true,
        findGuideById: (id) => ({ id }),
        showGuideById: (id) => start(id),
        getActiveGuide: () => shown && { guide: { id: shown.id }, step: { id: `s${shown.step}` } },
        hideGuides: end,
      });
      replay(window.pendo);
    };
  },

  userguiding() {
    const [queue, replay] = queueing(["previewGuide", "finishPreview", "track", "identify"]);
    window.userGuidingLayer = [];
    window.userGuiding = { ...queue, q: [] };
    return () => {
      const { on, emit } = emitter();
      const add = ({ event, fn }) => on(event, fn);
      window.userGuidingLayer.forEach(add);
      window.userGuidingLayer = { push: add };
      const previewGuide = (guideId) => {
        if (typeof guideId !== "number") throw new Error("A guide's id is a number.");
        return start(guideId, {
          begun() {
            emit("onPreviewStart", { event: "previewStart", guideId });
            emit("onPreviewStep", { event: "onPreviewStep", guideId, stepIndex: 0 });
          },
          step: (stepIndex) => emit("onPreviewStep", { event: "onPreviewStep", guideId, stepIndex }),
          over: () => emit("onPreviewEnd", { event: "previewEnd", guideId, completed: false }),
        });
      };
      window.userGuiding = { previewGuide, finishPreview: end, track() {}, identify() {} };
      replay(window.userGuiding);
    };
  },

  told() {
    const queue = (...call) => void (queue.q ||= []).push(call);
    window.told = queue;
    window.told("init", "token");
    return () => {
      window.told = (what, id) => {
        if (what === "start") return start(id, { place: document.querySelector("#told-container") });
      };
      for (const call of queue.q) window.told(...call);
    };
  },
};

if (window.product) {
  const ready = Promise.resolve(PRODUCTS[window.product.name]());
  window.arrive = async () => (await ready)();
  if (window.product.atOnce) addEventListener("DOMContentLoaded", window.arrive);
}

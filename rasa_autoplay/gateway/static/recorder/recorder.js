import { watchActs } from "./acts.js";
import { tourOf } from "./draft.js";
import { pageAddress } from "./page_address.js";
import { createPanel } from "./panel.js";
import { createPlacement } from "./placement.js";
import { createResult } from "./result.js";
import { createSession } from "./session.js";
import { action, part } from "./shield.js";
import { createStepList } from "./step_list.js";
import { holdRecording, readStored, removeStored, store } from "./store.js";
import { createTrial } from "./trial.js";
import { createTrialView } from "./trial_view.js";

/** The recorder that runs on this page, whichever script has started it. */
const RUNNING = Symbol.for("rasa-autoplay-recorder");
const PHONE = "popup,width=375,height=740";
/** The token with which the page was opened. It counts once, if the app has removed it before `autoplay.js` ran. */
let openedWith = performance.getEntriesByType("navigation")[0]?.name.split(/[#?&]autoplay-record=/)[1];
/** How many elements a selector hits is counted once a second: in large tables that takes time. */
const TICKS_PER_LOOK = 4;

/**
 * Show the panel that records a path, or give the one that is shown a new link's token.
 *
 * @param base - URL of the server's routes; by default, the folder of this script.
 * @param token - of a link; without one, the recording that this tab has stored goes on.
 */
export async function startRecorder({ base = new URL(".", import.meta.url).href, token }) {
  if (window[RUNNING]) return window[RUNNING].open(token);
  const stored = readStored();
  if (!stored) token ||= openedWith;
  openedWith = "";
  if (!token && !stored) return;
  const lifetime = new AbortController();
  const recorder = { open: () => {} };
  window[RUNNING] = recorder;
  const id = stored?.id || String(Math.random());
  // The app may leave this page before the server has answered, to let the user sign in.
  if (token) store({ ...stored, id, token });
  if (!stored?.isPhone && !(await holdRecording(id))) {
    removeStored();
    delete window[RUNNING];
    return;
  }
  lifetime.signal.addEventListener("abort", () => delete window[RUNNING]);
  recorder.open = showRecorder(base.replace(/\/+$/, ""), { ...stored, id }, lifetime);
  recorder.open(token);
}

/** Returns the function that exchanges a token. */
function showRecorder(base, stored, lifetime) {
  const { signal } = lifetime;
  let panel, ticks = 0;
  const session = createSession(base, stored, () => panel && draw(), signal);
  const { state } = session;
  const trial = createTrial(session, signal);
  const announce = (text) => panel.announce(text);
  const views = { steps: createStepList(session, announce), trial: createTrialView(session, trial), file: createResult(session, base, announce) };

  const dot = part("span", { className: "dot" });
  const status = part("span", { className: "state" });
  const pause = action("Pause", () => session.changed((state.isPaused = !state.isPaused)));
  const undo = action("Undo", undoLast);
  const side = action("⇄", moveAcross, { className: "icon", ariaLabel: "Move to the other side" });
  const small = action("–", () => session.changed((state.isSmall = !state.isSmall)), { className: "icon" });
  const close = action("×", () => show("stop"), { className: "icon", ariaLabel: "Stop recording" });
  const head = part("div", { className: "head", onpointerdown: (event) => placement.drag(event) }, part("h2", {}, dot, "Record a path"), side, small, close);
  const tools = part("div", { className: "tools" }, status, pause, undo);
  const problem = part("ul", { className: "notes" });
  const body = part("div", { className: "body", tabIndex: -1 }, problem);
  const foot = part("div", { className: "foot" });
  const feet = {
    steps: [action("Try it", () => tryIt()), action("At phone width", tryOnPhone), action("Get the file", () => show("file"), { className: "primary" })],
    file: [action("Back to the steps", () => show("steps"))],
    trial: [action("Start again", () => tryIt()), action("Back to the steps", leaveTrial, { className: "primary" })],
    stop: [part("span", { className: "state" }, "Stop recording and delete this draft?"), action("Delete", stop), action("Keep it", () => show("steps"), { className: "primary" })],
  };
  let placement, drawnView;

  function moveAcross() {
    state.shift = null;
    session.changed((state.isLeft = !state.isLeft));
  }

  function show(view) {
    state.view = view;
    session.changed();
    feet[view].at(-1).focus();
  }

  function draw() {
    const { isPaused, isSmall, view, path } = state;
    const isOn = !isPaused && !state.trial && view !== "stop";
    dot.classList.toggle("on", isOn);
    status.textContent = state.trial ? "Trying it" : isOn ? "Recording" : "Paused";
    pause.textContent = isPaused ? "Go on" : "Pause";
    pause.hidden = undo.hidden = view !== "steps";
    undo.disabled = !state.history.length;
    panel.frame.classList.toggle("small", Boolean(isSmall));
    small.textContent = isSmall ? "▢" : "–";
    small.ariaLabel = isSmall ? "Show the panel" : "Make the panel small";
    if (problem.textContent !== session.problem) problem.replaceChildren(...(session.problem ? [part("li", {}, session.problem)] : []));
    problem.hidden = !session.problem;
    for (const button of feet.steps) button.disabled = !path.steps.length;
    // On a phone, the page has that width already.
    feet.steps[1].hidden = innerWidth <= 480;
    if (drawnView !== view) {
      drawnView = view;
      foot.replaceChildren(...feet[view]);
      for (const name in views) views[name].element.hidden = name !== view;
      body.scrollTop = 0;
    }
    views[view]?.update();
    placement.draw();
  }

  function undoLast() {
    panel.announce(session.undo() ? "Undone." : "There is nothing to undo.");
  }

  function onKey(event) {
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && state.view === "steps") {
      event.preventDefault();
      undoLast();
    }
    // Escape would close the dialog that the panel is in.
    if (event.key === "Escape") {
      event.preventDefault();
      panel.frame.getRootNode().activeElement?.blur();
    }
  }

  /** Play the tour here, or on the page where the path begins. */
  function tryIt() {
    const tour = tourOf(state.path);
    if (!tour.steps.length) return panel.announce("There is no step that a tour can show: all are for the chat only.");
    trial.stop();
    state.trial = { seen: {}, others: [] };
    show("trial");
    if (!session.isAtStart(tour) && location.href !== state.start) location.href = state.start;
    trial.run();
  }

  /** A window of a phone's width is a page of its own, so the app's own rules for narrow windows apply. */
  function tryOnPhone() {
    if (!tourOf(state.path).steps.length) return tryIt();
    const phone = { ...state, isPhone: true, isSmall: false, view: "trial", trial: { seen: {}, others: [] }, history: [] };
    // The window gets a copy of this tab's storage.
    const isStored = store(phone);
    const opened = isStored && window.open(state.start, "", PHONE);
    session.changed();
    if (!opened) panel.announce("The browser didn’t open the window. Allow pop-ups for this page, and try again.");
  }

  function leaveTrial() {
    trial.stop();
    delete state.trial;
    if (state.isPhone) return stop();
    show("steps");
  }

  function stop() {
    lifetime.abort();
    removeStored();
    if (state.isPhone) window.close();
  }

  body.append(...Object.values(views).map(({ element }) => element));
  panel = createPanel([head, tools, body, foot], session, onKey, signal);
  placement = createPlacement(panel.frame, head, session);
  const lookAtPage = watchActs(state.last, { act: onAct, page: onPage }, signal);
  panel.everyTick(() => {
    placement.draw();
    if (state.trial) placement.avoid(tourOf(state.path).steps.find(({ id }) => id === state.trial.step));
    if (lookAtPage()) session.changed();
    else if (!(++ticks % TICKS_PER_LOOK)) views[state.view]?.update();
  });
  draw();
  if (state.trial) trial.run();

  function onAct(act) {
    if (state.trial) return trial.match(act.event);
    if (state.isPaused || state.view === "stop") return;
    if (!state.path.steps.length) state.start = pageAddress();
    session.recordAct(act);
  }

  function onPage(event) {
    if (state.trial) return trial.match(event);
    if (!state.isPaused && state.path.steps.length) session.recordPage(event);
  }

  return (token) => (session.open(token));
}

import { attempt } from "../dom.js";
import { find, findAll } from "../find.js";
import { currentPage } from "./acts.js";
import { askRecorder, mayRetry, problemOfAnswer, retryPause } from "./client.js";
import { emptyPath, goldenPathOf, readGoldenPath } from "./draft.js";
import { proposePageTexts, proposeTexts } from "./proposals.js";
import { store } from "./store.js";

const MAX_UNDO = 30;
/** The server checks the draft when the user has stopped typing for so long. */
const CHECK_AFTER_MS = 800;
const UNNAMED = "This element has no name. Give it a text or an aria-label, so that the chat can say what to press.";
const UNCAPTURED = "Your analytics doesn’t capture this element, so nobody can see that this step was done.";

/**
 * The recording in this tab: the path, its history for undo, and what the server says about it.
 *
 * @param stored - what this tab has stored before.
 * @param onChange - called after every change.
 */
export function createSession(base, stored, onChange, signal) {
  const state = {
    ...{ id: String(Math.random()), path: emptyPath(), history: [], nextKey: 1, last: {}, start: location.href, view: "steps" },
    ...stored,
  };
  /** What the server said: `{yaml, errors, warnings}` about the draft `of`. */
  let check = {};
  let checkTimer, isAsking, edited;
  /** What is wrong now, for the user. */
  let problem = "";
  let isRefused = false;

  function changed() {
    if (signal.aborted) return;
    isRefused = !store(state);
    onChange();
  }

  /** Keep the path as it is, so that the next change can be undone. */
  function remember() {
    edited = null;
    state.history = [...state.history, JSON.stringify(state.path)].slice(-MAX_UNDO);
  }

  function change(act) {
    remember();
    act(state.path);
    changed();
    checkSoon();
  }

  async function ask(path, body) {
    const answer = await askRecorder(base, path, body, state.key);
    if (signal.aborted) return { status: 0, data: {} };
    problem = problemOfAnswer(answer, state.path.steps.length > 0);
    if (answer.status === 401) delete state.key;
    changed();
    return answer;
  }

  /** Exchange a link's token for a key. The token is kept until the server has answered. */
  async function open(token) {
    if (token) state.token = token;
    changed();
    while (state.token && !signal.aborted) {
      const answer = await askRecorder(base, "session", { token: state.token });
      problem = problemOfAnswer(answer, state.path.steps.length > 0);
      if (!mayRetry(answer)) delete state.token;
      if (answer.status === 200) begin(answer.data);
      changed();
      if (state.token) await retryPause();
    }
    nameActions();
    checkSoon();
  }

  function begin({ key, can_write, draft }) {
    Object.assign(state, { key, canWrite: can_write });
    if (draft?.steps && !state.path.steps.length) {
      state.path = readGoldenPath(draft);
      state.nextKey = state.path.steps.length;
    }
  }

  /** Ask the server, step by step, what real traffic will look like. */
  async function nameActions() {
    if (isAsking) return;
    isAsking = true;
    for (let step; state.key && !signal.aborted && (step = state.path.steps.find((it) => it.events?.length)); ) {
      const answer = await ask("action", { event: step.events[0] });
      if (mayRetry(answer)) await retryPause();
      else if (answer.status !== 401) settle(step.key, answer);
    }
    isAsking = false;
  }

  /** The path may have been replaced by an undo since the question. */
  function settle(key, { status, data }) {
    const step = state.path.steps.find((it) => it.key === key);
    if (!step?.events?.length) return;
    step.events.shift();
    if (status === 200) addAction(state.path, step, data);
    else step.warnings.push(data.error || UNCAPTURED);
    problem = "";
    changed();
    checkSoon();
  }

  function addAction(path, step, { action, done_when: proof }) {
    step.action = action.title;
    const isKnown = step.proofs.some((it) => JSON.stringify(it) === JSON.stringify(proof));
    if (proof && Object.keys(proof).length && !isKnown) step.proofs.push(proof);
    if (step === path.steps[0] && action.page && !path.page) path.page = action.page.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, "") || "/";
  }

  function checkSoon() {
    clearTimeout(checkTimer);
    checkTimer = setTimeout(checkDraft, CHECK_AFTER_MS);
  }

  async function checkDraft() {
    const of = JSON.stringify(goldenPathOf(state.path));
    if (!state.key || !state.path.steps.length || check.of === of || signal.aborted) return;
    const { status, data } = await ask("draft", { draft: JSON.parse(of) });
    if (status === 200) check = { of, ...data };
    else if (mayRetry({ status })) retryPause().then(checkSoon);
    if (status === 400) check = { of, yaml: "", errors: [{ message: data.error, remedy: data.remedy }] };
    changed();
  }

  function addStep(step) {
    change(({ steps }) => steps.push({ key: state.nextKey++, label: "", tooltip: "", chosen: 0, choices: [], proofs: [], page: currentPage(), ...step }));
    nameActions();
  }

  return {
    state,
    ask,
    open,
    change,
    changed,
    checkDraft,
    get problem() {
      return isRefused ? `${problem} This browser doesn’t let the recorder store anything: your draft is lost when the page reloads.` : problem;
    },
    /** What the server said about the draft as it is now; empty while it has not answered. */
    get check() {
      return check.of === JSON.stringify(goldenPathOf(state.path)) ? check : {};
    },

    /** Change a text. All that is typed into one field is undone at once. */
    edit(what, act) {
      if (edited !== what) remember();
      edited = what;
      act(state.path);
      changed();
      checkSoon();
    },

    undo() {
      const before = state.history.pop();
      if (!before) return false;
      edited = null;
      state.path = JSON.parse(before);
      changed();
      nameActions();
      checkSoon();
      return true;
    },

    /** Add an act as a step, or to the last step if that means the element, too. */
    recordAct({ element, act, seen, peers, choices, event, isDouble }) {
      const last = state.path.steps.at(-1);
      const events = event ? [event] : [];
      const selector = last && !last.isChatOnly && last.choices[last.chosen]?.selector;
      if (selector && (attempt(() => findAll(selector)) || []).includes(element)) {
        if (isDouble) return;
        const isField = act === "change";
        change(() => Object.assign(last, { several: last.several || !isField || last.choices[last.chosen].isAnyOf, events: [...(last.events || []), ...events] }));
        return nameActions();
      }
      const warnings = [!seen.name && UNNAMED, !event && UNCAPTURED, seen.problem].filter(Boolean);
      addStep({ ...proposeTexts(seen, act, peers), act, choices, events, warnings, isChatOnly: !choices.length });
    },

    recordPage(event) {
      addStep({ ...proposePageTexts(currentPage()), act: "page", events: [event], warnings: [], isChatOnly: true });
    },

    /** Whether the page has the first step that a tour shows. */
    isAtStart: (tour) => Boolean(tour.steps[0] && find(tour.steps[0].element)),
  };
}

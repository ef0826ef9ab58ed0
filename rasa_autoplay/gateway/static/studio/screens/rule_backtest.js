// What the rule would have done in the recording, against what is loaded.

import { post } from "../api.js";
import { h, replace } from "../dom.js";
import { ago, exact, number, pageNames, plural } from "../format.js";
import { href } from "../router.js";
import { empty, failed } from "../states.js";

const KINDS = { new: ["New", "tag-green"], gone: ["Gone", "tag-red"], moved: ["Moved", "tag-blue"], same: ["Same", ""] };
const RECORD = "Add recording: {keep: 7d} to autoplay.yml, and restart the engine. Then rules are tested on what your users really did.";

/**
 * `question()` returns the rule as the server wants it. `session` is the session that somebody came from, as
 * `{user_id, session_id}`, or null.
 */
export function backtestPanel({ question, session, signal }) {
  const body = h("div", { class: "backtest" });
  const status = h("p", { class: "soft small", role: "status" });
  let running = new AbortController();
  signal.addEventListener("abort", () => running.abort());

  async function run() {
    running.abort();
    const own = (running = new AbortController());
    status.textContent = "Replaying…";
    body.classList.add("stale");
    try {
      for (;;) {
        const found = await post("rules/backtest", { ...question(), ...session }, { signal: own.signal });
        if (own.signal.aborted) return;
        body.classList.remove("stale");
        draw(found);
        if (found.is_complete) return;
      }
    } catch (problem) {
      if (problem.name === "AbortError") return;
      status.textContent = "";
      replace(body, failed(problem, run));
    }
  }

  function draw(found) {
    if (!found.recording.events) {
      status.textContent = "";
      replace(body, empty("Nothing is recorded yet.", RECORD));
      return;
    }
    status.textContent = statusOf(found);
    replace(body, found.session && ofSession(found.session, session.user_id), tiles(found), changes(found), samples(found.samples), approximations(found));
  }

  return {
    element: h("div", { class: "stack" }, h("h2", null, "Back-test"), status, body),
    run,
    wait(text) {
      running.abort();
      body.classList.add("stale");
      status.textContent = text;
    },
  };
}

function statusOf({ is_complete: isComplete, replayed, reachable, recording, took_s: took }) {
  const recorded = `${plural(recording.events, "event")} of ${plural(recording.users, "user")}, ${exact(recording.first_at)} to ${exact(recording.last_at)}.`;
  if (isComplete) return `${recorded} Exact: replayed for ${reachable ? `all ${plural(reachable, "user")}` : "none of them"}, as the rule can reach no others. ${took.toFixed(1)} s.`;
  return `${recorded} Estimated from ${number(replayed)} of the ${plural(reachable, "user")} that the rule can reach; the rest follows.`;
}

function tiles({ draft, loaded, is_complete: isComplete }) {
  const sign = isComplete ? "" : "≈ ";
  const tile = (label, key, decimals) => {
    const difference = draft[key] - loaded[key];
    const shown = (value) => (decimals ? value.toFixed(decimals) : number(value));
    return h(
      "div",
      { class: "figure" },
      h("dt", null, label),
      h("dd", null, h("span", { class: "tile-value" }, sign + shown(draft[key])), difference ? h("span", { class: "soft small" }, `${difference > 0 ? "+" : "−"}${shown(Math.abs(difference))} against loaded`) : h("span", { class: "soft small" }, "as loaded")),
    );
  };
  return h("dl", { class: "figures" }, tile("Toasts", "fires"), tile("Users", "users"), tile("Per user and day", "per_user_day", 3));
}

/** What the rule does in one session, before and after the edit. */
function ofSession({ session_id: id, is_recorded: isRecorded, loaded, draft }, user) {
  const offers = (times) => (times.length ? times.map((at, index) => [index > 0 && ", ", h("a", { href: href("session", id, { user, at: Math.ceil(at) }) }, exact(at))]) : "no offer");
  return h(
    "div",
    { class: "note rule-session", role: "note" },
    h("strong", null, "In the session of ", h("a", { href: href("session", id, { user }) }, user)),
    isRecorded ? h("dl", { class: "rule-session-offers" }, h("dt", null, "As loaded"), h("dd", null, offers(loaded)), h("dt", null, "With your rule"), h("dd", null, offers(draft))) : h("p", null, "It is not in the recording any more."),
  );
}

function changes({ new: added, gone, moved, others, is_complete: isComplete }) {
  const sign = isComplete ? "" : "≈ ";
  const tag = (kind, count) => h("span", { class: `tag ${count ? KINDS[kind][1] : ""}` }, `${sign}${number(count)} ${KINDS[kind][0].toLowerCase()}`);
  const crowded = others.new + others.gone + others.moved;
  return h(
    "div",
    { class: "changes" },
    h("p", { class: "tags" }, tag("new", added), tag("gone", gone), tag("moved", moved)),
    crowded > 0 && h("p", { class: "soft small" }, `Other triggers, because only one toast is shown at a time: ${sign}${number(others.new)} new, ${number(others.gone)} gone, ${number(others.moved)} moved.`),
  );
}

function samples(rows) {
  if (!rows.length) return h("p", { class: "soft" }, "It makes no toast in this recording.");
  const names = pageNames(rows);
  return h(
    "div",
    null,
    h("h3", null, "Sample sessions"),
    h(
      "ul",
      { class: "samples" },
      rows.map(({ kind, user_id: user, session_id: session, at, page }) =>
        h(
          "li",
          null,
          h("span", { class: `tag ${KINDS[kind][1]}` }, KINDS[kind][0]),
          h("a", { href: href("session", session, { user, at: Math.round(at) }) }, user),
          ago(at),
          h("span", { class: "soft small sample-page", title: page }, names.get(page)),
        ),
      ),
    ),
  );
}

function approximations({ approximations: listed }) {
  return h("details", { class: "small" }, h("summary", null, "What is approximated"), h("ul", { class: "bullets soft" }, listed.map((text) => h("li", null, text))));
}

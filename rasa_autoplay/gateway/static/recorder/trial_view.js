import { part } from "./shield.js";
import { showList } from "./card.js";

/** What a trial has shown so far: for each step, where the tour is and which act the matcher saw. */
export function createTrialView(session, trial) {
  const hint = part("p", { className: "about" });
  const list = part("ol", { className: "rows" });
  const others = part("ul", { className: "notes" });
  const element = part("div", { className: "view" }, hint, list, others);
  let drawn;

  function update() {
    if (!session.state.trial) return;
    hint.textContent = trial.describeOutcome() || "Follow the tour. What you do here is not recorded.";
    showList(others, session.state.trial.others.map((title) => `“${title}” proves no step.`));
    const rows = trial.rows();
    const now = JSON.stringify(rows);
    if (now === drawn) return;
    drawn = now;
    list.replaceChildren(...rows.map(drawRow));
  }

  return { element, update };
}

function drawRow({ title, isInTour, isBehind, isNow, seen }) {
  const inTour = !isInTour ? "not in the tour" : isBehind ? "✓ tour" : isNow ? "▸ tour" : "tour: not yet";
  const matched = seen ? ["✓ seen: ", part("bdi", {}, seen)] : ["matcher: not yet"];
  return part("li", { className: isNow ? "card now" : "card" }, part("b", { dir: "auto" }, title), part("p", { className: "about" }, `${inTour} · `, ...matched));
}

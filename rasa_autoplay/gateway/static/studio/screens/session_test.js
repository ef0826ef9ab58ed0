// Writes the moment under the cursor as a pytest test: the actions up to it, replayed by `rasa-autoplay simulate`.

/** At most this many of the newest actions are in a test. */
const MOST_ACTIONS = 500;

/**
 * Return a test file.
 *
 * @param product the product's id.
 * @param user the user's id.
 * @param session the session's id.
 * @param timeline of the API.
 * @param time the moment, epoch seconds.
 * @param trigger the trigger's id.
 */
export function testOf({ product, user, session, timeline, time, trigger }) {
  const actions = timeline.actions.filter(({ at }) => at <= time).slice(-MOST_ACTIONS);
  const last = actions.at(-1);
  // The simulator's clock follows the actions' own times.
  const until = last ? last.happened_at + (time - last.at) : time;
  const decisions = timeline.decisions.filter(({ at, trigger_id: id }) => id === trigger && at <= time);
  const fires = decisions.length > 0;
  // Lines in quotes: the server strips the scripts' own indentation.
  return [
    `"""What the studio showed of session ${literal(session).slice(1, -1)}: ${literal(trigger).slice(1, -1)} ${fires ? "fires" : "does not fire"}.`,
    "",
    "Run it in the folder of autoplay.yml. Earlier sessions of the user are not in it.",
    '"""',
    "",
    "import json",
    "import subprocess",
    "",
    `TRIGGER = ${literal(trigger)}`,
    `UNTIL = ${until}`,
    "BATCHES = [",
    ...actions.map((action) => `    ${literal(JSON.stringify(batchOf(action, product, user, session)))},`),
    "]",
    "",
    "",
    `def test_${trigger.replace(/\W+/g, "_").toLowerCase()}_${fires ? "fires" : "stays_silent"}(tmp_path):`,
    '    recording = tmp_path / "session.jsonl"',
    '    recording.write_text("\\n".join(BATCHES), encoding="utf-8")',
    '    command = ["rasa-autoplay", "simulate", str(recording), "--config", "autoplay.yml", "--json"]',
    "    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)",
    '    decisions = report["fires"] + report["withheld"] + report["suppressed"]',
    '    fired = {each["trigger_id"] for each in decisions if each["at"] <= UNTIL}',
    `    assert TRIGGER ${fires ? "in" : "not in"} fired`,
    "",
  ].join("\n");
}

function batchOf({ happened_at: at, type, title, page, element_id: element, signal }, product, user, session) {
  return {
    type: "actions",
    product_id: product,
    session_id: session,
    user_id: user,
    actions: [{ title, description: title, canonical_url: page, type, timestamp_start: at, timestamp_end: at, ...(element && { element_id: element }), ...(signal && { signal }) }],
  };
}

/** A Python string literal of ASCII: what users wrote cannot end it, and no editor shows it in another direction. */
function literal(text) {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

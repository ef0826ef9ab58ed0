import { quietly } from "./page.js";
import { jittered, sleep } from "./server.js";

/** What the server has not confirmed by then, it may never have got. */
const RETRY_MS = 5000;
const MAX_KEPT = 50;
const WEEK_MS = 604800000;

/**
 * Receipts on their way. Each is kept in localStorage until the server has confirmed it, so that neither a server that
 * is away nor a page load loses an answer: the next page of the same user sends it.
 *
 * @param name - tabs that give the same name share.
 * @param post - sends a receipt; resolves to the HTTP status, 0 when there was no answer.
 */
export function outboxOf(name, post, signal) {
  const key = `rasa-autoplay-outbox${name}`;
  // Where the browser lets us store nothing, this page remembers.
  let memory;
  let isWorking;
  const read = () => memory || quietly(() => JSON.parse(localStorage[key])) || [];
  const without = ({ offer_id, event }) => read().filter((it) => it.offer_id !== offer_id || it.event !== event);

  function write(kept) {
    const isStored = quietly(() => {
      if (kept.length) localStorage[key] = JSON.stringify(kept);
      else delete localStorage[key];
      return true;
    });
    memory = isStored ? null : kept;
  }

  async function send({ offer_id, event, ...receipt }) {
    const status = await post("/proactive/ack", { offer_id, event });
    // Signed out, too often, or away: another time. What else is refused will always be.
    const isDone = status && status < 500 && ![401, 429].includes(status);
    if (isDone || Math.abs(Date.now() - receipt.at) > WEEK_MS) write(without({ offer_id, event }));
    return isDone;
  }

  async function work() {
    let pauseMs = RETRY_MS;
    while (read().length && !signal.aborted) {
      await sleep(jittered(pauseMs));
      let isWell = true;
      for (const receipt of read()) {
        // What is younger is under way in the tab that it comes from.
        if (Math.abs(Date.now() - receipt.at) >= RETRY_MS / 2 && !signal.aborted) isWell &&= await send(receipt);
      }
      pauseMs = isWell ? RETRY_MS : Math.min(pauseMs * 2, 60000);
    }
  }

  /** Send what is left, from one tab of the browser at a time. */
  async function sendRest() {
    if (isWorking || !read().length) return;
    isWorking = true;
    // A frame of another site may have locks, and refuse them.
    await (navigator.locks ? navigator.locks.request(key, { signal }, work).catch(() => {}) : work());
    isWorking = false;
  }

  sendRest();

  return {
    /** Send a receipt, at once and until it is confirmed. */
    async add(receipt) {
      const kept = { ...receipt, at: Date.now() };
      write([...without(kept), kept].slice(-MAX_KEPT));
      if (!(await send(kept))) sendRest();
    },

    /** Whether the user wants to hear no more of a trigger, and the server may not know it. */
    isUnwanted: (trigger_id) => read().some((it) => it.event === "never" && it.trigger_id === trigger_id),
  };
}

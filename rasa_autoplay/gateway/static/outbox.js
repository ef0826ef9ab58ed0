import { attempt } from "./dom.js";
import { jittered, sleep } from "./api.js";
import { requestLock } from "./locks.js";

/** After this time without a confirmation, a receipt is sent again. */
const RETRY_MS = 5000;
const MAX_KEPT = 50;
const WEEK_MS = 604800000;

/**
 * Send receipts and keep each in localStorage until the server has confirmed it. If the server is down or the page
 * unloads, the user's next page sends it again.
 *
 * @param name - tabs with the same name share the receipts.
 * @param post - sends a receipt; resolves to the HTTP status, or 0 without a response.
 */
export function createOutbox(name, post, signal) {
  const key = `rasa-autoplay-outbox${name}`;
  // Used if the browser does not allow localStorage.
  let memory;
  let isWorking;
  /** Ends the pause before the next attempt. */
  let wake;
  const read = () => memory || attempt(() => JSON.parse(localStorage[key])) || [];
  const without = ({ offer_id, event }) => read().filter((it) => it.offer_id !== offer_id || it.event !== event);

  function write(kept) {
    const isStored = attempt(() => {
      if (kept.length) localStorage[key] = JSON.stringify(kept);
      else delete localStorage[key];
      return true;
    });
    memory = isStored ? null : kept;
  }

  async function send({ offer_id, event, button, ...receipt }) {
    const status = await post("/proactive/ack", { offer_id, event, button });
    // 401, 429, 5xx and no response are worth a retry. Other errors are permanent.
    const isDone = status && status < 500 && ![401, 429].includes(status);
    if (isDone || Math.abs(Date.now() - receipt.at) > WEEK_MS) write(without({ offer_id, event }));
    return isDone;
  }

  async function work() {
    let pauseMs = RETRY_MS;
    while (read().length && !signal.aborted) {
      await Promise.race([sleep(jittered(pauseMs)), new Promise((done) => (wake = done))]);
      let isWell = true;
      for (const receipt of read()) {
        // The tab that created a younger receipt is still sending it.
        if (Math.abs(Date.now() - receipt.at) >= RETRY_MS / 2 && !signal.aborted) isWell &&= await send(receipt);
      }
      pauseMs = isWell ? RETRY_MS : Math.min(pauseMs * 2, 60000);
    }
  }

  /** Send the remaining receipts. Only one tab at a time does this. */
  async function sendRest() {
    if (isWorking || !read().length) return;
    isWorking = true;
    await requestLock(`-outbox${name}`, { signal }, work).catch(work);
    isWorking = false;
  }

  sendRest();

  return {
    /** Send a receipt now, and again until it is confirmed. */
    async add(receipt) {
      const kept = { ...receipt, at: Date.now() };
      write([...without(kept), kept].slice(-MAX_KEPT));
      if (!(await send(kept))) sendRest();
    },

    /** Send what remains now: the network is back. */
    retry: () => wake?.(),

    /** Send what remains once more: the user signs out. What is not confirmed waits for this user's next visit. */
    flush: () => Promise.all(read().map(send)),

    /** Delete what remains: the user has withdrawn consent. */
    forget: () => write([]),

    /** Whether the user has silenced this trigger and the server may not know it yet. */
    isUnwanted: (trigger_id) => read().some((it) => it.event === "never" && it.trigger_id === trigger_id),
  };
}

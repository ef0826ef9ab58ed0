/** A message that could not be sent for so long is not sent any more, unless the user asks for it. */
const STALE_MESSAGE_MS = 60000;
/** How long the answer to a message may take. */
const ANSWER_MS = 60000;
/** How long it may take after the connection was lost in the meantime: perhaps the answer was lost too. */
const LATE_ANSWER_MS = 10000;

/**
 * Send what the user has written: each message once. The server's acknowledgement says that it is answered. If the
 * connection is lost before that, nobody knows whether the message has arrived. Then it is never sent again by itself.
 *
 * @param conversation - see conversation.js.
 * @param connection - see connection.js.
 * @param {string} userId - goes with each message, as other chat widgets send it.
 * @returns `{send(), resume(), receive(), stop()}`. `send()` sends what waits. `resume()` is called when the session is
 *   connected, and `receive()` for each message of the bot.
 */
export function createDelivery(conversation, connection, userId) {
  const timers = new Map();
  /** The messages that this connection has sent. */
  const own = new Set();
  let isSending;
  const waits = (it) => it.state === "waiting";
  const isUnclear = (it) => it.state === "sent";
  const unclear = () => conversation.get().messages.filter(isUnclear);

  function settle(id, state) {
    clearTimeout(timers.get(id));
    timers.delete(id);
    conversation.change((it) => it.id === id && isUnclear(it), { state });
  }

  function settleIn(id, state, withinMs) {
    clearTimeout(timers.get(id));
    timers.set(id, setTimeout(() => settle(id, state), withinMs));
  }

  function sendOne({ id, text, payload }) {
    const who = { userId };
    const message = { message: payload || text, session_id: conversation.get().sessionId, customData: who, metadata: who };
    own.add(id);
    conversation.change((it) => it.id === id, { state: "sent" });
    settleIn(id, "failed", ANSWER_MS);
    // A server with the copilot names the reason why it refuses a message.
    connection.emit("user_uttered", message, (answer) => settle(id, answer?.refused ? "failed" : "done"));
  }

  return {
    send() {
      const isStale = (it) => waits(it) && Date.now() - it.at > STALE_MESSAGE_MS;
      conversation.change(isStale, { state: "failed" });
      // Each change of the conversation calls this again.
      if (isSending || !connection.isOnline()) return;
      isSending = true;
      for (let next; (next = conversation.get().messages.find(waits)); ) sendOne(next);
      isSending = false;
    },
    resume() {
      own.clear();
      for (const { id } of unclear()) settleIn(id, "failed", LATE_ANSWER_MS);
    },
    receive() {
      // What an earlier connection has sent has arrived. The answer to another message may have more parts.
      for (const { id } of unclear()) settleIn(id, "done", own.has(id) ? ANSWER_MS : 0);
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Let the bot explain an offer's steps in the chat. If the chat does not open, the card explains them.
 *
 * @param parts - `{chat, api, texts, chatSeconds, signal}`; `say(text)` sends a message as the user; `show(view)` shows a
 *   card, `hide()` hides it, and `close()` ends the help.
 * @param step - id of the step at which a tour could not continue.
 * @param reply - what to say in the chat for the user.
 */
export async function explainInChat(parts, offer, step, reply) {
  const { chat, api, texts, chatSeconds, signal, say, show, hide, close } = parts;
  const asked = { ...offer, step };
  show({ text: texts.opening, actions: [], onClose: hide });
  const inject = (sender_id) => api.post("/proactive/inject", { ...asked, sender_id });
  const isOpen = await speakInChat(chat, inject, chatSeconds * 1000, signal);
  if (signal.aborted) return;
  if (isOpen) {
    close();
    return reply && say(reply);
  }
  const { status, data } = await api.ask("/proactive/explain", asked);
  if (signal.aborted) return;
  show({
    text: `${texts.failed}\n\n${(status === 200 && data?.text) || stepsOf(offer, step)}`,
    actions: [[texts.retry, () => explainInChat(parts, offer, step, reply)]],
    onClose: close,
  });
}

/** The steps that came with the offer, beginning with the one at which a tour could not continue. */
function stepsOf({ tours }, step) {
  const tour = tours?.find(({ steps }) => steps?.some(({ id }) => id === step)) || tours?.[0];
  const steps = tour?.steps || [];
  const lines = steps.map(({ text }, index) => `${index + 1}. ${text}`);
  return lines.slice(Math.max(0, steps.findIndex(({ id }) => id === step))).join("\n");
}

/**
 * Open the chat and let the bot send its messages there.
 *
 * @param chat - the widget.
 * @param inject - asks the server to send messages to a sender id; resolves to the HTTP status.
 * @param withinMs - how long to wait for the chat to get a session and to connect.
 * @returns whether the messages were sent.
 */
async function speakInChat(chat, inject, withinMs, signal) {
  const end = performance.now() + withinMs;
  let openAt = 0;
  while (performance.now() < end && !signal.aborted) {
    // The widget ignores a click that is too early, and a second click would close the window again.
    if (performance.now() >= openAt && !chat.isOpen() && chat.open() !== false) openAt = performance.now() + 1500;
    const senderId = chat.sessionId();
    const status = senderId && (await inject(String(senderId)));
    if (status === 200) return true;
    // 502: the window is not connected, perhaps not yet. 0 and 503: the server may be back soon.
    if (senderId && ![0, 502, 503].includes(status)) return false;
    await pause(senderId ? 500 : 50);
  }
  return false;
}

/** Send a message in rasa-webchat as the user, by typing it, because the widget offers no function for that. */
export async function sayInWebchat(text) {
  for (let left = 100; left; left--) {
    const input = document.querySelector(".rw-new-message");
    if (input && !input.disabled) {
      // React replaces the element's `value` setter and only reacts to events.
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value").set.call(input, text);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      return input.form.requestSubmit();
    }
    await pause(50);
  }
}

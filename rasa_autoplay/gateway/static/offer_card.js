/** The server's default label of a tour's button. The page replaces it with `texts.showMe`. */
const SHOW_ME = "Show me";

/**
 * An offer as a card of the toast: see `show` in toast.js. Its actions also have what they are, for a page's own toast.
 *
 * @param on - what the user's answers do: `answer(event)`, `accept(button, tour?, reply?)`, `report(event)`, `timeOut()`, `hide()`;
 *   and `isReady(tour)`, `isExpired()`.
 */
export function offerCard({ body, tours = [], first, reply_options: replies = [] }, { texts, toastSeconds }, on) {
  const answer = (event) => () => on.answer(event);
  const accept = (button, tour, reply) => () => on.accept(button, tour, reply);
  // "Yes" accepts and "No" dismisses the offer. Any other reply is sent to the bot.
  const chosen = (reply) =>
    ({ yes: accept("reply"), no: answer("dismissed") })[reply.toLowerCase()] || accept("reply", null, reply);
  const shows = tourButtons(tours, texts).map(([label, tour]) => [label, accept("show_me", tour), () => on.isReady(tour), "show_me"]);
  const chat = [texts.openChat, accept("open_chat"), null, "open_chat"];
  return {
    text: body,
    seconds: toastSeconds,
    isExpired: on.isExpired,
    // The first one is emphasized.
    actions: [
      ...(first === "chat" ? [chat, ...shows] : [...shows, chat]),
      ...replies.map((reply) => [reply, chosen(reply), null, "reply"]),
    ],
    quiet: [
      [texts.later, answer("snoozed")],
      [texts.never, answer("never")],
    ],
    onShow: () => on.report("rendered"),
    onSeen: () => on.report("seen"),
    onTimeout: on.timeOut,
    onClose: answer("dismissed"),
    onExpire: on.hide,
  };
}

/** `[label, tour]` for each tour. Equal labels get the tour's title appended. */
function tourButtons(tours, texts) {
  const labelOf = (tour) => (tour.label && tour.label !== SHOW_ME ? tour.label : texts.showMe);
  const isAlone = (tour) => tours.every((it) => it === tour || labelOf(it) !== labelOf(tour));
  return tours.map((it) => [isAlone(it) || !it.title ? labelOf(it) : `${labelOf(it)}: ${it.title}`, it]);
}

import { loadPatiently } from "./api.js";
import { onAbort } from "./dom.js";

/**
 * A chat with a script of its own, such as the chat window that comes with the copilot: see `CHATS` in options.js. The script
 * is loaded now, because a launcher is part of the page. Until then, the chat cannot be opened.
 *
 * @param loadTexts - resolves when the options have the texts of the user's language.
 */
export function lazyChat(options, loadTexts, signal) {
  let chat, script;

  /** Draw it, or draw it again in another language. Its conversation stays. */
  function draw() {
    chat?.destroy();
    if (script && !signal.aborted) chat = script.createChat(options);
  }

  async function load() {
    [script] = await Promise.all([loadPatiently(options.base, options.script, signal), loadTexts()]);
    draw();
  }

  load();
  onAbort(signal, () => chat?.destroy());
  return {
    draw,
    open: () => chat?.open() ?? false,
    isOpen: () => Boolean(chat?.isOpen()),
    sessionId: () => chat?.sessionId(),
    say: (text) => chat?.say?.(text),
    setVisible: (isVisible) => chat?.setVisible(isVisible),
    reset: () => chat?.reset(),
  };
}

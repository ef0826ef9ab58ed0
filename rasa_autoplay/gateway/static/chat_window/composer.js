import { make } from "../dom.js";
import { iconButton } from "./icons.js";

/** The chat channel cuts longer messages. */
const MAX_LENGTH = 4000;

/**
 * Where the user writes. Enter sends, Shift+Enter begins a new line. An Enter that ends the input of Chinese, Japanese or
 * Korean characters does not send.
 *
 * @param send - is called with the text.
 * @returns `{element, focus()}`.
 */
export function createComposer(texts, send) {
  const input = make("textarea", "");
  input.rows = 1;
  input.maxLength = MAX_LENGTH;
  input.dir = "auto";
  input.placeholder = input.ariaLabel = texts.chatInput;
  input.enterKeyHint = "send";
  const button = iconButton("send", "send", texts.chatSend);
  button.type = "submit";
  const count = make("span", "count");
  const element = make("form", "composer", input, count, button);

  function adapt() {
    button.disabled = !input.value.trim();
    const left = MAX_LENGTH - input.value.length;
    count.textContent = left < 200 ? left : "";
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  }

  element.onsubmit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    adapt();
    send(text);
  };
  input.oninput = adapt;
  input.onkeydown = (event) => {
    // Safari ends the composition before the key is reported; its code is 229 then.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    element.requestSubmit();
  };
  button.disabled = true;
  return { element, focus: () => input.focus({ preventScroll: true }) };
}

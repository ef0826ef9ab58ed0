/** Create an element with a class and content. Strings become text nodes, never HTML. */
export function make(tag, classes, ...content) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...content);
  return element;
}

/** Call a function that may fail for reasons outside this script. Returns undefined if it throws. */
export function attempt(act) {
  try {
    return act();
  } catch {}
}

/** Call a function when the signal is aborted, or now if it was. */
export const onAbort = (signal, act) => (signal.aborted ? act() : signal.addEventListener("abort", act));

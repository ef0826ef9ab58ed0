import { attempt } from "./dom.js";

/**
 * Returns a function that says whether something modal keeps the user from an element outside it: a dialog, an element
 * in full screen, or a script's dialog that has the focus and has made the rest of the page inert.
 */
export function watchModals(host) {
  // A live collection costs nothing while the page does not change.
  const dialogs = document.getElementsByTagName("dialog");
  const isModal = (it) => it && !it.contains(host) && it.matches(":modal,:fullscreen,[aria-modal=true]");
  const isInert = (it) => it.matches("[inert],[aria-hidden=true]");

  function* dialogsWithFocus() {
    for (let it = document.activeElement; it; it = it.shadowRoot?.activeElement) {
      yield it.closest("dialog,[role=dialog],[role=alertdialog],[aria-modal=true]");
    }
  }

  return () =>
    attempt(() => {
      const { body, documentElement, fullscreenElement } = document;
      if (isInert(documentElement) || isInert(body) || [...dialogs, fullscreenElement].some(isModal)) return true;
      return [...dialogsWithFocus()].some((it) => isModal(it) || (it && [...body.children].some(isInert)));
    });
}

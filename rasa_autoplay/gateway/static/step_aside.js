import { findAll } from "./find.js";
import { shownElement } from "./tour_steps.js";

/**
 * Hide the chat while a tour runs: all of it if its window is open, otherwise while its launcher covers a step's element.
 *
 * @returns a function that shows the chat again.
 */
export function stepAside(chat, { steps }, { launcher }) {
  const wasOpen = chat.isOpen();
  const boxOf = (it) => it?.getBoundingClientRect();
  function update() {
    const box = boxOf(findAll(launcher)[0]);
    const isOver = (it) => it && box && it.left < box.right && it.right > box.left && it.top < box.bottom && it.bottom > box.top;
    const isCovering = !chat.isOpen() && steps?.some((step) => isOver(boxOf(shownElement(step))));
    chat.setVisible?.(!(wasOpen || isCovering));
  }
  const timer = setInterval(update, 500);
  update();
  return () => {
    clearInterval(timer);
    chat.setVisible?.(true);
  };
}

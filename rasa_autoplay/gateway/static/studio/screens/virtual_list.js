// A list of thousands of rows: only those in view are in the page.

import { h, replace } from "../dom.js";

const BEYOND = 6;

/**
 * Make a list with rows of one height.
 *
 * @param items the data.
 * @param rowHeight in px.
 * @param key(item) identifies an item, so that its row (and the focus in it) survives an update.
 * @param row(item) makes the row's content: an element that can be focused, such as a link.
 * @param same(a, b) whether two versions of an item look alike; by default, whether they are one object.
 * @param label names the list.
 * @param onview is called when other rows have come into view, optional.
 * @return the element; its `update(items)` shows other items, and `inView()` returns the items in view.
 */
export function virtualList({ items, rowHeight, key, row, same = Object.is, label, onview }) {
  const space = h("div", { class: "virtual-space" });
  const list = h("div", { class: "virtual-list", role: "list", "aria-label": label, onscroll: schedule, onkeydown: move }, space);
  let shown = items;
  let rows = new Map();
  let due = 0;

  function schedule() {
    due ||= requestAnimationFrame(draw);
  }

  function draw() {
    due = 0;
    const first = Math.max(Math.floor(list.scrollTop / rowHeight) - BEYOND, 0);
    const last = Math.min(Math.ceil((list.scrollTop + list.clientHeight) / rowHeight) + BEYOND, shown.length);
    const next = new Map();
    const focused = [...rows.values()].find(({ element }) => element.contains(document.activeElement));
    for (let index = first; index < last; index++) keepRow(next, index);
    // The focused row stays, even out of view, or the focus would be lost.
    const focusedIndex = focused ? shown.findIndex((item) => key(item) === focused.key) : -1;
    if (focusedIndex >= 0 && !next.has(focused.key)) keepRow(next, focusedIndex);
    for (const [name, { element }] of rows) if (!next.has(name)) element.remove();
    const hasNew = [...next.keys()].some((name) => !rows.has(name));
    rows = next;
    if (hasNew) onview?.();
  }

  function keepRow(next, index) {
    const item = shown[index];
    const name = key(item);
    const known = rows.get(name) ?? { key: name, element: h("div", { class: "virtual-row", role: "listitem" }) };
    if (known.item === undefined || !same(known.item, item)) {
      const hadFocus = known.element.contains(document.activeElement);
      replace(known.element, row(item));
      if (hadFocus) known.element.firstElementChild?.focus({ preventScroll: true });
    }
    known.item = item;
    if (known.index !== index || known.count !== shown.length) {
      known.element.style.transform = `translateY(${index * rowHeight}px)`;
      known.element.setAttribute("aria-posinset", index + 1);
      known.element.setAttribute("aria-setsize", shown.length);
    }
    known.index = index;
    known.count = shown.length;
    if (!known.element.isConnected) space.append(known.element);
    next.set(name, known);
  }

  function move(event) {
    const current = [...rows.values()].find(({ element }) => element.contains(event.target));
    const page = Math.max(Math.floor(list.clientHeight / rowHeight) - 1, 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -shown.length, End: shown.length };
    if (!current || !(event.key in steps)) return;
    event.preventDefault();
    const index = Math.min(Math.max(current.index + steps[event.key], 0), shown.length - 1);
    if (index * rowHeight < list.scrollTop) list.scrollTop = index * rowHeight;
    else if ((index + 1) * rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = (index + 1) * rowHeight - list.clientHeight;
    draw();
    rows.get(key(shown[index]))?.element.firstElementChild?.focus({ preventScroll: true });
  }

  list.update = (more) => {
    shown = more;
    // The stylesheet limits the list's height; a short list is as high as its rows.
    list.style.setProperty("--content-height", `${shown.length * rowHeight}px`);
    draw();
  };
  list.inView = () => [...rows.values()].map(({ item }) => item);
  list.style.setProperty("--row-height", `${rowHeight}px`);
  new ResizeObserver(schedule).observe(list);
  list.update(items);
  return list;
}

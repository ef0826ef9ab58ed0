import { make } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";
export const ICONS = {
  chat: "M12 3.5c-5 0-9 3.4-9 7.7 0 2.4 1.2 4.5 3.2 5.9-.1 1.1-.6 2.3-1.5 3.2 1.9-.1 3.5-.8 4.7-1.8.8.2 1.7.3 2.6.3 5 0 9-3.4 9-7.6s-4-7.7-9-7.7Z",
  close: "m6 9 6 6 6-6",
  send: "M12 19V5m-6 6 6-6 6 6",
  tips: "M9.5 18h5m-4 3h3M12 3a6 6 0 0 0-3.6 10.8c.7.6 1.1 1.3 1.1 2.2h5c0-.9.4-1.6 1.1-2.2A6 6 0 0 0 12 3Z",
  down: "M12 5v14m-6-6 6 6 6-6",
};

/** A line drawing in the colour of the text. */
function drawing(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** A button that shows an icon. Its label is read by screen readers, and shown as its tooltip. */
export function iconButton(classes, name, label, press) {
  const button = make("button", classes, drawing(ICONS[name]));
  button.type = "button";
  button.ariaLabel = button.title = label;
  button.onclick = press;
  return button;
}

// A slider on a number, and the volume of toasts for each of its values.

import { h, replace, svg } from "../dom.js";
import { number, plural } from "../format.js";
import { picture } from "../charts.js";

const [WIDTH, HEIGHT] = [280, 64];

/** The button that opens the slider of a field, and its panel. */
export function sliderOf(field, { sweep, onEdit }) {
  const panel = h("div", { class: "slider-panel", hidden: true });
  const button = h("button", { type: "button", class: "button button-small", "aria-expanded": "false", title: "See the volume for other values", onclick: toggle }, "Volume");

  async function toggle() {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    replace(panel, h("p", { class: "soft small", role: "status" }, "Trying other values…"));
    try {
      let found;
      do {
        found = await sweep(field.path);
        draw(found);
      } while (!found.is_complete && !panel.hidden && panel.isConnected);
    } catch (problem) {
      if (problem.name !== "AbortError") replace(panel, h("p", { class: "problem" }, `${problem.message} ${problem.remedy ?? ""}`));
    }
  }

  let chosen = null;
  function draw({ points, is_complete: isComplete, replayed, reachable }) {
    if (!points.length) return replace(panel, h("p", { class: "soft small" }, "No other value is possible here."));
    if (!panel.querySelector("input")) {
      const input = h("input", { type: "range", min: 0, max: points.length - 1, "aria-label": `${field.key}, with the volume of each value`, oninput: () => point(Number(input.value)), onchange: () => onEdit({ set: field.path, value: shown[Number(input.value)].value }) });
      input.value = Math.max(points.findIndex(({ is_current: is }) => is), 0);
      replace(panel, h("div", { class: "slider-chart" }), input, h("output", { class: "small" }), h("p", { class: "soft small" }));
      chosen = Number(input.value);
    }
    shown = points;
    isExact = isComplete;
    panel.querySelector("p").textContent = isComplete ? `Replayed for all ${plural(reachable, "user")} that it can reach.` : `Estimated from ${number(replayed)} of ${plural(reachable, "user")} that it can reach.`;
    point(chosen);
  }

  let shown = [];
  let isExact = false;
  function point(index) {
    chosen = index;
    const { value, fires, users } = shown[index];
    const text = `${value}: ${isExact ? "" : "about "}${plural(fires, "toast")}, ${plural(users, "user")}`;
    replace(panel.querySelector(".slider-chart"), volumeChart(shown, index));
    panel.querySelector("output").textContent = text;
    panel.querySelector("input").setAttribute("aria-valuetext", text);
  }

  return { button, panel };
}

function volumeChart(points, chosen) {
  const most = Math.max(...points.map(({ fires }) => fires), 1);
  const step = WIDTH / points.length;
  return picture(
    "volume",
    WIDTH,
    HEIGHT,
    "",
    points.map(({ fires }, index) => {
      const height = Math.max((fires / most) * (HEIGHT - 4), 1);
      return svg("rect", { class: index === chosen ? "chosen" : "", x: index * step + 2, y: HEIGHT - height, width: step - 4, height, rx: 3 });
    }),
  );
}

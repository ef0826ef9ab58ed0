// Small charts in SVG, each with a text alternative. Colours come from the stylesheet (`.chart …`).

import { h, svg } from "./dom.js";
import { number, percent } from "./format.js";

/** A line of values without axes. `label` says what it shows; it is the text alternative. */
export function sparkline(values, { label, width = 96, height = 24 } = {}) {
  const most = Math.max(...values, 1);
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  const points = values.map((value, index) => [1 + index * step, height - 2 - (value / most) * (height - 4)]);
  const line = points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return picture(
    "sparkline",
    width,
    height,
    label,
    line && svg("path", { class: "area", d: `${line}L${points.at(-1)[0].toFixed(1)} ${height}L1 ${height}Z` }),
    line && svg("path", { class: "line", d: line }),
  );
}

/** Horizontal bars. `rows`: `{label, value, text?, tone?}`; `text` is shown in place of the number. `most` fills the bar. */
export function bars({ rows, label, most = Math.max(...rows.map(({ value }) => value), 0) }) {
  return h(
    "ul",
    { class: "bars", "aria-label": label },
    rows.map(({ label: name, value, text, tone }) =>
      h(
        "li",
        null,
        h("span", { class: "bar-label" }, name),
        h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: `bar ${tone ? `bar-${tone}` : ""}`, style: { "inline-size": `${most ? (value / most) * 100 : 0}%` } })),
        h("span", { class: "bar-value" }, text ?? number(value)),
      ),
    ),
  );
}

/**
 * Estimates with their intervals on one axis, around `zero`.
 *
 * @param rows `{label, low, mid, high}`; a row without a `mid` shows only its label.
 * @param format turns a value into text; percentages by default.
 * @param unit is said once, after the estimate.
 */
export function intervalChart({ rows, label, zero = 0, format = percent, unit = "" }) {
  const values = rows.flatMap(({ low, mid, high }) => [low, mid, high]).filter(Number.isFinite);
  const [least, most] = [Math.min(...values, zero), Math.max(...values, zero)];
  const x = (value) => 4 + ((value - least) / (most - least || 1)) * 192;
  return h(
    "ul",
    { class: "intervals", "aria-label": label },
    rows.map(({ label: name, low, mid, high }) => {
      const isKnown = Number.isFinite(mid);
      const text = isKnown ? `${format(mid)}${unit} (${format(low)} to ${format(high)})` : "not enough yet";
      const tone = isKnown && (low > zero ? "good" : high < zero ? "bad" : "open");
      return h(
        "li",
        null,
        h("span", { class: "bar-label" }, name),
        picture(
          `interval interval-${tone || "open"}`,
          200,
          20,
          "",
          svg("line", { class: "axis", x1: x(zero), x2: x(zero), y1: 1, y2: 19 }),
          isKnown && svg("line", { class: "span", x1: x(low), x2: x(high), y1: 10, y2: 10 }),
          isKnown && svg("circle", { class: "dot", cx: x(mid), cy: 10, r: 4.5 }),
        ),
        h("span", { class: "bar-value" }, text),
      );
    }),
  );
}

/** Steps of a funnel: `{label, value}`, each with its share of the step before. */
export function funnelChart({ steps, label }) {
  const first = steps[0]?.value || 0;
  return h(
    "ol",
    { class: "funnel", "aria-label": label },
    steps.map(({ label: name, value }, index) => {
      const before = index ? steps[index - 1].value : 0;
      return h(
        "li",
        null,
        h("span", { class: "bar-label" }, name),
        h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: "bar", style: { "inline-size": `${first ? Math.min(value / first, 1) * 100 : 0}%` } })),
        h("span", { class: "bar-value" }, number(value), index > 0 && before > 0 && h("span", { class: "soft" }, ` ${percent(value / before)}`)),
      );
    }),
  );
}

/** An SVG of a chart; without a label it is decoration beside a text. */
export function picture(kind, width, height, label, ...shapes) {
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return svg("svg", { class: `chart ${kind}`, viewBox: `0 0 ${width} ${height}`, width, height, ...named }, ...shapes);
}

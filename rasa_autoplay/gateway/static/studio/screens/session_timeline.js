// Draws the timeline and the heat map, and moves the cursor by mouse, touch and keyboard.

import { h, replace, svg } from "../dom.js";
import { duration, exact, pageNames } from "../format.js";
import { heatRuns, indexAt, momentText, offerLives, timeScale, tours } from "./session_layout.js";

const LANE = { label: 17, pages: 22, actions: 22, decisions: 26, bar: 16, chat: 22, heat: 14 };
const PAGE_TONES = 5;
const TICK_PX = 3;
const MOST_ZOOM = 16;
const DECISIONS = ["fired", "stopped", "withheld", "near"];
const STEP = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * Make the timeline.
 *
 * @param timeline of the API.
 * @param events see `eventsOf`.
 * @param nearness of the API; null until `update` brings it.
 * @param start the time of the cursor, epoch seconds.
 * @param onMove(time, event) is called when the cursor has moved.
 * @return the element; `update(timeline, events, nearness)` draws anew, `moveTo(time)` moves the cursor, `time()` is where it is.
 */
export function timelineChart({ timeline: first, events, nearness, start, onMove }) {
  let timeline = first;
  let shown = { events, nearness };
  let time = start;
  let scale;
  let width = 0;
  const drawing = h("div", { class: "timeline-drawing" });
  const cursor = h("div", { class: "timeline-cursor", "aria-hidden": "true" });
  const label = h("div", { class: "timeline-moment", "aria-hidden": "true" });
  const plot = h(
    "div",
    {
      class: "timeline-plot",
      role: "slider",
      tabindex: "0",
      "aria-label": "Moment in the session. Arrow keys step from event to event, Page Up and Page Down from decision to decision.",
      "aria-orientation": "horizontal",
      onkeydown: press,
      onpointerdown: grab,
      onpointermove: drag,
    },
    drawing,
    cursor,
    label,
  );

  function draw() {
    width = plot.clientWidth;
    if (!width) return;
    const times = [...shown.events.map(({ at }) => at), ...offerLives(timeline).map(({ until }) => until)].sort((a, b) => a - b);
    scale = timeScale(times, timeline.began_at, Math.max(timeline.ended_at, times.at(-1) ?? 0));
    replace(drawing, picture(timeline, shown, scale, width));
    place();
  }

  function place() {
    if (!scale) return;
    const x = scale.at(time) * width;
    const scroller = plot.parentElement;
    if (scroller && (x < scroller.scrollLeft || x > scroller.scrollLeft + scroller.clientWidth)) scroller.scrollLeft = x - scroller.clientWidth / 2;
    cursor.style.transform = `translateX(${x.toFixed(1)}px)`;
    const index = indexAt(shown.events.map(({ at }) => at), time);
    const event = shown.events[index];
    label.textContent = `+${duration(time - timeline.began_at)}`;
    label.style.insetInlineStart = `${Math.min(Math.max(x, 24), width - 24)}px`;
    plot.setAttribute("aria-valuemin", 0);
    plot.setAttribute("aria-valuemax", Math.max(shown.events.length - 1, 0));
    plot.setAttribute("aria-valuenow", index);
    if (event) plot.setAttribute("aria-valuetext", momentText(event, index, shown.events.length, timeline.began_at));
    return event;
  }

  function moveTo(next) {
    time = next;
    onMove(time, place());
  }

  function press(event) {
    const all = shown.events;
    const index = indexAt(all.map(({ at }) => at), time);
    let target;
    if (event.key in STEP) target = stepFrom(all, index, time, STEP[event.key]);
    else if (event.key === "Home") target = all[0];
    else if (event.key === "End") target = all.at(-1);
    else if (event.key === "PageDown") target = all.find((one) => one.at > time && isDecision(one)) ?? all.at(-1);
    else if (event.key === "PageUp") target = all.findLast((one) => one.at < time && isDecision(one)) ?? all[0];
    if (!target) return;
    event.preventDefault();
    moveTo(target.at);
  }

  function grab(event) {
    if (event.button) return;
    plot.setPointerCapture(event.pointerId);
    moveToPointer(event);
  }

  function drag(event) {
    if (plot.hasPointerCapture?.(event.pointerId)) moveToPointer(event);
  }

  function moveToPointer(event) {
    if (!scale) return;
    const x = event.clientX - plot.getBoundingClientRect().left;
    const pointed = scale.timeAt(Math.min(Math.max(x / width, 0), 1));
    // Close to an event, the cursor is on it: a diamond is easy to hit.
    const near = closest(shown.events, pointed, (one) => Math.abs(scale.at(one.at) * width - x) - (isDecision(one) ? 4 : 0));
    moveTo(near ? near.at : pointed);
  }

  new ResizeObserver(() => plot.clientWidth !== width && draw()).observe(plot);
  const scroller = h("div", { class: "timeline-scroller", dir: "ltr" }, plot);
  let zoom = 1;
  scroller.zoomBy = (factor) => {
    zoom = Math.min(Math.max(zoom * factor, 1), MOST_ZOOM);
    plot.style.inlineSize = `${zoom * 100}%`;
    draw();
    scroller.scrollLeft = scale.at(time) * width - scroller.clientWidth / 2;
  };
  scroller.update = (newer, more, heat) => {
    timeline = newer;
    shown = { events: more, nearness: heat };
    draw();
  };
  scroller.moveTo = (next, takesFocus = true) => {
    moveTo(next);
    if (takesFocus) plot.focus();
  };
  scroller.press = (key) => press(new KeyboardEvent("keydown", { key }));
  scroller.time = () => time;
  return scroller;
}

const isDecision = ({ kind }) => kind === "decision" || kind === "near";

/** The event after or before a time: those at the same time are one step. */
function stepFrom(events, index, time, step) {
  if (step > 0) return events.find((one) => one.at > time);
  return events[index]?.at < time ? events[index] : events.findLast((one) => one.at < time);
}

function closest(events, time, distance) {
  const index = indexAt(events.map(({ at }) => at), time);
  const near = events.slice(Math.max(index - 8, 0), index + 9).map((event) => [distance(event), event]);
  near.sort(([a], [b]) => a - b);
  return near.length && near[0][0] <= 6 ? near[0][1] : null;
}

/** The whole drawing as one SVG. Ticks of one look are one path, so that thousands of actions are drawn at once. */
function picture(timeline, { events, nearness }, scale, width) {
  const x = (time) => Math.round(scale.at(time) * width * 10) / 10;
  const shapes = [];
  const behind = [];
  let y = 0;
  const lane = (title, height, ...content) => {
    shapes.push(svg("text", { class: "lane-title", x: 0, y: y + 12 }, title));
    y += LANE.label;
    const top = y;
    y += height + 8;
    shapes.push(...content.map((make) => make(top)).flat());
  };
  lane("Pages", LANE.pages, (top) => pageBands(timeline.pages, x, top));
  lane("Actions", LANE.actions, (top) => actionTicks(events, x, top));
  lane("Decisions", LANE.decisions, (top) => decisionMarks(events, x, top));
  const lives = offerLives(timeline);
  if (lives.length) lane("Offers", (Math.max(...lives.map((life) => life.lane)) + 1) * LANE.bar, (top) => lives.map((life) => offerBar(life, x, top)));
  const guided = tours(timeline);
  const bubbles = events.filter(({ kind }) => kind === "chat");
  if (guided.length || bubbles.length) lane("Chat and tours", LANE.chat, (top) => [guided.map((tour) => tourBar(tour, x, top)), bubbles.map((one) => bubble(one, x, top))].flat());
  behind.push(...scale.pauses.map((pause) => pauseMark(pause, x, y)));
  if (nearness?.triggers.length) {
    shapes.push(svg("text", { class: "lane-title lane-title-strong", x: 0, y: y + 14 }, "How near each trigger is"));
    y += 20;
    for (const { trigger_id: id, nearness: cells } of nearness.triggers) {
      lane(id, LANE.heat, (top) => heatRow(cells, nearness, x, top, width));
      y -= 4;
    }
  }
  return svg("svg", { width, height: y, viewBox: `0 0 ${width} ${y}`, "aria-hidden": "true" }, behind, shapes);
}

function pageBands(pages, x, y) {
  const tones = new Map();
  const names = pageNames(pages);
  return pages.map(({ page, from, until }) => {
    if (!tones.has(page)) tones.set(page, tones.size % PAGE_TONES);
    const [left, size] = [x(from), Math.max(x(until) - x(from), 2)];
    const room = Math.floor((size - 10) / 6.4);
    const name = names.get(page);
    return svg(
      "g",
      { class: `page-band tone-${tones.get(page)}` },
      svg("title", null, `${page}, ${duration(until - from)}`),
      svg("rect", { x: left, y, width: Math.max(size - 1.5, 1), height: LANE.pages, rx: 4 }),
      room > 2 && svg("text", { x: left + 6, y: y + 15 }, name.length > room ? `…${name.slice(1 - room)}` : name),
    );
  });
}

function actionTicks(events, x, y) {
  const actions = events.filter(({ kind }) => kind === "action");
  // Where actions are dense, one tick stands for several, and is as high as they are many.
  const counts = new Map();
  for (const { at } of actions) {
    const place = Math.round(x(at) / TICK_PX) * TICK_PX;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const most = Math.max(...counts.values(), 2);
  const height = (count) => 8 + (12 * (count - 1)) / (most - 1);
  const plain = [...counts].map(([place, count]) => `M${place} ${y + 21}v-${height(count).toFixed(1)}`).join("");
  const trouble = actions.filter(({ tone }) => tone).map(({ at }) => `M${x(at)} ${y}v22`).join("");
  return [svg("path", { class: "tick", d: plain }), svg("path", { class: "tick tick-trouble", d: trouble })];
}

/** Each outcome has a shape of its own, so that colour is not needed to tell them apart. */
function decisionMarks(events, x, y) {
  const middle = y + LANE.decisions / 2;
  return events.filter(isDecision).sort((a, b) => (b.tone === "near") - (a.tone === "near")).map(({ at, tone, text }) => {
    const left = x(at);
    return svg(
      "g",
      { class: `mark mark-${DECISIONS.includes(tone) ? tone : "near"}` },
      svg("title", null, text),
      svg("path", { d: `M${left} ${middle - 9}l9 9-9 9-9-9z` }),
      tone === "stopped" && svg("path", { class: "mark-sign", d: `M${left - 4} ${middle}h8` }),
      tone === "withheld" && svg("circle", { class: "mark-sign", cx: left, cy: middle, r: 2.2 }),
      tone === "fired" && svg("path", { class: "mark-sign", d: `M${left - 3.5} ${middle}l2.5 2.5 4.5-5` }),
    );
  });
}

function offerBar({ trigger, body, from, until, steps, withheld, isOpen, status, lane }, x, top) {
  const y = top + lane * LANE.bar;
  const [left, size] = [x(from), Math.max(x(until) - x(from), 4)];
  return svg(
    "g",
    { class: `offer-bar offer-${withheld ? "withheld" : status}` },
    svg("title", null, `${trigger || "An earlier offer"}${body ? ` “${body}”` : ""}: ${steps.map((step) => step.status.replaceAll("_", " ")).join(" → ")}${isOpen ? " (still open)" : ""}`),
    svg("rect", { x: left, y: y + 2, width: size, height: LANE.bar - 6, rx: 5 }),
    steps.map((step) => svg("circle", { cx: x(step.at), cy: y + LANE.bar / 2 - 1, r: 2.5 })),
  );
}

function tourBar({ tour, from, until, steps, outcome }, x, y) {
  return svg(
    "g",
    { class: "tour-bar" },
    svg("title", null, `Tour ${tour}${outcome ? `, ${outcome}` : ""}`),
    svg("rect", { x: x(from), y: y + 12, width: Math.max(x(until) - x(from), 4), height: 6, rx: 3 }),
    steps.map((step) => svg("circle", { cx: x(step.at), cy: y + 15, r: 3.5 })),
  );
}

function bubble({ at, tone, text }, x, y) {
  const left = x(at);
  return svg("g", { class: `bubble bubble-${tone === "chat_message" ? "user" : "bot"}` }, svg("title", null, text), svg("path", { d: `M${left - 6} ${y}h12a3 3 0 0 1 3 3v4a3 3 0 0 1-3 3h-8l-4 4v-4a3 3 0 0 1-3-3v-4a3 3 0 0 1 3-3z` }));
}

function pauseMark({ from, until }, x, height) {
  const [left, size] = [x(from), x(until) - x(from)];
  if (size < 6) return svg("g");
  const middle = 2 * LANE.label + LANE.pages + 8 + 15;
  return svg("g", { class: "pause" }, svg("title", null, `Nothing for ${duration(until - from)}`), svg("rect", { x: left + 2, y: 0, width: size - 4, height: height - 4, rx: 4 }), size > 36 && svg("text", { x: left + size / 2, y: middle }, duration(until - from)));
}

function heatRow(cells, { from, times }, x, y, width) {
  const paths = new Map();
  for (const run of heatRuns(cells, from, times)) {
    const left = x(run.from);
    paths.set(run.heat, `${paths.get(run.heat) ?? ""}M${left} ${y}h${Math.max(x(run.until) - left, 1)}v${LANE.heat}h-${Math.max(x(run.until) - left, 1)}z`);
  }
  return [svg("rect", { class: "heat heat-none", x: 0, y, width, height: LANE.heat, rx: 3 }), ...[...paths].map(([heat, d]) => svg("path", { class: `heat heat-${heat}`, d }))];
}

/** What the marks mean, beside the timeline. */
export function legend() {
  const sample = (name, content) => h("li", null, svg("svg", { width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true" }, content), name);
  const diamond = (tone) => decisionMarks([{ kind: "decision", at: 10, tone, text: tone }], (at) => at, -3);
  return h(
    "ul",
    { class: "legend small soft", "aria-label": "Legend" },
    sample("fired", diamond("fired")),
    sample("stopped by a gate", diamond("stopped")),
    sample("withheld by chance", diamond("withheld")),
    sample("near miss", diamond("near")),
    sample("trouble", svg("path", { class: "tick tick-trouble", d: "M10 2v16" })),
  );
}

/** The times that the timeline covers, as a text. */
export function span(timeline) {
  return `${exact(timeline.began_at)}, ${duration(timeline.ended_at - timeline.began_at)}`;
}

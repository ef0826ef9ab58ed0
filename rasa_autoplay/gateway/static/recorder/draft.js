/** A tour with more steps is rarely finished. */
export const MOST_TOUR_STEPS = 5;
const MAX_ID = 40;

export const emptyPath = () => ({ title: "", id: "", description: "", page: "", kept: {}, steps: [] });

/** An id of small letters, digits and hyphens. */
export function slugOf(text, fallback) {
  const plain = text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  return plain.replace(/[^a-z0-9]+/g, "-").slice(0, MAX_ID).replace(/^-|-$/g, "") || fallback;
}

/** The ids of a path's steps: made of their titles, and unique. */
export function stepIds({ steps }) {
  const ids = [];
  for (const step of steps) {
    const slug = step.id || slugOf(step.title, "step");
    let id = slug;
    for (let number = 2; ids.includes(id); number++) id = `${slug}-${number}`;
    ids.push(id);
  }
  return ids;
}

/** The selector that a step has now, `{selector, kind, isAnyOf, elementId?, warnings}`; nothing for a step in the chat only. */
export const choiceOf = (step) => (step.isChatOnly ? null : step.choices[step.chosen]);

/** What proves a step: any of the elements that its selector means, or the actions that were recorded. */
export function proofOf(step) {
  const choice = choiceOf(step);
  if (choice?.elementId) return { element_id: choice.elementId };
  const { proofs } = step;
  if (proofs.length < 2) return proofs[0];
  for (const name of ["element_id", "title"]) {
    if (proofs.every((it) => it[name])) return { ...proofs[0], [name]: proofs.map((it) => it[name]) };
  }
  return proofs[0];
}

/** The golden path as in its file. */
export function goldenPathOf(path) {
  const ids = stepIds(path);
  const { title, description, page } = path;
  const steps = path.steps.map((step, index) =>
    filled({
      id: ids[index],
      title: step.title.trim(),
      element: choiceOf(step)?.selector,
      label: step.label,
      text: step.text.trim(),
      tooltip: step.tooltip,
      done_when: proofOf(step),
      optional: step.optional,
      several: step.several,
      ...step.kept,
    }),
  );
  return filled({ id: path.id || slugOf(title, "new-path"), title: title.trim() || "New path", description, page, ...path.kept, steps });
}

/** Without what is empty. */
const filled = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value));

/** The path's tour, as the server would send it to the page. */
export function tourOf(path) {
  const { id, title, steps } = goldenPathOf(path);
  const shown = steps.filter(({ element }) => element);
  const tourStep = ({ id, title, element, text, tooltip, several, any }) => {
    const others = (any || []).map((way) => way.element).filter(Boolean);
    return { id, title, element, text: tooltip || text, ...(several && { several }), ...(others.length && { any: others }) };
  };
  return { id, title, provider: "driverjs", steps: shown.map(tourStep) };
}

/** Read a golden path as in its file, to record it again. */
export function readGoldenPath({ id, title = "", description = "", page = "", steps = [], ...kept }) {
  const read = ({ id, title = "", element, label, text = "", tooltip, done_when, optional, several, ...more }, key) => ({
    ...{ key, id, title, label, text, tooltip, optional, several, kept: more, isChatOnly: !element, warnings: [] },
    choices: element ? [{ selector: element, kind: "file", warnings: [] }] : [],
    chosen: 0,
    proofs: done_when ? [done_when] : [],
  });
  return { id, title, description, page, kept, steps: steps.map(read) };
}

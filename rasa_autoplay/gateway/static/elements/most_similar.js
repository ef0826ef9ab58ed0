import { nameOf } from "./accessible_name.js";
import { TEST_ATTRIBUTES } from "./describe.js";
import { attributeOf, deepAll, isShown } from "./dom_tree.js";
import { createRedaction, typedValues } from "./privacy.js";
import { CONTROLS, roleOf } from "./roles.js";
import { findHits, rankedSelectors, ROWS } from "./selectors.js";
import { similarityOf, wordsOf } from "./similar_words.js";
import { isGeneratedId, isTelling } from "./stable_names.js";

/** Controls, and groups of them. The label of a field is not what a path points at. */
const MEANT = `:is(${CONTROLS},fieldset,[role=radiogroup],[role=listbox],[tabindex]):not(label)`;
const [PRESSED_ROLES, FILLED_ROLES, CHOSEN_ROLES] = [/button|link|tab|menuitem/, /box$|spinbutton|slider/, /combobox|listbox|radio|group|menuitem/];
/** The first word of a step's title, and the roles of what it is done with. */
const ROLES_OF_VERBS = [
  [/^(tick|check|untick|mark|toggle)$/, /checkbox|switch|radio/],
  [/^(fill|enter|type|write|give|name)$/, FILLED_ROLES],
  [/^(choose|pick|select)$/, CHOSEN_ROLES],
  [/^(open|press|click|go|send|save|apply|create|download|delete)$/, PRESSED_ROLES],
];
/** How much each kind of evidence says by itself. */
const [BY_NAME, BY_TITLE, BY_ID, BY_ROLE, BY_ROW] = [0.85, 0.35, 0.6, 0.2, 0.2];
/** What cannot be seen is probably a leftover; the very same element is probably in a closed menu. */
const [HIDDEN, SAME_BUT_HIDDEN] = [0.6, 0.8];
const MIN_SCORE = 0.25;
const MOST = 5;

/**
 * The elements that most probably do now what a step's element did.
 *
 * @param step - `{selector, label, role?, title}` of the step.
 * @param root - where to look; the document.
 * @returns `[{element, score, selector, label, elementId?}]`, best first; scores are from 0 to 1.
 */
export function mostSimilar(step, root = document) {
  const typed = typedValues();
  const wanted = wantedOf(step);
  const hits = findHits(step.selector || "");
  const modal = [...document.querySelectorAll("dialog:modal,[aria-modal=true]")].filter(isShown).pop();
  const scored = [];
  for (const element of deepAll(root, MEANT)) {
    const label = nameOf(element).name;
    const canUse = isShown(element) && (!modal || modal.contains(element) || modal.contains(element.getRootNode().host));
    const isHit = hits.includes(element);
    const isSame = isHit && similarityOf(wanted.name, wordsOf(label)) === 1;
    const score = scoreOf(wanted, element, label, isHit) * (canUse ? 1 : isSame ? SAME_BUT_HIDDEN : HIDDEN);
    if (score >= MIN_SCORE) scored.push({ element, score, label });
  }
  return scored.sort((a, b) => b.score - a.score).slice(0, MOST).map((it) => {
    const [{ selector = "", elementId } = {}] = rankedSelectors(it.element);
    const safe = createRedaction(it.element, typed)(it.label);
    return { ...it, label: safe, selector, elementId };
  });
}

/** What is known of the element that is looked for. */
function wantedOf({ selector = "", label, role, title }) {
  const last = selector.split(/>>|[\s>+~](?![^[]*\])/).pop();
  const [verb, ...rest] = wordsOf(title);
  return {
    name: wordsOf(label),
    title: rest,
    names: [...last.matchAll(/[#.]([\w-]+)|\[[\w-]+[~|^$*]?="?([^"\]]+)/g)].map((found) => wordsOf(found[1] || found[2])),
    roles: role ? new RegExp(`^${role}$`) : ROLES_OF_VERBS.find(([verbs]) => verbs.test(verb))?.[1],
    isAnyOf: /\^=/.test(last),
  };
}

function scoreOf(wanted, element, label, isHit) {
  const words = wordsOf(label);
  const roles = wanted.roles?.test(roleOf(element));
  const byId = isHit ? 1 : Math.max(0, ...wanted.names.flatMap((name) => namesOf(element).map((own) => similarityOf(name, own))));
  const evidence = [
    wanted.name.length ? BY_NAME * similarityOf(wanted.name, words) : BY_TITLE * similarityOf(wanted.title, words),
    BY_ID * byId,
  ];
  // These say something only of elements that are like the one that is looked for.
  if (Math.max(...evidence) > 0.1) evidence.push(roles ? BY_ROLE : 0, wanted.isAnyOf && element.closest(ROWS) ? BY_ROW : 0);
  return 1 - evidence.reduce((doubt, it) => doubt * (1 - it), 1);
}

/** The words of each name that developers gave an element. */
function namesOf(element) {
  const names = ["id", "name", ...TEST_ATTRIBUTES].map((name) => attributeOf(element, name));
  return [...names.filter((name) => !isGeneratedId(name)), ...[...element.classList].filter(isTelling)].map(wordsOf).filter((words) => words.length);
}

/** Longer names are shortened: a title is a few words. */
const LONGEST_NAME = 40;

/**
 * What a step does, by act and role: the title, the text in the chat and the tooltip, with `%` for the element's name. The
 * last phrase stands for the name if there is none.
 */
const PHRASES = [
  [/change/, /^(combobox|listbox|slider|spinbutton)/, "Choose %", 'Choose a value in "%".', "Choose a value here.", "a value"],
  [/change/, /./, "Fill in %", 'Fill in "%".', "Fill in this field.", "the field"],
  [/submit/, /./, "Send %", 'Send the form "%".', "Send this form.", "the form"],
  [/./, /^link/, "Open %", 'Open "%".', "Follow this link.", "the link"],
  [/./, /^tab /, "Open %", 'Open the tab "%".', "Open this tab.", "the tab"],
  [/./, /^menuitem/, "Choose %", 'In the menu, choose "%".', "Choose this entry.", "an entry"],
  [/./, /^(option|radio|treeitem)/, "Choose %", 'Choose "%".', "Choose this one.", "an option"],
  [/./, /^checkbox/, "Tick %", 'Tick "%".', "Tick this box.", "the box"],
  [/./, /^switch/, "Switch %", 'Switch "%" on or off.', "Use this switch.", "the switch"],
  [/./, /./, "Press %", 'Press "%".', "Press this button.", "the button"],
];
const ANY = "any of these";
/** Sources of a name that people can see on the element. */
const VISIBLE = /^(text|label|labelledby|value)$/;

/** Boxes of rows: what their names have in common, such as "Select", says less than that any of them will do. */
const BOX = /^(checkbox|option|radio|treeitem)/;

/**
 * Propose the texts of a step; the user edits them.
 *
 * @param seen - from `describe`.
 * @param peers - the names of all elements of which any will do; nothing if the step means this element only.
 */
export function proposeTexts(seen, act, peers) {
  const name = shorten(peers ? (BOX.test(seen.role) ? "" : commonBeginning(seen.name, peers)) : seen.name);
  const [, , title, text, tooltip, unnamed] = PHRASES.find(([acts, roles]) => acts.test(act) && roles.test(`${seen.role} `));
  const fill = (phrase) => (name ? phrase.replace("%", () => name) : phrase.replace(/(a value in )?"?%"?/, peers ? ANY : unnamed));
  const label = !peers && VISIBLE.test(seen.nameSource) ? name : "";
  return { title: fill(title), text: fill(text), tooltip: peers ? "Any of these will do." : tooltip, label };
}

export const proposePageTexts = (page) => ({ title: `Go to ${page}`, text: `Open the page ${page}.` });

/** The words with which all names begin, such as "Edit" of "Edit Apollo" and "Edit Hermes". One name alone says nothing of others. */
function commonBeginning(name, peers) {
  const words = name.split(" ");
  const differs = words.findIndex((_, at) => peers.some((peer) => peer.split(" ")[at] !== words[at]));
  const common = words.slice(0, differs < 0 ? words.length : differs).join(" ");
  return peers.length > 1 ? common.replace(/[^\p{L}\p{N}]+$/u, "") : "";
}

function shorten(name) {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1).trimEnd()}…` : name;
}

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

/**
 * Propose the texts of a step; the user edits them.
 *
 * @param seen - from `describe`.
 * @param isAnyOf - the step means any of several elements, so one element's name says nothing.
 */
export function proposeTexts(seen, act, isAnyOf) {
  const name = isAnyOf ? "" : shorten(seen.name);
  const [, , title, text, tooltip, unnamed] = PHRASES.find(([acts, roles]) => acts.test(act) && roles.test(`${seen.role} `));
  const fill = (phrase) => (name ? phrase.replace("%", () => name) : phrase.replace(/(a value in )?"?%"?/, isAnyOf ? ANY : unnamed));
  const label = VISIBLE.test(seen.nameSource) ? name : "";
  return { title: fill(title), text: fill(text), tooltip: isAnyOf ? "Any of these will do." : tooltip, label };
}

export const proposePageTexts = (page) => ({ title: `Go to ${page}`, text: `Open the page ${page}.` });

function shorten(name) {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1).trimEnd()}…` : name;
}

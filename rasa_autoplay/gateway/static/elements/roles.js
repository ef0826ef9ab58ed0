import { attributeOf } from "./dom_tree.js";

/** What people press, fill in and choose. */
export const CONTROLS =
  "a[href],button,input:not([type=hidden]),select,textarea,summary,label,[contenteditable]:not([contenteditable=false]),[role=button],[role=checkbox],[role=combobox],[role=link],[role^=menuitem],[role=option],[role=radio],[role=searchbox],[role=slider],[role=spinbutton],[role=switch],[role=tab],[role=textbox],[role=treeitem]";

/** Roles that HTML gives by itself: selector and role. The first that matches counts. */
const IMPLICIT_ROLES = [
  ["a[href],area[href]", "link"],
  ["button,summary,input:is([type=button],[type=submit],[type=reset],[type=image])", "button"],
  ["input[type=checkbox]", "checkbox"],
  ["input[type=radio]", "radio"],
  ["input[type=range]", "slider"],
  ["input[type=number]", "spinbutton"],
  ["input[type=search]", "searchbox"],
  ["input,textarea,[contenteditable]:not([contenteditable=false])", "textbox"],
  ["select:is([multiple],[size]:not([size='0'],[size='1']))", "listbox"],
  ["select", "combobox"],
  ["option", "option"],
  ["fieldset,details", "group"],
  ["img[alt='']", "presentation"],
  ["img,svg:has(>title)", "img"],
  ["h1,h2,h3,h4,h5,h6", "heading"],
  ["ul,ol", "list"],
  ["li", "listitem"],
  ["table", "table"],
  ["tr", "row"],
  ["td", "cell"],
  ["th", "columnheader"],
  ["nav", "navigation"],
  ["main", "main"],
  ["dialog", "dialog"],
  ["form", "form"],
];

/** The role of an element: the first that it states, or the one that its tag has. */
export function roleOf(element) {
  const stated = attributeOf(element, "role").toLowerCase().split(/\s+/);
  const role = stated.find((it) => it && !/^(presentation|none)$/.test(it));
  if (role) return role;
  if (element.list) return "combobox";
  return IMPLICIT_ROLES.find(([selector]) => element.matches(selector))?.[1] || "";
}

/** The role of what a user fills in or chooses from. */
export const isFieldRole = (role) => /^(textbox|searchbox|combobox|listbox|spinbutton|slider|option)$/.test(role);

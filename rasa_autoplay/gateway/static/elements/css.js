/** A string of CSS. It never contains `>>`, which separates shadow roots in a path's selectors. */
export const quoted = (text) => `"${text.replace(/["\\]/g, "\\$&").replace(/[\p{Cc}>]/gu, (it) => `\\${it.codePointAt(0).toString(16)} `)}"`;

const isWord = (text) => /^[A-Za-z_][\w-]*$/.test(text);

/** A condition on an attribute: `[name=q]`, `[id^=row-]`, `[title="A title"]`. */
export const withAttribute = (name, value, sign = "=") => `[${name}${sign}${isWord(value) ? value : quoted(value)}]`;

export const withId = (id) => (isWord(id) ? `#${id}` : withAttribute("id", id));

/** A condition that any of the names with this mask fulfils, such as `row-*-edit`; "" if the mask says too little. */
export function withMask(name, mask) {
  const parts = mask.split("*");
  const [first, last] = [parts[0], parts[parts.length - 1]];
  if (!/\p{L}{2}/u.test(first + last)) return "";
  return (first && withAttribute(name, first, "^=")) + (last && withAttribute(name, last, "$="));
}

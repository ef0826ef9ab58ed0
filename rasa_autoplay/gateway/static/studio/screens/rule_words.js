// What may stand where: keys and values from the schema, words from what was captured.

/** Suggestions for the value of a key. */
export function valuesOf(key, schema, words) {
  const described = schema.values[key] ?? {};
  if (described.kind === "workflow") return ["any", ...schema.workflows].map((word) => ({ word }));
  if (described.options) return described.options.map((word) => ({ word: String(word) }));
  if (described.kind === "switch") return [{ word: "true" }, { word: "false" }];
  const kind = key === "on_page" ? "page" : (described.words ?? key);
  return words.captured?.[kind] ?? [];
}

/**
 * What can be completed at the caret of a text.
 *
 * @return `{begin, typed, options}`: where the typed part begins, and the suggestions; null if there are none.
 */
export function completionAt(text, caret, schema, words) {
  const before = text.slice(0, caret);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const value = /([\w]+):\s+(?:\[(?:[^\]]*,)?\s*)?["']?([^[\]{},"'#]*)$/.exec(line);
  if (value) {
    const options = valuesOf(value[1], schema, words);
    return options.length ? { begin: caret - value[2].length, typed: value[2], options } : null;
  }
  const key = /(?:^|[\s{,]|- )(\w*)$/.exec(line);
  if (!key || /#/.test(line)) return null;
  const options = keysAt(before, line, schema).map((word) => ({ word, hint: schema.values[word]?.kind }));
  return { begin: caret - key[1].length, typed: key[1], options, isKey: true };
}

function keysAt(before, line, schema) {
  const inBrackets = /(\w+):\s*\{[^}]*$/.exec(line);
  if (inBrackets) return keysOf(inBrackets[1], schema);
  if (/\{[^}]*$/.test(line)) return schema.when;
  const indent = /^[\s-]*/.exec(line)[0].length;
  if (!indent) return schema.trigger;
  for (const above of before.split("\n").slice(0, -1).reverse()) {
    const found = /^([\s-]*)(\w+):/.exec(above);
    if (found && found[1].length < indent) return keysOf(found[2], schema);
  }
  return schema.trigger;
}

function keysOf(parent, schema) {
  if (["when", "all", "any", "not", "goal"].includes(parent)) return schema.when;
  return schema.keys[parent] ?? [];
}

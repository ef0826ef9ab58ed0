/** Words that interfaces use for the same act. */
const SAME_ACT = [
  "save apply update submit confirm done ok finish",
  "delete remove discard trash erase",
  "edit change modify rename adjust",
  "create add new start place compose",
  "options settings preferences more menu actions manage",
  "export download",
  "import upload attach",
  "search find filter filters",
  "invite share",
  "next continue proceed forward",
  "choose select pick tick check",
  "close cancel dismiss",
  "login signin sign log",
  "send publish post",
  "team people members users colleagues",
].map((line) => line.split(" "));

/** The words of a text or an identifier in lower case, without numbers: `saveButton-2` has "save" and "button". */
export const wordsOf = (text) => (text || "").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase().match(/\p{L}[\p{L}\p{M}]*/gu) || [];

function pairsOf(word) {
  const signs = [...word];
  return signs.slice(1).map((sign, at) => signs[at] + sign);
}

/** How alike two words are, from 0 to 1. */
function likenessOf(one, other) {
  if (one === other) return 1;
  if (SAME_ACT.some((words) => words.includes(one) && words.includes(other))) return 0.7;
  const [a, b] = [pairsOf(one), pairsOf(other)];
  const shared = a.filter((pair) => b.includes(pair)).length;
  const likeness = a.length && b.length ? (2 * shared) / (a.length + b.length) : 0;
  return likeness >= 0.5 ? 0.9 * likeness : 0;
}

/** How alike two lists of words are, from 0 to 1. A shorter form of a name is much like it. */
export function similarityOf(some, others) {
  const [short, long] = [some, others].map((words) => [...new Set(words)]).sort((a, b) => a.length - b.length);
  if (!short.length) return 0;
  const best = short.map((word) => Math.max(...long.map((other) => likenessOf(word, other))));
  const shared = best.reduce((sum, likeness) => sum + likeness, 0);
  const similarity = (2 * shared) / (short.length + long.length);
  const isPart = best.every((likeness) => likeness === 1) && short.length / long.length >= 0.4;
  return isPart ? Math.max(similarity, 0.8) : similarity;
}

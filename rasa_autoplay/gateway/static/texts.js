import { sleep } from "./api.js";
import { DEFAULTS } from "./options.js";

/** The languages that the server has texts in, beside English: `texts/de.json`. */
const TRANSLATED = ["ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt"];
/** How long the first toast waits for its texts. After that, it is in English. */
const PATIENCE_MS = 1000;

/** The languages that the user reads, best first: the page's, then the browser's. */
export function preferredLanguages({ language }) {
  const tags = [language || document.documentElement.lang, ...navigator.languages];
  return [...new Set(tags)].filter((tag) => /^[a-z][\w-]{1,34}$/i.test(tag)).slice(0, 5);
}

/**
 * Returns a function that puts the texts of the user's language into `options.texts`, for all that hold this object, and
 * resolves when they are there, or after a second. Call it again after the language has changed.
 *
 * @param own - the texts that the page has given, presumably in its own language. They replace single ones.
 */
export function textsLoader(options, own) {
  let language = "en", loading;

  async function fill(tag) {
    const response = TRANSLATED.includes(tag) && (await fetch(`${options.base}/texts/${tag}.json`));
    const texts = response && (await response.json());
    if (tag === language) Object.assign(options.texts, DEFAULTS.texts, { language: tag }, texts, own);
  }

  return () => {
    const tags = preferredLanguages(options).slice(0, own ? 1 : 5);
    const known = tags.map((tag) => tag.split("-")[0].toLowerCase()).find((tag) => tag === "en" || TRANSLATED.includes(tag));
    const best = known || (own && tags[0]) || "en";
    if (best !== language) {
      language = best;
      loading = fill(best).catch((problem) => {
        language = "";
        console.warn("rasa-autoplay:", problem);
      });
    }
    return Promise.race([loading, sleep(PATIENCE_MS)]);
  };
}

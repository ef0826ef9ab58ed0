/** Ids that component libraries create anew; `rasa_autoplay/events/element_ids.py` has the same pattern. */
const GENERATED_ID = /:r\w*:|^(?:radix|headlessui|react-aria|mui|downshift|ember|chakra|mantine)\b/i;
/** What differs between elements of the same kind, as in `engine/knowledge/drafting.py`. */
const VARYING = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+/gi;

/** Class names that a build or a style library creates: emotion, styled-components, CSS modules, JSS, Svelte, … */
const HASHED_CLASS =
  /^(?:css|sc|jss|svelte|astro|styles?|makeStyles|_)-?[\w-]*\d|__[\w-]*\d[\w-]*$|_[a-z0-9]*\d[a-z0-9]*(?:_\d+)?$|^(?=.*[A-Z])(?=.*\d)(?=.*[a-z])\w{5,}$/;

export const isGeneratedId = (id) => GENERATED_ID.test(id);

export const isHashedClass = (name) => HASHED_CLASS.test(name);

/** A name in which `*` stands for each number or UUID: `project-checkbox-17` becomes `project-checkbox-*`. */
export const maskOf = (name) => name.replace(VARYING, "*");

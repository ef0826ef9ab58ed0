/** Ids that component libraries create anew; `rasa_autoplay/events/element_ids.py` has the same patterns. */
const GENERATED_ID =
  /:r\w*:|«\w+»|^_r_\w+_$|^(?:radix|headlessui|react-aria|mui|downshift|chakra|mantine|reka)\b|^(?:ember|bits-|ext-gen|gwt-uid-|yui_|cdk-overlay-|mat-[a-z-]+-|mdc-[a-z-]+-|el-id-|react-select-|rc[-_][a-z]+[-_]|tippy-|floating-ui-|__BVID__|v-|j_idt)\d|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What differs between elements of the same kind, as in `engine/knowledge/drafting.py`. */
const VARYING = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+/gi;

/** Classes that a build makes: emotion, styled-components, JSS, Svelte, Astro, CSS modules, hashes with digits. */
const HASHED_CLASS =
  /^(?:css|sc|svelte|astro|emotion)-|^(?:jss|makeStyles)[\w-]*\d|^(?:_|[A-Za-z]\w*__?)[\w-]*_{1,3}[\w-]*\d[\w-]*$|^_\w+_\w+_\d+$|^[a-zA-Z]{1,4}(?=\w*[A-Z])(?=\w*\d)\w{3,}$/;
/** Classes of utility libraries, and states: they say how an element looks, not what it is. */
const LOOKS =
  /[:/[\]!@]|\d$|^(?:is|has|js|no|ng|min|max|[mp][trblxy]?|[wh]|text|bg|font|border|rounded|flex|grid|gap|space|items|justify|shadow|d|btn|float)-|^(?:active|open|show|shown|hidden|disabled|selected|focused|hover|current|flex|grid|block|inline\S*|absolute|relative|fixed|sticky|container|button|primary|secondary|icon|small|large|link|item|wrapper|content|left|right|center|row|col|border|shadow|rounded)$/;

export const isGeneratedId = (id) => GENERATED_ID.test(id);
export const isHashedClass = (name) => HASHED_CLASS.test(name);

/** Whether a class says what an element is: `invite-send`, not `css-1q8z7`, `mt-4` or `active`. */
export const isTelling = (name) => name.length > 3 && !isHashedClass(name) && !LOOKS.test(name);

/** A name in which `*` stands for each number or UUID: `project-checkbox-17` becomes `project-checkbox-*`. */
export const maskOf = (name) => name.replace(VARYING, "*");

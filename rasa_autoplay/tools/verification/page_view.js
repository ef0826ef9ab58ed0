// What `verify` asks of a page. The elements that an answer names are kept, so that they can be used afterwards.
(elements) => {
  const CONTROLS =
    "a[href],button,input:not([type=hidden]),select,textarea,summary,[contenteditable]:not([contenteditable=false])," +
    "[role=button],[role=checkbox],[role=combobox],[role=link],[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio]," +
    "[role=option],[role=radio],[role=searchbox],[role=slider],[role=spinbutton],[role=switch],[role=tab],[role=textbox],[role=treeitem]";
  const OPENERS = "[aria-haspopup]:not(input,select),[aria-expanded=false]:not(input,select),details:not([open])>summary,[role=tab][aria-selected=false]";
  const NOT_USED = /^(alert|alertdialog|dialog|document|form|heading|img|list|main|navigation|region|row|rowgroup|status|table|tablist|tabpanel|toolbar)$/;
  let kept = [];
  const keep = (element) => kept.push(element) - 1;

  const isShown = (it) => it.getClientRects().length > 0 && getComputedStyle(it).visibility === "visible";
  const parentOf = (it) => it.assignedSlot || it.parentElement || it.getRootNode().host || null;
  const isInside = (it, outer) => {
    for (let at = it; at; at = parentOf(at)) if (at === outer) return true;
    return false;
  };

  function* deepAll(root, selector) {
    for (const it of root.querySelectorAll("*")) {
      if (it.matches(selector)) yield it;
      if (it.shadowRoot) yield* deepAll(it.shadowRoot, selector);
    }
  }

  /** The innermost element at the centre of another one. */
  function topAt(element) {
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, top, width, height } = element.getBoundingClientRect();
    let found = document.elementFromPoint(left + width / 2, top + height / 2);
    for (let inner; (inner = found?.shadowRoot?.elementFromPoint(left + width / 2, top + height / 2)) && inner !== found; ) found = inner;
    return found;
  }

  /** What covers an element; null if users can reach it. */
  function coverOf(element) {
    const top = topAt(element);
    if (!top || isInside(top, element) || isInside(element, top)) return null;
    const labels = [...(element.labels || [])];
    return labels.some((label) => isInside(top, label) || isInside(label, top)) ? null : top;
  }

  const isDisabled = (it) => it.matches(":disabled") || !!it.closest("[aria-disabled=true]");

  const inWords = (it) => it.localName + (it.id ? `#${it.id}` : [...it.classList].slice(0, 2).map((name) => `.${name}`).join(""));

  /** The texts that a label in a golden path may mean. */
  function textsOf(element) {
    const { name, isPrivate } = elements.describe(element);
    if (isPrivate) return [name];
    const shown = element.matches("input,select,textarea,[contenteditable]") ? "" : element.innerText || "";
    return [name, shown.slice(0, 200), element.title, element.placeholder].filter((text) => typeof text === "string" && text.trim());
  }

  function described(element) {
    const { role, name, tag, id, isPrivate } = elements.describe(element);
    return { index: keep(element), role, name, tag, id, isPrivate, type: element.type || "", isShown: isShown(element) };
  }

  const selectorOf = (element) => {
    const ranked = elements.rankedSelectors(element);
    return ranked.find((it) => it.isAnyOf || it.hits === 1) || ranked[0];
  };

  return {
    kept: (index) => kept[index],

    /** How many elements a selector finds, and what is to be said of the one that a tour would show. */
    look(selector) {
      kept = [];
      const hits = elements.findHits(selector);
      const shown = hits.filter(isShown);
      const first = shown[0] || hits[0];
      if (!first) return { hits: 0, shown: 0, names: [] };
      const cover = isShown(first) && coverOf(first);
      return {
        hits: hits.length,
        shown: shown.length,
        roles: [...new Set(shown.map((it) => elements.describe(it).role))],
        names: shown.slice(0, 50).map(textsOf),
        isDisabled: isDisabled(first),
        coveredBy: cover ? inWords(cover) : "",
        first: described(first),
        single: elements.rankedSelectors(first).find((it) => it.hits === 1)?.selector || "",
      };
    },

    /** What is to be said of an element that an answer named. */
    facts(index) {
      const element = kept[index];
      kept = [];
      const cover = coverOf(element);
      return { hits: 1, shown: 1, names: [textsOf(element)], isDisabled: isDisabled(element), coveredBy: cover ? inWords(cover) : "", first: described(element) };
    },

    /** The elements that may do now what a step's element did, best first. */
    similar(step, others) {
      kept = [];
      const taken = new Set(others.flatMap((selector) => elements.findHits(selector)));
      const fits = ({ element }) => !taken.has(element) && !NOT_USED.test(elements.describe(element).role);
      return elements
        .mostSimilar(step, document)
        .filter(fits)
        .map(({ element, score, label }) => {
          const ranked = selectorOf(element);
          const isReachable = isShown(element) && !coverOf(element);
          return { ...described(element), score, label, selector: ranked?.selector || "", elementId: ranked?.elementId || "", isReachable };
        });
    },

    /** All shown controls with their names. */
    controls() {
      kept = [];
      return [...deepAll(document, CONTROLS)].filter(isShown).map((it) => ({ index: keep(it), names: textsOf(it) }));
    },

    /** What may open a part of the page: buttons of menus and closed parts, and tabs. */
    openers() {
      kept = [];
      const found = [...deepAll(document, OPENERS)].filter((it) => isShown(it) && !isDisabled(it) && !coverOf(it));
      return found.slice(0, 12).map((it) => ({ index: keep(it), selector: selectorOf(it)?.selector || "", label: elements.describe(it).name }));
    },

    /** What analytics would capture if a user did this: the act, and the submit that it causes. */
    captured(act, index) {
      const element = kept[index];
      const events = [elements.capturedEvent(act, act === "click" ? innermost(element) : element)];
      if (element.form && element.type === "submit") events.push(elements.capturedEvent("submit", element.form));
      return events.filter(Boolean);
    },

    isLoading: () => document.readyState !== "complete",

    hasSignIn: () => [...deepAll(document, "input[type=password]")].some(isShown),

    /** Draw a frame around an element; returns whether there is one. */
    frame(index) {
      const { left, top, width, height } = kept[index].getBoundingClientRect();
      const frame = document.createElement("rasa-autoplay-frame");
      frame.popover = "manual";
      Object.assign(frame.style, {
        position: "fixed", inset: "auto", left: `${left - 6}px`, top: `${top - 6}px`, width: `${width + 12}px`, height: `${height + 12}px`,
        margin: "0", padding: "0", boxSizing: "border-box", border: "3px solid #d6336c", borderRadius: "6px", background: "transparent",
        pointerEvents: "none",
      });
      document.documentElement.append(frame);
      frame.showPopover();
    },

    unframe: () => document.querySelectorAll("rasa-autoplay-frame").forEach((it) => it.remove()),
  };

  /** The element inside a control that a click on its centre hits, which analytics sees. */
  function innermost(element) {
    const top = topAt(element);
    return top && isInside(top, element) ? top : element;
  }
}

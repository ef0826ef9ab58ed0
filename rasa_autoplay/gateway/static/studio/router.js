// Every state of the studio is a URL. It is in the fragment, so ids never reach a server's log or a proxy.

/** The route of the current URL: `{name, id, params}`. */
export function currentRoute() {
  const [path, query = ""] = splitOnce(location.hash.replace(/^#\/?/, ""), "?");
  const [name, id = ""] = splitOnce(path, "/");
  return { name: name || "now", id: decoded(id), params: new URLSearchParams(query) };
}

/** The link to a screen, for `href`. `params` is an object; empty values are left out. */
export function href(name, id, params) {
  const given = params instanceof URLSearchParams ? [...params] : Object.entries(params ?? {});
  const query = new URLSearchParams(given.filter(([, value]) => value !== undefined && value !== null && value !== ""));
  return `#/${name}${id ? `/${encodeURIComponent(id)}` : ""}${query.size ? `?${query}` : ""}`;
}

/** Go to a screen. */
export function go(name, id, params) {
  location.hash = href(name, id, params);
}

/** Change the current URL's params without showing the screen anew, such as the position of a cursor. */
export function keep(params) {
  const route = currentRoute();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null || value === "") route.params.delete(name);
    else route.params.set(name, value);
  }
  history.replaceState(history.state, "", href(route.name, route.id, route.params));
}

function splitOnce(text, mark) {
  const index = text.indexOf(mark);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

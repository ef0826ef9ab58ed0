import { attempt } from "../dom.js";
import { typedValues } from "../elements/privacy.js";

/** The page's address without what the user typed: apps put searches, and sometimes names, into it. */
export function pageAddress() {
  const address = new URL(location.href);
  const values = typedValues();
  const plain = (text) => attempt(() => decodeURIComponent(text.replace(/\+/g, " "))) ?? text;
  const repeats = (text) => values.some((value) => plain(text).includes(value));
  // A page of the app may have a name that somebody also types.
  const isTyped = (text) => values.some((value) => !/^\p{L}{1,15}$/u.test(value) && plain(text).includes(value));
  for (const [name, value] of [...address.searchParams]) if (repeats(value)) address.searchParams.delete(name);
  address.pathname = address.pathname.split("/").map((part) => (isTyped(part) ? "0" : part)).join("/");
  const [page] = address.hash.split("?");
  if (repeats(address.hash)) address.hash = isTyped(page) ? "" : page;
  return address.href;
}

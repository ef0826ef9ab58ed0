import { getCurrentScope, onScopeDispose, shallowRef, type ShallowRef } from "vue";
import type { Observable } from "./observable.js";

/** A ref of what an observable has, until the component or scope ends. */
export function observed<Value>(observable: Observable<Value>): Readonly<ShallowRef<Value>> {
  const value = shallowRef(observable.get());
  const end = observable.subscribe(() => (value.value = observable.get()));
  if (getCurrentScope()) onScopeDispose(end);
  return value;
}

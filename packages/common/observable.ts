/** A value that says when it changes. */
export interface Observable<Value> {
  /** Its first value, which a server renders. */
  readonly initial: Value;
  get(): Value;
  /** @returns a function that ends the subscription. */
  subscribe(onChange: () => void): () => void;
}

/** Create one, with a function that sets it. */
export function createObservable<Value>(value: Value): Observable<Value> & { set(next: Value): void } {
  const listeners = new Set<() => void>();
  return {
    initial: value,
    get: () => value,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
    set(next) {
      if (next === value) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
  };
}

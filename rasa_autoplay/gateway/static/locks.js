/** Ask for a lock. Rejects where there are none (a page without https), or where the browser blocks storage. */
export const requestLock = async (name, options, act) => navigator.locks.request(`rasa-autoplay${name}`, options, act);

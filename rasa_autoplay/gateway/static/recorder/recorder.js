/** Show the panel that records a path. */
export async function startRecorder({ base, token }) {
  throw new Error(`The recorder of ${base} cannot start yet${token ? "" : ": it has no token"}`);
}

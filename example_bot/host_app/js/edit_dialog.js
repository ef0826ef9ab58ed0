// One project, changed on its own.

import { confirm } from "./confirmation.js";
import { byId, element } from "./dom.js";
import { PRIORITIES, projectOf, setPriority, shortDate } from "./store.js";

let editedId = "";
let tellSaved = () => {};

/**
 * Open the dialog.
 *
 * @param project whose priority is to be changed
 * @param onSaved called with the changed projects (none, when it had that priority already)
 */
export function editProject(project, onSaved) {
  editedId = project.id;
  tellSaved = onSaved;
  byId("edit-project").textContent = `${project.id} · ${project.client}`;
  byId("edit-title").textContent = project.name;
  byId("edit-facts").replaceChildren(
    ...fact("Owner", project.owner),
    ...fact("Status", project.status),
    ...fact("Due", shortDate(project.due)),
  );
  byId("edit-priority").replaceChildren(
    ...PRIORITIES.map((name) => element("option", { selected: name === project.priority }, name)),
  );
  byId("edit-dialog").showModal();
}

function fact(name, value) {
  return [element("dt", {}, name), element("dd", {}, value)];
}

function save() {
  const project = projectOf(editedId);
  const changed = setPriority([editedId], byId("edit-priority").value);
  byId("edit-dialog").close();
  tellSaved(changed);
  confirm(changed.length ? `${project.id} is now ${project.priority}` : `${project.id} stays ${project.priority}`);
}

/** Give the dialog of the document its buttons. */
export function setUpEditDialog() {
  const dialog = byId("edit-dialog");
  byId("edit-save").addEventListener("click", save);
  byId("edit-cancel").addEventListener("click", () => dialog.close());
  byId("edit-close").addEventListener("click", () => dialog.close());
  // The dialog itself is hit only beside its content: on the backdrop.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

const byId = (id) => document.getElementById(id);

// A native modal dialog.
byId("new-report").addEventListener("click", () => byId("report-dialog").showModal());
byId("report-form").addEventListener("submit", () => {
  byId("made").textContent = `Made ${byId("report-name").value}`;
});

// A modal dialog of a component library: it keeps the focus, and what is outside cannot be used.
const modal = byId("confirm");
function open(isOpen) {
  modal.hidden = !isOpen;
  for (const other of document.body.children) {
    if (other !== modal && !/^(SCRIPT|RASA-)/.test(other.tagName)) other.inert = isOpen;
  }
  if (isOpen) byId("confirm-sure").focus();
}
document.addEventListener("focusin", ({ target }) => {
  if (!modal.hidden && !modal.contains(target)) byId("confirm-sure").focus();
});
byId("delete-files").addEventListener("click", () => {
  byId("confirm-sure").checked = false;
  byId("confirm-delete").disabled = true;
  open(true);
});
byId("confirm-sure").addEventListener("change", ({ target }) => (byId("confirm-delete").disabled = !target.checked));
byId("confirm-cancel").addEventListener("click", () => open(false));
byId("confirm-delete").addEventListener("click", () => {
  for (const row of document.querySelectorAll("#files li")) if (row.querySelector(":checked")) row.remove();
  open(false);
});

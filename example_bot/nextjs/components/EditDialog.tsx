import { useEffect, useRef, useState } from "react";
import { PRIORITIES, type Priority, type Project } from "@/lib/projects";
import { CROSS, Icon } from "./icons";

/** One project, changed on its own. */
export function EditDialog({ project, onSave, onClose }: {
  project: Project;
  onSave: (priority: Priority) => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [priority, setPriority] = useState(project.priority);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog id="edit-dialog" className="dialog" aria-labelledby="edit-title" ref={dialog} onCancel={onClose}>
      <div className="dialog-head">
        <div>
          <p>
            {project.id} · {project.client}
          </p>
          <h2 id="edit-title">{project.name}</h2>
        </div>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <Icon path={CROSS} />
        </button>
      </div>
      <dl>
        <dt>Owner</dt>
        <dd>{project.owner}</dd>
        <dt>Status</dt>
        <dd>{project.status}</dd>
        <dt>Due</dt>
        <dd>in {project.dueInDays} days</dd>
      </dl>
      <label htmlFor="edit-priority">Priority</label>
      <PrioritySelect id="edit-priority" value={priority} onChange={setPriority} />
      <div className="dialog-foot">
        <button type="button" id="edit-cancel" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" id="edit-save" className="button button-primary" onClick={() => onSave(priority)}>
          Save changes
        </button>
      </div>
    </dialog>
  );
}

/** The four priorities. */
export function PrioritySelect({ id, value, onChange }: {
  id: string;
  value: Priority;
  onChange: (priority: Priority) => void;
}) {
  return (
    <select id={id} className="select" value={value} onChange={(event) => onChange(event.target.value as Priority)}>
      {PRIORITIES.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

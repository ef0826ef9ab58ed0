import type { Priority, Project } from "@/lib/projects";
import { Avatar } from "./Frame";
import { Icon, PENCIL } from "./icons";

export const slug = (text: string) => text.toLowerCase().replaceAll(" ", "-");

/** A priority: its colour and its name. */
export function PriorityLabel({ name }: { name: Priority }) {
  return <span className={`priority priority-${slug(name)}`}>{name}</span>;
}

/** One project; `isTicked` is null while there is nothing to tick. */
export function ProjectRow({ project, isTicked, onTick, onEdit }: {
  project: Project;
  isTicked: boolean | null;
  onTick: (isOn: boolean) => void;
  onEdit: () => void;
}) {
  const { id, name, client, status, owner, priority, dueInDays } = project;
  return (
    <tr data-project={id} className={isTicked ? "is-ticked" : undefined}>
      {isTicked !== null && (
        <td className="cell-tick">
          <input
            type="checkbox"
            id={`project-checkbox-${id}`}
            aria-label={`Select ${name}`}
            checked={isTicked}
            onChange={(event) => onTick(event.target.checked)}
          />
        </td>
      )}
      <th scope="row" className="cell-project">
        {name}
        <span>
          {id} · {client}
        </span>
      </th>
      <td className="cell-status">
        <span className={`chip chip-${slug(status)}`}>{status}</span>
      </td>
      <td className="cell-priority">
        <PriorityLabel key={priority} name={priority} />
      </td>
      <td className="cell-owner">
        <Avatar name={owner} />
        {owner}
      </td>
      <td className={dueInDays <= 7 ? "cell-due is-near" : "cell-due"}>in {dueInDays} days</td>
      <td className="cell-edit">
        <button type="button" className="button button-small" aria-label={`Edit ${name}`} onClick={onEdit}>
          <Icon path={PENCIL} />
          Edit
        </button>
      </td>
    </tr>
  );
}

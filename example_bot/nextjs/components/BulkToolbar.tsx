import { useState } from "react";
import type { Priority } from "@/lib/projects";
import { PrioritySelect } from "./EditDialog";
import { CROSS, Icon } from "./icons";

/** Many projects, one priority; `onAll` is null where all are selected. */
export function BulkToolbar({ count, onApply, onAll, onLeave }: {
  count: number;
  onApply: (priority: Priority) => void;
  onAll: (() => void) | null;
  onLeave: () => void;
}) {
  const [priority, setPriority] = useState<Priority>("High");
  return (
    <div className="bulk" role="group" aria-label="Change the selected projects">
      <span className="bulk-count" aria-live="polite">
        {count} selected
      </span>
      {onAll && (
        <button type="button" className="link-button" onClick={onAll}>
          Select all
        </button>
      )}
      <label className="bulk-field">
        <span>Priority</span>
        <PrioritySelect id="bulk-priority" value={priority} onChange={setPriority} />
      </label>
      <button
        type="button"
        id="bulk-apply"
        className="button button-primary"
        disabled={count === 0}
        onClick={() => onApply(priority)}
      >
        Apply to {count}
      </button>
      <button type="button" className="icon-button" aria-label="Leave selection" onClick={onLeave}>
        <Icon path={CROSS} />
      </button>
    </div>
  );
}

import * as Menu from "@radix-ui/react-dropdown-menu";
import { PRIORITIES, type Project } from "@/lib/projects";
import { CHECK, Dots, Icon } from "./icons";

const rank = ({ priority }: Project) => PRIORITIES.indexOf(priority);

export const SORTS = {
  number: { label: "Sort by number", order: (a: Project, b: Project) => a.id.localeCompare(b.id) },
  due: { label: "Sort by due date", order: (a: Project, b: Project) => a.dueInDays - b.dueInDays },
  priority: { label: "Sort by priority", order: (a: Project, b: Project) => rank(b) - rank(a) },
};
export type Sort = keyof typeof SORTS;

/** The ⋯ menu, in a portal at the end of the document. */
export function TableOptions({ isBulk, onBulk, sort, onSort }: {
  isBulk: boolean;
  onBulk: (isOn: boolean) => void;
  sort: Sort;
  onSort: (sort: Sort) => void;
}) {
  return (
    <Menu.Root>
      <Menu.Trigger id="projects-table-options" className="icon-button icon-button-framed" aria-label="Table options">
        <Dots />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu" align="end" sideOffset={6}>
          <Menu.CheckboxItem id="projects-bulk-edit-toggle" className="menu-item" checked={isBulk} onCheckedChange={onBulk}>
            Bulk edit
            <Mark />
          </Menu.CheckboxItem>
          <Menu.Separator className="menu-line" />
          <Menu.RadioGroup value={sort} onValueChange={(name) => onSort(name as Sort)}>
            {Object.entries(SORTS).map(([name, { label }]) => (
              <Menu.RadioItem key={name} value={name} className="menu-item">
                {label}
                <Mark />
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Mark() {
  return (
    <Menu.ItemIndicator asChild>
      <span>
        <Icon path={CHECK} />
      </span>
    </Menu.ItemIndicator>
  );
}

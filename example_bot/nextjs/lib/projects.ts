import { useSyncExternalStore } from "react";

export const PRIORITIES = ["Low", "Medium", "High", "Urgent"] as const;
export const STATUSES = ["On track", "At risk", "On hold", "Planned"] as const;

export type Priority = (typeof PRIORITIES)[number];
export type Status = (typeof STATUSES)[number];
export type Project = {
  id: string;
  name: string;
  client: string;
  status: Status;
  owner: string;
  priority: Priority;
  dueInDays: number;
};

type Row = [id: string, name: string, client: string, status: Status, owner: string, priority: Priority, dueInDays: number];

const SAMPLE: Row[] = [
  ["P-1042", "Customer portal relaunch", "Halden Energy", "On track", "Anna Berg", "Medium", 9],
  ["P-1045", "Payment provider migration", "Kestrel Travel", "At risk", "Jonas Weber", "Medium", 4],
  ["P-1047", "Mobile app 4.0", "Brightwater Bank", "On track", "Priya Raman", "High", 21],
  ["P-1051", "Accessibility audit", "City of Norrby", "On track", "Anna Berg", "Low", 12],
  ["P-1053", "Warehouse label redesign", "Osterlund Foods", "On hold", "Mateo Silva", "Low", 33],
  ["P-1056", "Partner API documentation", "Kestrel Travel", "On track", "Anna Berg", "Medium", 17],
  ["P-1060", "Spring campaign pages", "Halden Energy", "Planned", "Mateo Silva", "Low", 40],
  ["P-1064", "Data retention clean-up", "Brightwater Bank", "At risk", "Jonas Weber", "Medium", 6],
];

// In memory and in this tab: loading the page again brings the sample back.
let projects: Project[] = SAMPLE.map(([id, name, client, status, owner, priority, dueInDays]) => {
  return { id, name, client, status, owner, priority, dueInDays };
});
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const now = () => projects;

/** All projects, as they are now. */
export const useProjects = () => useSyncExternalStore(subscribe, now, now);

export function setPriority(ids: ReadonlySet<string>, priority: Priority) {
  projects = projects.map((project) => (ids.has(project.id) ? { ...project, priority } : project));
  for (const listener of listeners) listener();
}

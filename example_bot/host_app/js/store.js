// The projects. They live in memory: loading the page again brings the sample back.

export const PRIORITIES = ["Low", "Medium", "High", "Urgent"];
export const STATUSES = ["On track", "At risk", "On hold", "Planned"];
export const OWNERS = ["Anna Berg", "Jonas Weber", "Priya Raman", "Mateo Silva"];

const DAY_MS = 86_400_000;

// id, name, client, status, owner, priority, days until it is due, progress in percent
const SAMPLE = [
  ["P-1042", "Customer portal relaunch", "Halden Energy", "On track", 0, "Medium", 9, 64],
  ["P-1045", "Payment provider migration", "Kestrel Travel", "At risk", 1, "Medium", 4, 38],
  ["P-1047", "Mobile app 4.0", "Brightwater Bank", "On track", 2, "High", 21, 52],
  ["P-1051", "Accessibility audit", "City of Norrby", "On track", 0, "Low", 12, 80],
  ["P-1053", "Warehouse label redesign", "Osterlund Foods", "On hold", 3, "Low", 33, 15],
  ["P-1056", "Partner API documentation", "Kestrel Travel", "On track", 0, "Medium", 17, 46],
  ["P-1060", "Spring campaign pages", "Halden Energy", "Planned", 3, "Low", 40, 0],
  ["P-1064", "Data retention clean-up", "Brightwater Bank", "At risk", 1, "Medium", 6, 27],
];

const today = new Date(new Date().setHours(12, 0, 0, 0));

const projects = SAMPLE.map(([id, name, client, status, owner, priority, days, progress]) => ({
  id,
  name,
  client,
  status,
  owner: OWNERS[owner],
  priority,
  due: new Date(today.getTime() + days * DAY_MS),
  progress,
}));

/** All projects, as they are now. */
export function allProjects() {
  return projects;
}

export function projectOf(id) {
  return projects.find((project) => project.id === id);
}

/** Give projects a priority; returns those that really changed. */
export function setPriority(ids, priority) {
  const changed = projects.filter((project) => ids.includes(project.id) && project.priority !== priority);
  for (const project of changed) project.priority = priority;
  return changed;
}

export function daysUntil(date) {
  return Math.round((date - today) / DAY_MS);
}

export function shortDate(date) {
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

export function initials(name) {
  return name.split(" ").map((part) => part[0]).join("");
}

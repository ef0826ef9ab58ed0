// The screens, in the order of the navigation. Each is a module `screens/<name>.js` that is loaded on demand.

/** Name in the URL, label, the icon's path, and what it is for. */
export const SCREENS = [
  ["now", "Now", "M3 12h4l3-7 4 14 3-7h4", "Who is active, and is everything well?"],
  ["session", "Sessions", "M4 6h16M4 12h10M4 18h13M18 10v4", "Why something was said, and why not"],
  ["triggers", "Triggers", "M13 3 5 14h6l-1 7 8-11h-6z", "What each trigger does, and whether it helps"],
  ["paths", "Golden paths", "M5 19c6 0 3-7 7-7s1-7 7-7M5 17.5v3M19 3.5v3", "The workflows, and who has mastered them"],
  ["drafts", "Drafts", "M6 3h8l4 4v14H6zM9 13h6M12 10v6", "What people recorded in the page, before it becomes a golden path"],
  ["proposals", "Proposals", "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 10.9c.6.5 1 1.2 1 2.1h5c0-.9.4-1.6 1-2.1A6 6 0 0 0 12 3", "Slow ways that users take, and triggers that would help"],
  ["rules", "Rules", "M5 4h14v16H5zM9 9h6M9 13h6M9 17h3", "Change a rule and see what it would have done"],
  ["people", "People", "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M3 20c0-4 3-6 6-6s6 2 6 6M16 4.5a3 3 0 0 1 0 6M17 14c2.5.5 4 2.5 4 6", "Find a user; export or delete their data"],
].map(([name, label, path, purpose]) => ({ name, label, path, purpose }));

"use client";

import { PRIORITIES, type Priority, type Project, useProjects } from "@/lib/projects";
import { PriorityLabel, slug } from "./ProjectRow";

/** A few figures, computed from the projects as they are now. */
export function Figures() {
  const projects = useProjects();
  const count = (is: (project: Project) => boolean) => projects.filter(is).length;
  const next = [...projects].sort((a, b) => a.dueInDays - b.dueInDays).slice(0, 5);
  return (
    <>
      <div className="page-head">
        <h1>Dashboard</h1>
        <p>All projects, as of now</p>
      </div>
      <dl className="tiles">
        <Tile name="Open projects" value={projects.length} />
        <Tile name="High or urgent" value={count(({ priority }) => priority === "High" || priority === "Urgent")} />
        <Tile name="Due within a week" value={count(({ dueInDays }) => dueInDays <= 7)} />
        <Tile name="At risk" value={count(({ status }) => status === "At risk")} />
      </dl>
      <div className="panels">
        <section className="card panel">
          <h2>By priority</h2>
          <ul className="bars">
            {[...PRIORITIES].reverse().map((name) => (
              <Bar key={name} name={name} count={count(({ priority }) => priority === name)} of={projects.length} />
            ))}
          </ul>
        </section>
        <section className="card panel">
          <h2>Due next</h2>
          <ul className="due">
            {next.map(({ id, name, priority, dueInDays }) => (
              <li key={id}>
                <span>{name}</span>
                <PriorityLabel name={priority} />
                <span>in {dueInDays} days</span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}

function Tile({ name, value }: { name: string; value: number }) {
  return (
    <div className="card tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Bar({ name, count, of }: { name: Priority; count: number; of: number }) {
  return (
    <li>
      <PriorityLabel name={name} />
      <span className="track">
        <span className={`bar-${slug(name)}`} style={{ width: `${(100 * count) / of}%` }} />
      </span>
      <b>{count}</b>
    </li>
  );
}

"use client";

import { type ReactNode, useRef, useState } from "react";
import { type Priority, type Project, setPriority, STATUSES, useProjects } from "@/lib/projects";
import { BulkToolbar } from "./BulkToolbar";
import { EditDialog } from "./EditDialog";
import { Icon, SEARCH } from "./icons";
import { ProjectRow } from "./ProjectRow";
import { SORTS, type Sort, TableOptions } from "./TableOptions";

const ANY = "All statuses";
const NONE: ReadonlySet<string> = new Set();

/** One project at a time through Edit, many at a time through the ⋯ menu. */
export function ProjectList() {
  const projects = useProjects();
  const [words, setWords] = useState("");
  const [status, setStatus] = useState(ANY);
  const [sort, setSort] = useState<Sort>("number");
  const [isBulk, setIsBulk] = useState(false);
  const [ticked, setTicked] = useState(NONE);
  const [edited, setEdited] = useState<Project | null>(null);
  const [said, say] = useConfirmation();

  const fits = ({ id, name, client, owner, ...project }: Project) =>
    (status === ANY || project.status === status) &&
    `${id} ${name} ${client} ${owner}`.toLowerCase().includes(words.trim().toLowerCase());
  const shown = projects.filter(fits).sort(SORTS[sort].order);
  // What is not to be seen must not be changed with the rest.
  const chosen = new Set(shown.map(({ id }) => id).filter((id) => ticked.has(id)));

  function showBulk(isOn: boolean) {
    say(""); // it would lie over the toolbar
    setIsBulk(isOn);
    setTicked(NONE);
  }

  function tick(id: string, isOn: boolean) {
    const next = new Set(ticked);
    if (isOn) next.add(id);
    else next.delete(id);
    setTicked(next);
  }

  function apply(priority: Priority) {
    setPriority(chosen, priority);
    showBulk(false);
    say(`${chosen.size} ${chosen.size === 1 ? "project is" : "projects are"} now ${priority}`);
  }

  function save(project: Project, priority: Priority) {
    setPriority(new Set([project.id]), priority);
    setEdited(null);
    say(`${project.id} is now ${priority}`);
  }

  return (
    <>
      <div className="page-head">
        <h1>Projects</h1>
        <p>
          {projects.length} open · {projects.filter(({ dueInDays }) => dueInDays <= 7).length} due within a week
        </p>
      </div>
      <section className={isBulk ? "card is-bulk" : "card"} aria-label="Projects">
        <div className="table-bar">
          <label className="search">
            <Icon path={SEARCH} />
            <input
              type="search"
              aria-label="Search projects"
              placeholder="Search"
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
          <select className="select" aria-label="Status" value={status} onChange={(event) => setStatus(event.target.value)}>
            {[ANY, ...STATUSES].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <TableOptions isBulk={isBulk} onBulk={showBulk} sort={sort} onSort={setSort} />
        </div>
        <table className="projects">
          <thead>
            <tr>
              {isBulk && <Head>Select</Head>}
              <Head>Project</Head>
              <Head>Status</Head>
              <Head>Priority</Head>
              <Head>Owner</Head>
              <Head>Due</Head>
              <Head>
                <span className="visually-hidden">Edit</span>
              </Head>
            </tr>
          </thead>
          <tbody>
            {shown.map((project) => (
              <ProjectRow
                key={project.id}
                project={project}
                isTicked={isBulk ? chosen.has(project.id) : null}
                onTick={(isOn) => tick(project.id, isOn)}
                onEdit={() => setEdited(project)}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p className="empty">No project is like that.</p>}
        {isBulk && (
          <BulkToolbar
            count={chosen.size}
            onApply={apply}
            onAll={chosen.size < shown.length ? () => setTicked(new Set(shown.map(({ id }) => id))) : null}
            onLeave={() => showBulk(false)}
          />
        )}
      </section>
      {edited && (
        <EditDialog project={edited} onSave={(priority) => save(edited, priority)} onClose={() => setEdited(null)} />
      )}
      <p className="confirmation" role="status">
        {said && <span key={said}>{said}</span>}
      </p>
    </>
  );
}

function Head({ children }: { children: ReactNode }) {
  return <th scope="col">{children}</th>;
}

/** What was just done, said for a moment. */
function useConfirmation() {
  const [said, setSaid] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  function say(text: string) {
    clearTimeout(timer.current);
    setSaid(text);
    timer.current = setTimeout(() => setSaid(""), 4000);
  }
  return [said, say] as const;
}

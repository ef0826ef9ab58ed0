"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import type { User } from "@/lib/session";
import { CHART, FOLDER, Icon } from "./icons";

const PAGES = [
  { href: "/projects", name: "Projects", path: FOLDER },
  { href: "/dashboard", name: "Dashboard", path: CHART },
];

/** Brand, navigation and who is signed in, around every page. */
export function Frame({ user, children }: { user: User; children: ReactNode }) {
  const pathname = usePathname();
  return (
    <div className="frame">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="top">
        <Link className="brand" href="/projects">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="9" />
            <path d="M16 25V9m0 4.5c1.2-2.6 3.2-4 6-4.3-.2 3-2.2 5-6 5.3m0 4.7c1.2-2.6 3.2-4 6-4.3-.2 3-2.2 5-6 5.3m0-6.7c-1.2-2.6-3.2-4-6-4.3.2 3 2.2 5 6 5.3m0 5.7c-1.2-2.6-3.2-4-6-4.3.2 3 2.2 5 6 5.3" />
          </svg>
          <span>Fernway</span>
        </Link>
        <nav aria-label="Main">
          {PAGES.map(({ href, name, path }) => (
            <Link key={href} href={href} aria-current={pathname.startsWith(href) ? "page" : undefined}>
              <Icon path={path} />
              {name}
            </Link>
          ))}
        </nav>
        <p className="user">
          <Avatar name={user.name} />
          <span className="user-name">{user.name}</span>
        </p>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** A person's initials: a picture, in a way. */
export function Avatar({ name }: { name: string }) {
  const initials = name.split(" ").map((part) => part[0]);
  return <span className="avatar" data-initials={initials.join("")} aria-hidden="true" />;
}

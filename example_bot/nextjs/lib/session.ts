import { randomUUID } from "node:crypto";
import { cookies } from "next/headers";

export type User = { id: string; name: string; email: string };

/**
 * Who is signed in. Your app knows; here it stands in a cookie, and without one each page load is a fresh user, so
 * that the story can be told again at once: who has answered an offer is not asked again.
 */
export async function currentUser(): Promise<User> {
  const id = (await cookies()).get("user")?.value.slice(0, 64) || `anna-berg-${randomUUID().slice(0, 8)}`;
  return { id, name: "Anna Berg", email: "anna.berg@fernway.example" };
}

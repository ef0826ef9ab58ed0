import type { Metadata } from "next";
import { Figures } from "@/components/Figures";

export const metadata: Metadata = { title: "Dashboard" };

export default function DashboardPage() {
  return <Figures />;
}

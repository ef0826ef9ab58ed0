type IconProps = { path: string };

/** A line icon out of one path. */
export function Icon({ path }: IconProps) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export const CHECK = "m5 10.5 3.5 3.5L15 6.5";
export const CROSS = "m5.5 5.5 9 9m0-9-9 9";
export const PENCIL = "m12.5 4.5 3 3L7 16H4v-3zM11 6l3 3";
export const SEARCH = "m12.5 12.5 3.75 3.75M13.75 9a4.75 4.75 0 1 1-9.5 0 4.75 4.75 0 0 1 9.5 0z";
export const FOLDER =
  "M3 6.2A1.7 1.7 0 0 1 4.7 4.5h3l1.8 2h5.8A1.7 1.7 0 0 1 17 8.2v5.6a1.7 1.7 0 0 1-1.7 1.7H4.7A1.7 1.7 0 0 1 3 13.8z";
export const CHART = "M4 16v-5m4 5V4m4 12V8m4 8v-3";

/** Three dots. */
export function Dots() {
  return (
    <svg className="icon icon-dots" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="5" cy="10" r="1.6" />
      <circle cx="10" cy="10" r="1.6" />
      <circle cx="15" cy="10" r="1.6" />
    </svg>
  );
}

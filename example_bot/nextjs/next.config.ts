import type { NextConfig } from "next";

const config: NextConfig = {
  // Lock files of other folders say nothing about this app.
  turbopack: { root: __dirname },
  poweredByHeader: false,
};

export default config;

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a running gateway.
const GATEWAY = process.env.KOBAN_GATEWAY ?? "http://127.0.0.1:8000";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const pages = ["wallet", "tablet", "console", "demo"].filter((page) =>
  existsSync(here(`./${page}/index.html`)),
);

// A service worker keeps its plain name: its address is its identity, so a hash would make every
// build another worker. It imports nothing of ours, so it stays one classic script.
const workers = ["wallet"].filter((page) => existsSync(here(`./${page}/sw.ts`)));

/** In development, `/nagaoka/wallet` opens the wallet's page as the gateway does. */
function townPages(): Plugin {
  return {
    name: "town-pages",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? "").split("?", 1)[0] ?? "";
        const page = /^\/(?:demo$|[a-z0-9-]+\/(wallet|tablet|console)$)/.exec(path);
        if (page) request.url = `/${page[1] ?? "demo"}/index.html`;
        else if (/^\/[a-z0-9-]+\/s\/\d+$/.test(path)) request.url = "/wallet/index.html";
        next();
      });
    },
  };
}

export default defineConfig({
  base: "/",
  appType: "mpa",
  plugins: [townPages()],
  build: {
    target: "safari14",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: Object.fromEntries([
        ...pages.map((page) => [page, here(`./${page}/index.html`)]),
        ...workers.map((page) => [`${page}-sw`, here(`./${page}/sw.ts`)]),
      ]),
      output: {
        entryFileNames: (chunk) =>
          chunk.name.endsWith("-sw")
            ? `${chunk.name.slice(0, -3)}/sw.js`
            : "assets/[name]-[hash].js",
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": GATEWAY,
      "/demo/": GATEWAY,
      "/ws": { target: GATEWAY, ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"],
    restoreMocks: true,
  },
});

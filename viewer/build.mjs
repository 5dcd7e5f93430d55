// Builds the bundle that ships in the package: one script and one style sheet, nothing from outside.
import { build } from "esbuild";

const out = new URL("../mlprov_widgets/widgets/", import.meta.url).pathname;

await build({
  entryPoints: { viewer: "src/index.tsx" },
  outdir: process.argv[2] ?? out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "eof",
  logLevel: "info",
});

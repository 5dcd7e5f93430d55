// Builds what ships in the package: one script, one style sheet, and the licences of what is in them.
//   node build.mjs [FOLDER]      by default ../mlprov_widgets/widgets
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = process.argv[2] ? resolve(process.argv[2]) : join(here, "../mlprov_widgets/widgets");

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { viewer: "src/index.tsx" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  banner: { js: "/* Built from viewer/. Licences of the libraries in it: viewer.LICENSES.txt */" },
  metafile: true,
  logLevel: "warning",
});

const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
  Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
);
const found = used.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean);
const parts = ["The provenance viewer's script (viewer.js) contains these libraries."];
for (const name of [...new Set(found)].sort()) {
  const folder = join(here, "node_modules", name);
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  if (!file) throw new Error(`${name} has no licence file.`);
  const text = (await readFile(join(folder, file), "utf8")).replace(/\r\n/g, "\n").trim();
  parts.push(`${"-".repeat(80)}\n${name} ${about.version} (${about.license})\n\n${text}`);
}
await writeFile(join(out, "viewer.LICENSES.txt"), parts.join("\n\n") + "\n");

// Writes a .br and a .gz beside each compressible file of a site: node precompress.mjs DIRECTORY
// cargo-leptos has --precompress, but an unoptimised cargo-leptos (see scripts/lib/setup-rust.sh) takes minutes for it.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const COMPRESSIBLE = /\.(wasm|js|css|html|svg|json|txt|xml|ico|webmanifest|map)$/;

const compress = async (path) => {
  const data = await readFile(path);
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(data, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 22,
        [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
      },
    }),
    promisify(gzip)(data, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
};

const begun = performance.now();
const entries = await readdir(process.argv[2], { recursive: true, withFileTypes: true });
const files = entries
  .filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
await Promise.all(files.map(compress));
console.log(`precompressed ${files.length} files in ${((performance.now() - begun) / 1000).toFixed(1)} s`);

// The demo's three external systems: an ERP and a till as SQLite databases behind ODBC, and a packaged REST server that is
// the CRM and the accounting service. By hand:
//   node config/demo/systems.mjs make  --dir DIR [--seed 1] [--size small]   makes data (again only when asked otherwise)
//   node config/demo/systems.mjs serve --dir DIR [--port 0]                  runs the REST server; prints its address
import {spawn, spawnSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import {makeData} from './data.mjs';
import {statements} from './schema.mjs';

export {FORMER_WORKER, WORKERS} from './data.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const SERVER = join(HERE, 'node_modules', 'json-server', 'lib', 'cli', 'bin.js');

function makeDatabase(file, database) {
  const unfinished = `${file}.new`;
  rmSync(unfinished, {force: true});
  const made = spawnSync('sqlite3', ['-batch', '-bail', unfinished], {input: [...statements(database)].join(''), encoding: 'utf8'});
  if (made.error) throw new Error(`sqlite3 does not start (${made.error.message}); install the package sqlite3`);
  if (made.status !== 0) throw new Error(`cannot make ${file}: ${made.stderr}`);
  renameSync(unfinished, file);
}

/**
 * Makes the data below `dir` unless it is there for the same seed and size.
 * @param last  the day after the last one of the data; today where it is not said.
 * @return {made: bool, erp, till, crm: paths, counts: {table: rows}}
 */
export function makeSystems({dir, seed = 1, size = 'small', last = undefined}) {
  const folder = resolve(dir);
  mkdirSync(folder, {recursive: true});
  const paths = {erp: join(folder, 'erp.db'), till: join(folder, 'till.db'), crm: join(folder, 'crm.json')};
  const note = join(folder, 'systems.json');
  if (existsSync(note)) {
    const known = JSON.parse(readFileSync(note, 'utf8'));
    if (known.seed === seed && known.size === size) return {made: false, ...paths, counts: known.counts};
  }
  const day = last ?? new Date(Math.floor(Date.now() / 86400000) * 86400000);
  const data = makeData(seed, size, day);
  makeDatabase(paths.erp, data.erp);
  makeDatabase(paths.till, data.till);
  writeFileSync(paths.crm, JSON.stringify(data.crm));
  const counts = Object.fromEntries(Object.entries({...data.erp, ...data.till, ...data.crm}).map(([name, rows]) => [name, rows.length]));
  writeFileSync(note, JSON.stringify({seed, size, last: day.toISOString().slice(0, 10), counts}, null, 1));
  return {made: true, ...paths, counts};
}

/** Installs the packaged REST server where it is missing; quiet where it is there. */
export function installServer() {
  if (existsSync(SERVER)) return false;
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {cwd: HERE, encoding: 'utf8'});
  if (done.error || done.status !== 0) throw new Error(`npm ci failed: ${done.error?.message ?? done.stderr}`);
  return true;
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const {port} = probe.address();
      probe.close(() => done(port));
    });
  });
}

/**
 * Starts the REST server over `file` on loopback, and waits until it answers.
 * @return {url, stop(): ends it}; it also ends with this process.
 */
export async function startServer({file, port = 0}) {
  installServer();
  const chosen = port || (await freePort());
  const child = spawn(process.execPath, [SERVER, '--host', '127.0.0.1', '--port', String(chosen), '--quiet', file],
    {stdio: ['ignore', 'ignore', 'pipe']});
  let errors = '';
  child.stderr.on('data', (text) => { errors += text; });
  const stop = () => child.kill('SIGTERM');
  process.on('exit', stop);
  const url = `http://127.0.0.1:${chosen}`;
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`the REST server ended: ${errors}`);
    try {
      const answer = await fetch(`${url}/companies?_limit=1`);
      if (answer.ok) return {url, stop};
    } catch {
      await new Promise((done) => setTimeout(done, 50));  // it is not listening yet
    }
  }
  stop();
  throw new Error(`the REST server does not answer on ${url}`);
}

/** Puts what the mappings in config/connectors name as !secret into `folder`, each readable by its owner alone. */
export function writeSecrets({folder, erp, till, url}) {
  const secrets = {'erp/database': erp, 'till/database': till, 'crm/url': url, 'books/url': url};
  for (const [name, text] of Object.entries(secrets)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), {recursive: true, mode: 0o700});
    writeFileSync(file, text, {mode: 0o600});
    chmodSync(file, 0o600);
  }
}

function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 && at + 1 < process.argv.length ? process.argv[at + 1] : otherwise;
}

async function main() {
  const dir = option('dir', '.demo');
  const made = makeSystems({dir, seed: Number(option('seed', '1')), size: option('size', 'small')});
  process.stderr.write(`${made.made ? 'made' : 'kept'} ${Object.entries(made.counts).map(([name, count]) => `${count} ${name}`).join(', ')}\n`);
  if (process.argv[2] !== 'serve') return;
  const {url} = await startServer({file: made.crm, port: Number(option('port', '0'))});
  process.stdout.write(`${url}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));  // and the server goes too
  main().catch((failure) => {
    process.stderr.write(`${failure.message}\n`);
    process.exit(1);
  });
}

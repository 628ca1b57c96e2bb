// Starts talond for the demo, with its settings and data below the demo's folder, and stops it again.
import {spawn} from 'node:child_process';
import {existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PROGRAM = join(ROOT, 'build', 'release', 'bin', 'talond');

/** Settings that use this checkout's policies, mappings and reports, and keep data and secrets below `dir`. */
function writeSettings(dir, port) {
  const documents = ['policies', 'connectors', 'reports'].map((name) => `${name}: ${join(ROOT, 'config', name)}`);
  mkdirSync(join(dir, 'config'), {recursive: true});
  writeFileSync(join(dir, 'config', 'talon.yaml'), `# Written by ./run demo.
listen: {address: 127.0.0.1, port: ${port}}
storage: {url: "sqlite:talon.db"}
plugins: {mandatory: [access, audit]}
documents: {${documents.join(', ')}}
`);
}

/**
 * Starts talond and waits until it serves.
 * @param first  {email, name, password} of the first administrator; made where the database is new.
 * @return {url, stop(): waits for its end}.
 */
export async function startTalond({dir, port, first}) {
  writeSettings(dir, port);
  const portFile = join(dir, 'port');
  rmSync(portFile, {force: true});
  const parameters = ['--config', join(dir, 'config', 'talon.yaml'), '--port-file', portFile];
  if (!existsSync(join(dir, 'var', 'talon.db'))) {
    const file = join(dir, 'first-administrator.json');
    writeFileSync(file, JSON.stringify(first), {mode: 0o600});
    parameters.push('--bootstrap', file);
  }
  const log = join(dir, 'talond.log');
  const child = spawn(PROGRAM, parameters, {stdio: ['ignore', 'ignore', openSync(log, 'a')]});
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  process.on('exit', () => child.kill('SIGTERM'));
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (child.exitCode !== null) throw new Error(`talond ended; ${log} ends:\n${readFileSync(log, 'utf8').slice(-2000)}`);
    if (existsSync(portFile)) return {url: `http://127.0.0.1:${readFileSync(portFile, 'utf8').trim()}`, stop, ended};
    await new Promise((done) => setTimeout(done, 50));
  }
  await stop();
  throw new Error(`talond does not answer; see ${log}`);
}

// ./run demo: the main job from end to end on real parts. Each step may be run again and doubles nothing.
import {mkdirSync} from 'node:fs';
import {join, resolve} from 'node:path';

import {startTalond} from './daemon.mjs';
import {Caller} from './api.mjs';
import {billTime, issueInvoices, pushInvoices} from './billing.mjs';
import {chargeFranchiseFees} from './franchise.mjs';
import {ADMINISTRATOR, findParties, makePeople, PASSWORD} from './people.mjs';
import {showReports} from './reports.mjs';
import {installServer, makeSystems, startServer, writeSecrets} from './systems.mjs';

const started = Date.now();
const seconds = () => ((Date.now() - started) / 1000).toFixed(1);
const say = (text = '') => process.stdout.write(`${text}\n`);
const step = (text) => say(`\n== ${text}`);

/** Says which options there are, and ends. */
function usage(code, words = '') {
  process.stderr.write(`${words}./run demo [--once] [--port N] [--dir DIR] [--seed N] [--size small|medium|large]\n`);
  process.exit(code);
}

/** What stands behind the options that take something. */
const WANTS = {port: 'a number', seed: 'a number', dir: 'a folder', size: 'small, medium or large'};

function readOptions(words) {
  const options = {once: false, port: 0, dir: '.demo', seed: 1, size: 'small'};
  for (let i = 0; i < words.length; i++) {
    const name = words[i].replace(/^--/, '');
    if (name === 'help') usage(0);
    else if (name === 'once') options.once = true;
    else if (['port', 'seed'].includes(name) && /^\d+$/.test(words[i + 1] ?? '')) options[name] = Number(words[++i]);
    else if (name === 'dir' && words[i + 1]) options.dir = words[++i];
    else if (name === 'size' && ['small', 'medium', 'large'].includes(words[i + 1])) options.size = words[++i];
    else usage(2, `demo: ${WANTS[name] ? `--${name} wants ${WANTS[name]}` : `unknown option ${words[i]}`}\n`);
  }
  return options;
}

/** One connector's streams with their counts, and the reasons of what was set aside. */
async function sync(administrator, connector) {
  const answer = await administrator.command('sync', 'run', {connector, json: true});
  for (const {stream, counts} of answer.streams) {
    const read = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const column = (name, count) => `${name} ${String(count).padStart(4)}`;
    say(`   ${`${connector}.${stream}`.padEnd(18)} ${column('in', read)}   ${column('created', counts.created)}   ` +
      `${column('changed', counts.changed)}   ${column('rejected', counts.rejected)}   ${column('waiting', counts.deferred)}`);
  }
  const rejects = await administrator.list('sync_rejects', {where: `connector is ${connector}`, order: 'stream,external_id'});
  const shown = rejects.filter((reject) => reject.kind === 'rejected');
  for (const reject of shown.slice(0, 6)) say(`      rejected: ${reject.stream} ${reject.external_id}: ${withoutPath(reject.reason)}`);
  if (rejects.length > 6) say(`      … ${rejects.length} set aside in all; \`talon sync rejects ${connector}\` lists them`);
}

/** Reasons name the mapping's line by its full path; the last part is enough here. */
function withoutPath(reason) {
  return reason.replace(/\(\S*\/([\w.]+:\d+)\)/, '($1)');
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  const dir = resolve(options.dir);
  mkdirSync(dir, {recursive: true});
  say('packages: there · build: done');

  step('External systems: an ERP and a till behind ODBC, a CRM and an accounting service behind HTTP');
  if (installServer()) say('   installed the packaged REST server');
  const systems = makeSystems({dir: join(dir, 'systems'), seed: options.seed, size: options.size});
  const server = await startServer({file: systems.crm});
  writeSecrets({folder: join(dir, 'config', 'secrets'), erp: systems.erp, till: systems.till, url: server.url});
  say(`   ${systems.made ? 'made' : 'kept'}: ${Object.entries(systems.counts).map(([name, count]) => `${count} ${name}`).join(', ')}`);

  step('talond');
  const talond = await startTalond({dir, port: options.port, first: ADMINISTRATOR});
  say(`   serves ${talond.url}`);
  const administrator = await Caller.signIn(talond.url, ADMINISTRATOR);

  const workers = await makePeople(administrator, talond.url, 'workers');
  step('Synchronised');
  for (const connector of ['erp', 'crm', 'till']) await sync(administrator, connector);

  const parties = await findParties(administrator);
  const people = {...workers, ...(await makePeople(administrator, talond.url, 'all', parties))};

  step('Invoices from approved time');
  await billTime(people, parties, say);
  await issueInvoices(people, say);
  step("A month's franchise fees");
  await chargeFranchiseFees(administrator, people, parties, say);
  step('Issued invoices in the accounting service');
  await pushInvoices(administrator, server.url, say);

  step("The franchisor's report, and the same request by others");
  await showReports(people, say);

  step(`Done in ${seconds()} s`);
  say(`   ${talond.url}/api/v1   (no pages: the API, described in /openapi.json)   sign-ins, all with the password "${PASSWORD}":`);
  say(`   ${'admin'.padEnd(12)} ${ADMINISTRATOR.email}   (build/release/bin/talon --server ${talond.url} login --email … --password-file -)`);
  for (const person of Object.values(people)) say(`   ${person.role.padEnd(12)} ${person.email}`);
  if (options.once) {
    await talond.stop();
    server.stop();
    process.exit(0);
  }
  say('   Ctrl-C ends it.');
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, async () => {
      await talond.stop();
      process.exit(0);
    });
  }
  await talond.ended;
}

main().catch((failure) => {
  process.stderr.write(`demo: ${failure.stack ?? failure.message}\n`);
  process.exit(1);
});

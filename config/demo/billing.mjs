// Time to drafts, drafts to issued invoices, issued invoices to the accounting service.

/** Bills the approved time of every client into a draft, a client at a time. */
export async function billTime(people, parties, say) {
  const ann = people.ann.caller;
  await makeRate(ann);
  const entries = await ann.list('timesheet_entries', {where: 'state is approved and is_billable is on', fields: 'id,client,day'});
  const days = new Map();
  for (const entry of entries) {
    const span = days.get(entry.client) ?? {from: entry.day, to: entry.day};
    days.set(entry.client, {from: entry.day < span.from ? entry.day : span.from, to: entry.day > span.to ? entry.day : span.to});
  }
  for (const [client, span] of days) await ann.act('timesheet_entries', '', 'bill', {client, company: parties.company.id, ...span});
  say(`   ${entries.length} approved entries of ${days.size} clients billed into drafts`);
}

/** One rate for everything, where there is none yet. */
async function makeRate(ann) {
  const rates = await ann.list('rates', {limit: '1'});
  if (rates.length === 0) await ann.create('rates', {currency: 'EUR', per_hour: '95.00', vat_rate: '19.00', valid_from: '2020-01-01'});
}

/** One person drafts, another approves; then all that is approved is issued in one run. */
export async function issueInvoices(people, say) {
  const {ann, bob} = people;
  const drafts = await ann.caller.list('invoices', {where: 'state is draft', fields: 'id'});
  for (const draft of drafts) await bob.caller.act('invoices', draft.id, 'approve');
  const approved = await ann.caller.list('invoices', {where: 'state is approved', fields: 'id', order: 'id'});
  for (const invoice of approved) await ann.caller.act('invoices', invoice.id, 'issue');
  const issued = await ann.caller.list('invoices', {where: 'state is issued', fields: 'id,number,client.name,gross_total', order: 'number'});
  say(`   ${approved.length} issued now, ${issued.length} in all:`);
  for (const invoice of issued.slice(0, 8)) {
    say(`   ${invoice.number}  ${invoice.gross_total.amount.padStart(12)} ${invoice.gross_total.currency}  ${invoice['client.name']}`);
  }
  if (issued.length > 8) say(`   … to ${issued.at(-1).number}`);
}

/** Sends what waits, and counts what the accounting service has. */
export async function pushInvoices(administrator, service, say) {
  let waiting = 1;
  for (let attempt = 0; attempt < 100 && waiting > 0; attempt++) {
    const sent = await administrator.command('sync', 'push', {json: true});
    waiting = (await administrator.list('sync_deliveries', {where: 'state is not done', fields: 'id,state'})).length;
    if (sent.failed + sent.conflicts > 0) throw new Error(`the accounting service refused: ${JSON.stringify(sent)}`);
    if (waiting > 0) await new Promise((done) => setTimeout(done, 100));
  }
  const there = await (await fetch(`${service}/invoices`)).json();
  const references = new Set(there.map((invoice) => invoice.reference));
  if (references.size !== there.length) throw new Error('a document is in the accounting service twice');
  say(`   the service has ${there.length} documents, each once; ${waiting} wait`);
}

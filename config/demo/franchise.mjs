// A month's franchise fees: contract, statement, confirmation, fee invoice.

/** Any day of the month before this one, YYYY-MM-DD. */
function lastMonth() {
  const day = new Date();
  day.setUTCDate(0);
  return day.toISOString().slice(0, 10);
}

export async function chargeFranchiseFees(administrator, people, parties, say) {
  const ann = people.ann.caller;
  await makeSeries(administrator, parties.franchisors, new Date().getUTCFullYear());
  const date = lastMonth();
  for (const franchisee of parties.franchisees) {
    const contract = await contractOf(ann, franchisee);
    let [statement] = await ann.list('franchise_statements',
      {where: `contract is ${contract.id} and period_start <= ${date} and period_end >= ${date}`});
    if (!statement) {
      await ann.act('franchise_statements', '', 'compute', {contract: contract.id, date});
      [statement] = await ann.list('franchise_statements',
        {where: `contract is ${contract.id} and period_start <= ${date} and period_end >= ${date}`});
    }
    if (statement.state === 'draft') await ann.act('franchise_statements', statement.id, 'confirm');
    if (!statement.invoice) await ann.act('franchise_statements', statement.id, 'invoice', {});
    const done = await ann.get(`/api/v1/franchise_statements/${statement.id}`);
    const invoice = await ann.get(`/api/v1/invoices/${done.invoice}`);
    say(`   ${franchisee.number} ${franchisee.name.padEnd(28)} ${date.slice(0, 7)}  fee invoice ${invoice.number} ` +
      `${invoice.gross_total.amount} ${invoice.gross_total.currency}`);
  }
}

/** A franchisor is a legal entity of its own: its numbers must not read like anybody else's. */
async function makeSeries(administrator, franchisors, year) {
  for (const franchisor of franchisors) {
    const where = `company is ${franchisor.id} and year is ${year}`;
    if ((await administrator.list('number_series_list', {where, fields: 'id'})).length > 0) continue;
    await administrator.create('number_series_list', {company: franchisor.id, kind: 'invoice', code: 'standard', year,
      format: `${franchisor.number}-{year}-{n:5}`});
  }
}

async function contractOf(ann, franchisee) {
  const number = `FC-${franchisee.number}`;
  const [known] = await ann.list('franchise_contracts', {where: `number is "${number}"`, fields: 'id,state'});
  const contract = known ?? await ann.create('franchise_contracts', {
    number, franchisor: franchisee.franchisor, franchisee: franchisee.id, valid_from: '2020-01-01', currency: 'EUR',
    percentage: '6.5000', advertising_percentage: '1.0000', minimum: '150.00',
  });
  if (contract.state === 'draft') await ann.act('franchise_contracts', contract.id, 'activate');
  return contract;
}

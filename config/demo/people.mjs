// The demo's people: workers that the CRM's time entries name, and one person per role.
import {Caller, Refusal} from './api.mjs';
import {WORKERS} from './systems.mjs';

export const PASSWORD = 'correct horse battery 7';
export const ADMINISTRATOR = {email: 'admin@talon.example', name: 'Ada Admin', password: PASSWORD};

/** The parties that the demo's people belong to, found by their numbers after the first sync. */
export async function findParties(administrator) {
  const company = await ours(administrator);
  const by = async (where, order = 'number') =>
    administrator.list('parties', {where, order, fields: 'id,number,name,currency,franchisor', limit: '500'});
  return {
    company,
    clients: await by('is_client is on and is_franchisee is off and is_active is on'),
    suppliers: await by('is_supplier is on'),
    franchisors: await by('is_franchisor is on'),
    franchisees: await by('is_franchisee is on'),
  };
}

/** Our own legal entity, which sells. */
async function ours(administrator) {
  const known = await administrator.list('parties', {where: 'number is "OWN-1"', fields: 'id,name'});
  if (known.length > 0) return known[0];
  return administrator.create('parties', {
    number: 'OWN-1', name: 'Talon Services GmbH', legal_name: 'Talon Services GmbH', is_company: true,
    vat_number: 'DE123456789', iban: 'DE89370400440532013000', country: 'DE', city: 'Berlin', postcode: '10115',
    address_line1: 'Chausseestraße 1', currency: 'EUR',
  });
}

function wanted(parties) {
  const fact = (party) => [party.id];
  return {
    ann: {role: 'accountant', email: 'ann@talon.example', name: 'Ann Accountant', facts: {approval_limit: ['100000 EUR']}},
    bob: {role: 'accountant', email: 'bob@talon.example', name: 'Bob Approver', facts: {approval_limit: ['100000 EUR']}},
    client: {role: 'client', email: 'client@talon.example', name: 'Clio Client', facts: {client: fact(parties.clients[0])}},
    supplier: {role: 'supplier', email: 'supplier@talon.example', name: 'Sven Supplier', facts: {supplier: fact(parties.suppliers[0])}},
    franchisor: {role: 'franchisor', email: 'franchisor@talon.example', name: 'Fran Franchisor', facts: {franchisor: fact(parties.franchisors[0])}},
    other: {role: 'franchisor', email: 'franchisor2@talon.example', name: 'Otto Other', facts: {franchisor: fact(parties.franchisors[1])}},
    franchisee: {role: 'franchisee', email: 'franchisee@talon.example', name: 'Fee Franchisee', facts: {franchisee: fact(parties.franchisees[0])}},
    auditor: {role: 'auditor', email: 'auditor@talon.example', name: 'Aud Auditor', facts: {}},
  };
}

/** Signs each person in, inviting those who are not there yet. @return {key: {role, email, caller}}. */
export async function makePeople(administrator, base, which, parties) {
  const list = which === 'workers'
    ? Object.fromEntries(WORKERS.map((email, i) => [`worker${i}`, {role: 'time_only', email, name: email.split('@')[0], facts: {}}]))
    : wanted(parties);
  const people = {};
  for (const [key, person] of Object.entries(list)) {
    people[key] = {...person, caller: await signInOrInvite(administrator, base, person)};
  }
  return people;
}

async function signInOrInvite(administrator, base, person) {
  const known = await administrator.list('users', {where: `email is "${person.email}"`, fields: 'id,state'});
  if (known.length > 0 && known[0].state === 'disabled') {
    throw new Error(`${person.email} is disabled in this demo's folder, and signs in for it: begin anew with another --dir`);
  }
  if (known.length > 0) return Caller.signIn(base, {email: person.email, password: PASSWORD});
  const invited = await administrator.command('access', 'invite',
    {email: person.email, name: person.name, roles: [person.role], facts: person.facts});
  try {
    return await Caller.signIn(base, {email: person.email, code: invited.code, password: PASSWORD});
  } catch (refused) {
    if (refused instanceof Refusal) throw new Error(`${person.email} could not take the invitation up: ${refused.message}`);
    throw refused;
  }
}

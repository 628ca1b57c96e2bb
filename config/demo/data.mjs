// Makes the demo's sample data: the same seed gives the same bytes, faults of real data included.

const SIZES = {
  small: {customers: 40, suppliers: 15, products: 25, orders: 200, deliveries: 40, franchisees: 3, days: 60, entries: 300},
  medium: {customers: 400, suppliers: 100, products: 250, orders: 3000, deliveries: 500, franchisees: 20, days: 180, entries: 4000},
  large: {customers: 4000, suppliers: 800, products: 2000, orders: 40000, deliveries: 6000, franchisees: 100, days: 365, entries: 30000},
};

const WORDS = ['Nordlicht', 'Étoile', 'Brücke', 'Harbour', 'Quercy', 'Sierra', 'Żubr', 'Mistral', 'Ljósið', 'Aurora',
  'Castor', 'Delta', 'Fjord', 'Garonne', 'Hélice', 'Isar', 'Jura', 'Kestrel', 'Loire', 'Meridian'];
const TRADES = ['Logistics', 'Bau GmbH', 'Conseil', 'Studio', 'Foods', 'Énergie', 'Print', 'Systems', '& Sons', 'Maritime'];
const FIRST = ['Ana', 'Björn', 'Chloé', 'Dmitri', 'Eirik', 'Fatma', 'Grażyna', 'Hugo', 'Inès', 'Jürgen', "O'Neil", 'Siân'];
const LAST = ['Müller', 'Lefèvre', 'García', 'Novák', 'Sørensen', 'Yılmaz', 'Kowalska', 'Brontë', 'Ng', "D'Arcy"];
const CITIES = [['Lyon', '69002', 'FR'], ['Berlin', '10115', 'DE'], ['Brussels', '1000', 'BE'], ['Madrid', '28001', 'ES'],
  ['Lille', '59000', 'FR'], ['Hamburg', '20095', 'DE']];
const ACTIVITIES = ['consulting', 'development', 'support', 'training'];
const CATEGORIES = ['hot drinks', 'cold drinks', 'bakery', 'merchandise', 'gift cards'];

/** The people whose time the CRM knows; the last one has left and has no account. */
export const WORKERS = ['nina@example.com', 'tom@example.com', 'sam@example.com'];
export const FORMER_WORKER = 'gone@example.com';

/** mulberry32: a small generator whose whole state is one integer. */
function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return {
    int: (least, most) => least + (next() % (most - least + 1)),
    pick: (list) => list[next() % list.length],
  };
}

const pad = (number, width) => String(number).padStart(width, '0');

/** An amount in hundredths as exact text. */
function amount(hundredths) {
  const sign = hundredths < 0 ? '-' : '';
  const digits = pad(Math.abs(hundredths), 3);
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The day `back` days before the last one of the data. */
function day(last, back) {
  return new Date(last.getTime() - back * 86400000).toISOString().slice(0, 10);
}

/** Times grow with the row, with microseconds, as a busy system writes them. */
function stamp(date, row) {
  return `${date} 08:${pad(Math.floor(row / 60) % 60, 2)}:${pad(row % 60, 2)}.${pad((row * 7919) % 1000000, 6)}`;
}

function customers(size, random, last) {
  const rows = [];
  for (let i = 1; i <= size.customers; i++) {
    const [city, postcode, country] = random.pick(CITIES);
    const name = `${random.pick(WORDS)} ${random.pick(TRADES)}${i > 20 ? ` ${i}` : ''}`;
    const email = `accounts@customer${i}.example`;
    rows.push({id: i, code: `C-${pad(i, 4)}`, name, legal_name: name, vat_id: `${country}${pad(random.int(1, 99999999999), 11)}`,
      email, country, city, postcode, street: `${random.int(1, 200)} ${random.pick(WORDS)} street`,
      currency: 'EUR', credit_limit: amount(random.int(1, 500) * 10000), active: 1,
      updated_at: stamp(day(last, random.int(0, 90)), i)});
  }
  // Faults of real data: a missing name, an address that is none, an unknown currency, a bell character, an e-mail used
  // twice, a formula, spaces around, a VAT number with blanks.
  const at = (i) => rows[Math.min(i, rows.length - 1)];
  at(4).name = '';
  at(9).email = 'n/a';
  at(14).currency = 'XQQ';
  at(19).name = 'Ding\u0007Dong Bells';
  at(21).email = at(20).email;
  at(22).name = '=HYPERLINK("x")';
  at(23).name = '   Spacious Ltd   ';
  at(24).vat_id = 'fr 12 345 678 901';
  at(25).name = '株式会社 Ωmega 🚢 "Quoted", Ltd.';
  at(26).country = 'United Kingdom';
  at(30).active = 0;
  return rows;
}

function suppliers(size, random, last) {
  return Array.from({length: size.suppliers}, (_, n) => {
    const i = n + 1;
    const [city, postcode, country] = random.pick(CITIES);
    return {id: i, code: `S-${pad(i, 3)}`, name: `${random.pick(WORDS)} Supplies ${i}`, email: `sales@supplier${i}.example`,
      country, city, postcode, currency: 'EUR', iban: i === 3 ? '' : `FR76${pad(random.int(1, 99999999), 23)}`,
      updated_at: stamp(day(last, random.int(0, 90)), i)};
  });
}

function partners(size) {
  const rows = [
    {id: 1, kind: 'franchisor', code: 'FO-1', name: 'Kaffeehaus Franchise SE', franchisor_id: null},
    {id: 2, kind: 'franchisor', code: 'FO-2', name: 'Boulangerie du Port SAS', franchisor_id: null},
  ];
  for (let i = 1; i <= size.franchisees; i++) {
    rows.push({id: 10 + i, kind: 'franchisee', code: `FE-${pad(i, 2)}`, name: `Branch operator ${i} ${WORDS[i % WORDS.length]}`,
      franchisor_id: i % 3 === 0 ? 2 : 1});
  }
  return rows;
}

function products(size, random, last) {
  return Array.from({length: size.products}, (_, n) => {
    const i = n + 1;
    return {id: i, sku: `SKU-${pad(i, 4)}`, title: `${random.pick(WORDS)} item ${i}`, unit: i === 7 ? 'FURLONG' : random.pick(['PC', 'H', 'KG']),
      list_price: amount(random.int(150, 90000)), vat_rate: random.pick(['20.00', '10.00', '5.50']),
      discontinued_at: i % 11 === 0 ? day(last, 30) : null, updated_at: stamp(day(last, random.int(0, 90)), i)};
  });
}

function orders(size, random, last) {
  const heads = [];
  const lines = [];
  for (let i = 1; i <= size.orders; i++) {
    const date = day(last, random.int(1, 80));
    heads.push({id: i, customer_id: i === 50 ? 999999 : random.int(1, size.customers), order_no: `O-${pad(i, 6)}`, ordered_on: date,
      currency: i === 60 ? 'XXY' : 'EUR', status: i % 17 === 0 ? 'DRAFT' : random.pick(['NEW', 'CONFIRMED', 'CONFIRMED', 'CANCELLED']),
      note: i % 10 === 0 ? 'Délai: 3 semaines — "urgent"' : null, updated_at: stamp(date, i)});
    for (let line = 1; line <= random.int(1, 4); line++) {
      lines.push({id: lines.length + 1, order_id: i, line_no: line, product_id: random.int(1, size.products),
        qty: i === 70 && line === 1 ? '1,5' : amount(random.int(50, 2000)), unit_price: amount(random.int(150, 90000))});
    }
  }
  return [heads, lines];
}

function deliveries(size, random, last) {
  const heads = [];
  const lines = [];
  for (let i = 1; i <= size.deliveries; i++) {
    const date = day(last, random.int(1, 80));
    heads.push({id: i, supplier_id: random.int(1, size.suppliers), delivery_no: `D-${pad(i, 5)}`, delivered_on: date, currency: 'EUR',
      updated_at: stamp(date, i)});
    for (let line = 1; line <= random.int(1, 3); line++) {
      lines.push({id: lines.length + 1, delivery_id: i, line_no: line, product_id: random.int(1, size.products),
        qty: amount(random.int(100, 5000)), unit_price: amount(random.int(100, 40000))});
    }
  }
  return [heads, lines];
}

function sales(size, random, last) {
  const rows = [];
  for (let store = 1; store <= size.franchisees; store++) {
    for (let back = size.days; back >= 1; back--) {
      for (const category of CATEGORIES) {
        const net = random.int(4000, 60000);
        const tax = Math.round(net / 5);
        rows.push({id: rows.length + 1, store: `FE-${pad(store, 2)}`, day: day(last, back), category, kind: 'S', currency: 'EUR',
          net: amount(net), tax: amount(tax), gross: amount(net + tax), tickets: random.int(5, 90)});
      }
      if (back % 13 === 0) {
        rows.push({id: rows.length + 1, store: `FE-${pad(store, 2)}`, day: day(last, back), category: 'merchandise', kind: 'R',
          currency: 'EUR', net: '-19.90', tax: '-3.98', gross: '-23.88', tickets: 1});
      }
    }
  }
  // A store that nobody knows, and a till that was set to a currency of its own.
  rows.push({id: rows.length + 1, store: 'FE-99', day: day(last, 1), category: 'bakery', kind: 'S', currency: 'EUR', net: '10.00',
    tax: '2.00', gross: '12.00', tickets: 1});
  rows.push({id: rows.length + 1, store: 'FE-01', day: day(last, 1), category: 'bakery', kind: 'S', currency: 'BTC', net: '0.01',
    tax: '0.00', gross: '0.01', tickets: 1});
  return rows;
}

function crm(size, random, last, clients) {
  const companies = clients.map((client) => ({id: 1000 + client.id, code: client.code, name: client.name.trim() || `Customer ${client.id}`,
    phone: `+33 4 ${pad(random.int(0, 99999999), 8)}`, updatedAt: `${day(last, client.id % 60)}T09:00:00.${pad(client.id, 3)}Z`}));
  companies.push({id: 5001, code: null, name: 'Prospect Åland Ab', phone: null, updatedAt: `${day(last, 1)}T10:00:00.000Z`});
  companies.push({id: 5002, code: companies[2].code, name: `${companies[2].name} (duplicate)`, phone: null, updatedAt: `${day(last, 1)}T10:00:01.000Z`});
  const contacts = [];
  for (const company of companies.slice(0, clients.length)) {
    const count = random.int(1, 2);
    for (let n = 0; n < count; n++) {
      const id = contacts.length + 1;
      contacts.push({id, companyId: company.id, properties: {firstName: random.pick(FIRST), lastName: random.pick(LAST),
        email: `person${id}@company${company.id}.example`, invoices: n === 0}, updatedAt: `${day(last, id % 60)}T11:00:00.${pad(id % 1000, 3)}Z`});
    }
  }
  contacts[3].properties.email = 'not an address';
  contacts[5].properties.lastName = null;
  contacts[7].companyId = 999999;
  const timeEntries = Array.from({length: size.entries}, (_, n) => ({
    id: n + 1, companyId: 1000 + random.int(1, Math.min(size.customers, 30)),
    worker: n === 11 ? FORMER_WORKER : random.pick(WORKERS), date: day(last, random.int(1, 60)),
    hours: n === 17 ? '0.33' : pad(random.int(1, 32) * 25, 3).replace(/(\d\d)$/, '.$1'),
    activity: random.pick(ACTIVITIES), note: n % 25 === 0 ? 'Réunion — "kick-off" 🚀' : '', billable: n % 9 !== 0,
    updatedAt: `${day(last, n % 60)}T12:00:00.${pad(n % 1000, 3)}Z`}));
  return {companies, contacts, time_entries: timeEntries, invoices: []};
}

/**
 * @param seed  an integer.  @param size  "small", "medium" or "large".
 * @param last  the day after the last one of the data, a Date at midnight UTC.
 * @return {erp: {table: rows}, till: {table: rows}, crm: object}
 */
export function makeData(seed, size, last) {
  const counts = SIZES[size];
  if (counts === undefined) throw new Error(`--size ${size} is not one of ${Object.keys(SIZES).join(', ')}`);
  const random = generator(seed);
  const clients = customers(counts, random, last);
  const [orderHeads, orderLines] = orders(counts, random, last);
  const [deliveryHeads, deliveryLines] = deliveries(counts, random, last);
  return {
    erp: {customers: clients, suppliers: suppliers(counts, random, last), partners: partners(counts), products: products(counts, random, last),
      orders: orderHeads, order_lines: orderLines, deliveries: deliveryHeads, delivery_lines: deliveryLines},
    till: {daily_sales: sales(counts, random, last)},
    crm: crm(counts, random, last, clients),
  };
}

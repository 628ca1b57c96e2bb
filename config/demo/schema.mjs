// The tables of the demo's external databases, in SQL that SQLite and PostgreSQL both take.

const TABLES = {
  customers: `id bigint primary key, code varchar(20) not null, name varchar(200), legal_name varchar(200), vat_id varchar(40),
    email varchar(200), country varchar(40), city varchar(100), postcode varchar(20), street varchar(200), currency varchar(3),
    credit_limit numeric(18,2), active smallint, updated_at timestamp not null`,
  suppliers: `id bigint primary key, code varchar(20) not null, name varchar(200), email varchar(200), country varchar(40),
    city varchar(100), postcode varchar(20), currency varchar(3), iban varchar(40), updated_at timestamp not null`,
  partners: `id bigint primary key, kind varchar(20) not null, code varchar(20) not null, name varchar(200), franchisor_id bigint`,
  products: `id bigint primary key, sku varchar(60) not null, title varchar(200), unit varchar(20), list_price numeric(18,4),
    vat_rate numeric(5,2), discontinued_at date, updated_at timestamp not null`,
  orders: `id bigint primary key, customer_id bigint, order_no varchar(30), ordered_on date, currency varchar(3),
    status varchar(20), note text, updated_at timestamp not null`,
  order_lines: `id bigint primary key, order_id bigint not null, line_no integer, product_id bigint, qty varchar(20),
    unit_price numeric(18,4)`,
  deliveries: `id bigint primary key, supplier_id bigint, delivery_no varchar(30), delivered_on date, currency varchar(3),
    updated_at timestamp not null`,
  delivery_lines: `id bigint primary key, delivery_id bigint not null, line_no integer, product_id bigint, qty varchar(20),
    unit_price numeric(18,4)`,
  daily_sales: `id bigint primary key, store varchar(20), day date, category varchar(60), kind varchar(1), currency varchar(3),
    net numeric(18,2), tax numeric(18,2), gross numeric(18,2), tickets integer`,
};

function literal(value) {
  if (value === null || value === undefined) return 'null';
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}

/** SQL that makes and fills the tables of `database` ({table: rows}), in one transaction. */
export function* statements(database) {
  yield 'begin;\n';
  for (const [table, rows] of Object.entries(database)) {
    yield `create table ${table} (${TABLES[table]});\n`;
    for (let begin = 0; begin < rows.length; begin += 500) {
      const values = rows.slice(begin, begin + 500).map((row) => `(${Object.values(row).map(literal).join(',')})`);
      yield `insert into ${table} (${Object.keys(rows[0]).join(',')}) values ${values.join(',\n')};\n`;
    }
  }
  for (const [table, index] of [['orders', 'updated_at, id'], ['order_lines', 'order_id'], ['delivery_lines', 'delivery_id']]) {
    if (database[table] !== undefined) yield `create index ${table}_by on ${table} (${index});\n`;
  }
  yield 'commit;\n';
}

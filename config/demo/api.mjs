// A caller of Talon's API for the demo: one person's session.
import {createHash} from 'node:crypto';

export class Refusal extends Error {
  constructor(method, path, status, problem) {
    const more = (problem.errors ?? []).map((error) => `${error.pointer ?? ''} ${error.message}`).join('; ');
    super(`${method} ${path}: ${status} ${problem.detail ?? problem.title ?? ''}${more ? ` (${more})` : ''}`);
    this.status = status;
    this.problem = problem;
  }
}

export class Caller {
  constructor(base, token = '') {
    this.base = base;
    this.token = token;
  }

  async text(method, path, body, headers = {}) {
    const answer = await fetch(`${this.base}${path}`, {
      method,
      headers: {...(this.token ? {Authorization: `Bearer ${this.token}`} : {}), 'Content-Type': 'application/json', ...headers},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.ok) return text;
    let problem = {};
    try {
      problem = JSON.parse(text);
    } catch {
      problem = {detail: text};
    }
    throw new Refusal(method, path, answer.status, problem);
  }

  async json(method, path, body, headers) {
    const text = await this.text(method, path, body, headers);
    return text === '' ? {} : JSON.parse(text);
  }

  get(path) {
    return this.json('GET', path);
  }

  /** All rows of a list, page by page. */
  async list(plural, parameters = {}) {
    const rows = [];
    for (let cursor = ''; ;) {
      const query = new URLSearchParams({limit: '500', ...parameters, ...(cursor ? {cursor} : {})});
      const page = await this.get(`/api/v1/${plural}?${query}`);
      rows.push(...page.items);
      if (!page.next) return rows;
      cursor = page.next;
    }
  }

  /** Creates a record. The key is made of what is asked for: asked twice, it is made once. */
  create(plural, body) {
    return this.json('POST', `/api/v1/${plural}`, body, {'Idempotency-Key': keyOf(plural, body)});
  }

  /** Runs an action on a record, or on the type where `id` is empty. */
  act(plural, id, action, input = {}) {
    const path = id ? `/api/v1/${plural}/${id}/${action}` : `/api/v1/${plural}/actions/${action}`;
    return this.json('POST', path, input, {'Idempotency-Key': keyOf(path, input)});
  }

  /** Runs a plugin's command; its answer is JSON. */
  command(plugin, command, args = {}) {
    return this.json('POST', `/api/v1/plugins/${plugin}/commands/${command}`, args);
  }

  static async signIn(base, credentials) {
    const session = await new Caller(base).json('POST', '/api/v1/session', credentials);
    return new Caller(base, session.token);
  }
}

function keyOf(...parts) {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

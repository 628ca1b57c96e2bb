// One report, asked for by four people: each sees their own or nothing.
import {Refusal} from './api.mjs';

export async function showReports(people, say) {
  for (const key of ['franchisor', 'other', 'client', 'supplier']) {
    const person = people[key];
    say(`   ${person.role} ${person.email}:  GET /api/v1/reports/turnover?format=csv`);
    try {
      const text = await person.caller.text('GET', '/api/v1/reports/turnover?format=csv');
      const lines = text.trimEnd().split(/\r?\n/);
      for (const line of lines.slice(0, 8)) say(`      ${line}`);
      if (lines.length === 1) say('      (no rows)');
      if (lines.length > 8) say(`      … ${lines.length - 1} rows`);
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused;
      say(`      nothing: ${refused.status} ${refused.problem.detail ?? refused.problem.title}`);
    }
  }
}

// A mail server for tests: STARTTLS, sign-in, and every letter as a line of JSON on standard output.
//   node mail.mjs CERTIFICATE KEY [MANNER]     prints {"port": N} first
// MANNER: `refuse` answers 451 to the first letter; `hang_up` breaks the connection at QUIT; `know_nobody` refuses sign-ins
import {readFileSync} from 'node:fs';
import {SMTPServer} from 'smtp-server';

const [certificate, key, mode] = process.argv.slice(2);
let refusals = mode === 'refuse' ? 1 : 0;
const print = value => process.stdout.write(JSON.stringify(value) + '\n');

const server = new SMTPServer({
  cert: readFileSync(certificate),
  key: readFileSync(key),
  authMethods: ['PLAIN', 'LOGIN'],
  allowInsecureAuth: false, // a client that skips STARTTLS does not get in
  onAuth(auth, session, done) {
    const fits = mode !== 'know_nobody' && auth.username === 'talon' && auth.password === 'the mail password';
    done(fits ? null : new Error('no'), fits ? {user: auth.username} : undefined);
  },
  onData(stream, session, done) {
    if (mode === 'hang_up') {
      for (const one of server.connections) one.handler_QUIT = () => one._socket.destroy();
    }
    const parts = [];
    stream.on('data', part => parts.push(part));
    stream.on('end', () => {
      if (refusals-- > 0) return done(Object.assign(new Error('come back later'), {responseCode: 451}));
      print({to: session.envelope.rcptTo.map(one => one.address), secure: session.secure, raw: Buffer.concat(parts).toString('utf8')});
      done();
    });
  },
});
server.on('error', () => {}); // of one connection: a client that does not trust us
server.listen(0, '127.0.0.1', () => print({port: server.server.address().port}));

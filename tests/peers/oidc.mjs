// A provider of OpenID Connect for tests, with pages for sign-in and consent that a program can fill in.
//   node oidc.mjs [PORT]     prints {"port": N} first; its keys are new at each start
// PUT /people {"ann": {"email", "groups"…}} says who there is; the account's name is the subject.
import {createServer} from 'node:http';
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import Provider from 'oidc-provider';

const people = new Map();
const key = () => {
  const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
  return {...privateKey.export({format: 'jwk'}), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256'};
};

let provider;
const server = createServer(async (request, response) => {
  if (request.method !== 'PUT') return provider.callback()(request, response);
  const parts = [];
  for await (const part of request) parts.push(part);
  people.clear();
  for (const [name, claims] of Object.entries(JSON.parse(Buffer.concat(parts)))) people.set(name, claims);
  response.end('{}');
});

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const {port} = server.address();
  provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: 'talon',
        client_secret: 'the client secret of talon',
        application_type: 'native', // loopback addresses on any port
        token_endpoint_auth_method: 'client_secret_basic',
        redirect_uris: ['http://127.0.0.1/api/v1/session/with/oidc/return'],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    jwks: {keys: [key()]},
    cookies: {keys: [randomBytes(16).toString('hex')]},
    claims: {openid: ['sub'], profile: ['name', 'groups'], email: ['email', 'email_verified']},
    pkce: {required: () => true},
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    findAccount: (context, name) =>
      people.has(name)
        ? {accountId: name, claims: () => ({sub: name, email_verified: true, name, ...people.get(name)})}
        : undefined,
  });
  process.stdout.write(JSON.stringify({port}) + '\n');
});

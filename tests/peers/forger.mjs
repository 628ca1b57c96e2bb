// A provider that answers whatever the test writes into the code: tokens that nobody should take.
//   node forger.mjs     prints {"port": N} first
// A code is base64url of {"claims", "alg", "key", "kid", "userinfo", "error"}; /requests counts what was asked for.
import {constants, createHmac, generateKeyPairSync, sign} from 'node:crypto';
import {createServer} from 'node:http';

const rsa = () => generateKeyPairSync('rsa', {modulusLength: 2048});
const pairs = {first: rsa(), second: rsa(), stranger: rsa(), ec: generateKeyPairSync('ec', {namedCurve: 'P-256'})};
const published = {first: 'first', ec: 'ec'}; // kid → pair
const counts = {};
const encoded = value => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function signature(alg, pair, text) {
  const data = Buffer.from(text);
  if (alg === 'none') return '';
  // The classic: what everybody knows, taken as the shared secret.
  if (alg === 'HS256') {
    const pem = pair.publicKey.export({type: 'spki', format: 'pem'});
    return createHmac('sha256', pem).update(data).digest('base64url');
  }
  const bits = `sha${alg.slice(2)}`;
  const how = alg.startsWith('PS')
    ? {key: pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST}
    : {key: pair.privateKey, dsaEncoding: 'ieee-p1363'};
  return sign(bits, data, how).toString('base64url');
}

function token({claims, alg = 'RS256', key = 'first', kid = key}) {
  const head = encoded({typ: 'JWT', alg, ...(kid === '' ? {} : {kid})});
  const text = `${head}.${encoded(claims)}`;
  return `${text}.${signature(alg, pairs[key], text)}`;
}

let wanted = {}; // of the code that came last
const server = createServer(async (request, response) => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const {pathname} = new URL(request.url, base);
  const parts = [];
  for await (const part of request) parts.push(part);
  const give = (value, status = 200) => {
    response.writeHead(status, {'Content-Type': 'application/json'});
    response.end(JSON.stringify(value));
  };
  if (pathname === '/requests') return give(counts);
  counts[pathname] = (counts[pathname] ?? 0) + 1;
  if (pathname === '/publish') {
    for (const name of Object.keys(published)) delete published[name];
    for (const name of JSON.parse(Buffer.concat(parts))) published[name] = name;
    return give({});
  }
  if (pathname.endsWith('/.well-known/openid-configuration')) {
    const addresses = {authorization_endpoint: `${base}/authorize`, token_endpoint: `${base}/token`, jwks_uri: `${base}/keys`};
    const liar = pathname.startsWith('/liar');
    return give({issuer: liar ? 'https://login.example.com' : base, userinfo_endpoint: `${base}/userinfo`, ...addresses});
  }
  if (pathname === '/keys') {
    const keys = Object.entries(published).map(([kid, name]) => ({...pairs[name].publicKey.export({format: 'jwk'}), kid}));
    return give({keys});
  }
  if (pathname === '/token') {
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    const code = form.get('code') ?? form.get('refresh_token') ?? '';
    wanted = JSON.parse(Buffer.from(code, 'base64url').toString());
    if (wanted.error) return give({error: wanted.error}, 400);
    return give({access_token: 'x', token_type: 'Bearer', id_token: token(wanted), refresh_token: wanted.refresh});
  }
  if (pathname === '/userinfo') return give(wanted.userinfo ?? {}, wanted.userinfo ? 200 : 401);
  return give({}, 404);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(JSON.stringify({port: server.address().port}) + '\n'));

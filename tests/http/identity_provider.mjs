// A real identity provider for tests: node identity_provider.mjs WEB_FOLDER HOST
// Prints its issuer, which has that host, on one line, and serves on 127.0.0.1 until it is ended. Whoever types a name is that person, with any
// password. PKCE is required. A site registers itself as the client "thinkwell" (POST /reg).
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [web, host] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${web}/package.json`));
// Its notes for who would use it as it is here go nowhere: the one line is for the tests.
console.info = console.warn = () => {};
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const key = (kind, options, more) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }),
  use: 'sig',
  ...more,
});
const jwks = {
  keys: [
    key('rsa', { modulusLength: 2048 }, { kid: 'one', alg: 'RS256' }),
    key('ec', { namedCurve: 'P-256' }, { kid: 'two', alg: 'ES256' }),
  ],
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://${host}:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks,
    cookies: { keys: ['a key of tests'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, name: `${id} of Town`, email: `${id}@example.org` }),
    }),
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true, idFactory: () => 'thinkwell', secretFactory: () => 'a secret, +%:/?' },
    },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});

// A real OpenID Connect provider for the browser tests, on loopback: whoever types a name of `PEOPLE` is that person, with any password.
//
//   node oidc/provider.js ISSUER REDIRECT_URI        such as http://localhost:8568 …/login/openid/test/callback
//
// Some of them provoke faults that no provider should have; their names say which.

import { generateKeyPairSync } from 'node:crypto';
import { SignJWT, decodeJwt, importJWK } from 'jose';
import Provider from 'oidc-provider';

const [issuer, redirectUri] = process.argv.slice(2);
if (!issuer || !redirectUri) {
  console.error('usage: node oidc/provider.js ISSUER REDIRECT_URI');
  process.exit(2);
}

const PEOPLE = {
  ada: { email: 'ada@example.com', email_verified: true, groups: ['engineers'] },
  grace: { email: 'grace@example.com', email_verified: true, groups: ['administrators', 'engineers'] },
  // Has an account at the provider and no business here.
  mallory: { email: 'mallory@example.com', email_verified: true, groups: ['engineers'] },
  // Claims an address without having confirmed it.
  impostor: { email: 'ada@example.com', email_verified: false, groups: ['engineers'] },
  // The next person to get an address that somebody else had.
  heir: { email: 'ada@example.com', email_verified: true, groups: ['engineers'] },
  // In no group that may use nephoscope.
  outsider: { email: 'outsider@example.com', email_verified: true, groups: ['sales'] },
  // ID tokens of this one are made out to another client.
  'wrong-audience': { email: 'ada@example.com', email_verified: true, groups: ['engineers'] },
};

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'tests', alg: 'RS256', use: 'sig' };

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'nephoscope',
      client_secret: 'a secret of the browser tests',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  jwks: { keys: [jwk] },
  cookies: { keys: ['cookies of the browser tests'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'email', 'groups'],
  pkce: { required: () => true },
  // Its own pages for logging in: any password is right.
  features: { devInteractions: { enabled: true } },
  findAccount: (_context, id) =>
    PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
  // Nobody is asked for consent.
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope('openid email groups');
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  await next();
  const token = context.path === '/token' && context.body?.id_token;
  if (!token || decodeJwt(token).sub !== 'wrong-audience') return;
  context.body.id_token = await new SignJWT({ ...decodeJwt(token), aud: 'another-client' })
    .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid })
    .sign(await importJWK(jwk));
});

provider.listen(Number(new URL(issuer).port), '127.0.0.1', () => console.log(`listening as ${issuer}`));

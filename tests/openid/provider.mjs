// An identity provider as it is in the world: oidc-provider, with its own sign-in form. Whoever signs in as NAME gets the
// claims that stand under NAME in the JSON of the second argument; the first is where it sends browsers back to. Prints
// its address, and ends with its standard input.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [redirect, people] = process.argv.slice(2);
const claims = JSON.parse(people);

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'zeef',
      client_secret: 'a password & more: of the client',
      redirect_uris: [redirect],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    claims: { openid: ['sub', 'groups', 'customers'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...claims[id] }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.on('end', () => process.exit(0)).resume();

// A provider certified by the OpenID Foundation as a company's sign-in: one client, one key, which
// a look at /roll takes for another one. Prints its issuer once it serves.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [client, secret, base] = process.argv.slice(2);

function key() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig" };
}

function provider(issuer) {
  return new Provider(issuer, {
    jwks: { keys: [key()] },
    cookies: { keys: ["invented"] },
    clients: [
      {
        client_id: client,
        client_secret: secret,
        token_endpoint_auth_method: "client_secret_post",
        redirect_uris: [`${base}/sign-in/return`],
        post_logout_redirect_uris: [`${base}/`],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub", "roles"], profile: ["preferred_username"], email: ["email"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, roles: ["Clerk"], preferred_username: `${id}@example.org` }),
    }),
  }).callback();
}

let serve;
const server = createServer((request, response) => {
  if (request.url === "/roll") {
    serve = provider(`http://${request.headers.host}`);
    response.end();
  } else serve(request, response);
});
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  serve = provider(issuer);
  console.log(issuer);
});

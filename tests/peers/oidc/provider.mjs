// A certified OpenID provider on loopback, with a login page and a consent page of its own: `node provider.mjs`. Writes
// {"issuer": …} to its first line of output and ends when its input ends.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider, { errors } from "oidc-provider";

/** Signing keys as most providers have them: RSA, 2,048 bits, for RS256. */
function rsa(kid) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" };
}

const PEOPLE = {
  ana: { name: "Ana Ñandú Öztürk", email: "ana@example.test", email_verified: true },
  bob: { name: "Bob", email: "bob@example.test", email_verified: true },
};

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const page = (body) => `<!doctype html><meta charset="utf-8"><title>Provider</title>${body}`;

const provider = new Provider(issuer, {
  jwks: { keys: [rsa("first"), rsa("second")] },
  clients: [
    {
      client_id: "desktop-chat",
      token_endpoint_auth_method: "none",
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  ],
  pkce: { required: () => true },
  scopes: ["openid", "offline_access", "profile", "email"],
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
  findAccount: (_context, id) =>
    PEOPLE[id] === undefined ? undefined : { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    introspection: { enabled: true },
    userinfo: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        context.body = page(`${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
      },
      postLogoutSuccessSource: (context) => {
        context.body = page("<p>Signed out");
      },
    },
  },
  ttl: { AccessToken: 60, AuthorizationCode: 60, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600, IdToken: 600 },
  rotateRefreshToken: true,
  issueRefreshToken: (_context, client, code) =>
    client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
  cookies: { keys: ["of-a-test"] },
});

/** The form of a request. */
async function form(request) {
  let body = "";
  for await (const piece of request) body += piece;
  return new URLSearchParams(body);
}

/** Shows what the provider wants to know of the person, and takes their answer. */
async function interact(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    const question =
      prompt.name === "login"
        ? '<label>User <input name="login" autofocus></label> <button name="answer" value="yes">Continue</button>'
        : `<p>Let ${params.client_id} see who ${session.accountId} is? <button name="answer" value="yes">Allow</button>`;
    const no = '<button name="answer" value="no">Cancel</button>';
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(page(`<form method="post" data-prompt="${prompt.name}">${question} ${no}</form>`));
    return;
  }
  const answer = await form(request);
  if (answer.get("answer") !== "yes") {
    const refusal = { error: "access_denied", error_description: "the person said no" };
    await provider.interactionFinished(request, response, refusal);
  } else if (prompt.name === "login") {
    await provider.interactionFinished(request, response, { login: { accountId: answer.get("login") } });
  } else {
    const grant =
      (grantId && (await provider.Grant.find(grantId))) ??
      new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const granted = { consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, granted, { mergeWithLastSubmission: true });
  }
}

const answer = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/interaction/")) {
    answer(request, response);
    return;
  }
  interact(request, response).catch((error) => {
    response.statusCode = error instanceof errors.OIDCProviderError ? 400 : 500;
    response.end(String(error.message));
  });
});

console.log(JSON.stringify({ issuer }));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

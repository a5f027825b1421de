// Signing in at an OpenID provider: the authorization code flow with PKCE (RFC 7636). What comes of it lives as long as the tab.
import { t } from "./i18n.js";

const under = "signing-in", kept = "signed-in";
const home = location.origin + "/";

const remember = (place, value) => sessionStorage.setItem(place, JSON.stringify(value));

function recall(place) {
  try {
    return JSON.parse(sessionStorage.getItem(place));
  } catch {
    return null;
  }
}

async function ask(url, form) {
  const got = await fetch(url, { credentials: "omit", cache: "no-store", ...(form && { method: "POST", body: new URLSearchParams(form) }) });
  const said = await got.json().catch(() => ({}));
  if (!got.ok) throw new Error(said.error_description ?? said.error ?? String(got.status));
  return said;
}

// ways returns how people can sign in here: { api_keys, provider }.
export const ways = () => ask("/signin");

async function discover({ issuer }) {
  const found = await ask(issuer.replace(/\/$/, "") + "/.well-known/openid-configuration");
  if (found.issuer !== issuer) throw new Error(t("signin.strange"));
  return found;
}

const text = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => text(crypto.getRandomValues(new Uint8Array(32)));
const challenge = async (verifier) => text(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));

// claimsOf reads what a token says; {} of one that is closed to us. Whether that is true is the service's to find out.
export function claimsOf(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (letter) => letter.codePointAt(0))));
  } catch {
    return {};
  }
}

const isFor = (token, audience) => [claimsOf(token).aud].flat().includes(audience);

// leave goes to the provider, and comes back to this place.
export async function leave(provider) {
  if (!globalThis.crypto?.subtle) throw new Error(t("signin.insecure"));
  const { authorization_endpoint } = await discover(provider);
  const flow = { state: random(), nonce: random(), verifier: random(), hash: location.hash };
  remember(under, flow);
  const url = new URL(authorization_endpoint);
  const asked = { response_type: "code", client_id: provider.client_id, redirect_uri: home, scope: provider.scope, state: flow.state, nonce: flow.nonce,
    code_challenge: await challenge(flow.verifier), code_challenge_method: "S256" };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  location.assign(url);
}

// keep returns the token that is for the service, and keeps what renews it and what ends it.
function keep(provider, ends, got, before = {}) {
  const id = got.id_token ?? before.id;
  const token = [got.access_token, got.id_token].find((one) => one && isFor(one, provider.audience));
  if (!token) throw new Error(t("signin.notForUs"));
  remember(kept, { provider, ends, id, subject: claimsOf(id).sub, refresh: got.refresh_token ?? before.refresh });
  return token;
}

// checked refuses an ID token that is of another provider, for another client, of another sign-in, or over.
function checked(token, { issuer, client_id }, nonce) {
  const claims = claimsOf(token ?? "");
  if (claims.iss !== issuer || !isFor(token, client_id) || claims.nonce !== nonce || !(claims.exp * 1000 > Date.now() - 60000)) throw new Error(t("signin.strange"));
}

// arrived returns a token if the provider has just sent us back with the right to one, null if it has not.
export async function arrived() {
  const said = new URLSearchParams(location.search);
  if (!said.has("state")) return null;
  const flow = recall(under);
  sessionStorage.removeItem(under);
  history.replaceState(null, "", "/" + (flow?.hash ?? "")); // a code is used once, and not for others to see
  dispatchEvent(new HashChangeEvent("hashchange"));
  if (!flow) return null; // nobody here asked for it
  const { provider } = await ways();
  if (!provider || said.get("state") !== flow.state || (said.get("iss") ?? provider.issuer) !== provider.issuer) throw new Error(t("signin.strange"));
  if (!said.has("code")) throw new Error(said.get("error_description") ?? said.get("error") ?? t("signin.strange"));
  const found = await discover(provider);
  const got = await ask(found.token_endpoint, { grant_type: "authorization_code", code: said.get("code"), redirect_uri: home, client_id: provider.client_id, code_verifier: flow.verifier });
  checked(got.id_token, provider, flow.nonce);
  return keep(provider, { token: found.token_endpoint, session: found.end_session_endpoint }, got);
}

// stale says of a token that it is over, or nearly: what is sent with it would arrive too late.
export const stale = (token) => claimsOf(token).exp * 1000 < Date.now() + 10000;

let renewing = null;

async function again() {
  const was = recall(kept);
  if (!was?.refresh) return null;
  const got = await ask(was.ends.token, { grant_type: "refresh_token", refresh_token: was.refresh, client_id: was.provider.client_id });
  if (got.id_token && claimsOf(got.id_token).sub !== was.subject) throw new Error(t("signin.strange"));
  return keep(was.provider, was.ends, got, was);
}

// renew returns another token, once for all who ask meanwhile, or null: then the person has to sign in anew.
export const renew = () => (renewing ??= again().catch(() => null).finally(() => (renewing = null)));

// end forgets what was kept, and returns where the provider is told of it, if it wants to know.
export function end() {
  const was = recall(kept);
  sessionStorage.removeItem(kept);
  if (!was?.ends.session) return null;
  const url = new URL(was.ends.session);
  for (const [name, value] of Object.entries({ id_token_hint: was.id, client_id: was.provider.client_id, post_logout_redirect_uri: home })) url.searchParams.set(name, value);
  return url;
}

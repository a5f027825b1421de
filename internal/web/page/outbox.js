// The way of changes to the service.
import { call } from "./api.js";

// deliver sends a change and returns what the service says of it.
export function deliver({ method, path, query, body, match, idempotency }) {
  return call(method, path, { query, body, match, idempotency });
}

// Calls to the server. The session is an HttpOnly cookie: no secret passes through these pages' scripts.

/** A refusal. `message` is a sentence for the user; `code` as in the contract ("network" when nothing came back). */
export class Problem extends Error {
  constructor(code, message, status = 0, retryAfter = 0) {
    super(message);
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Where to go to sign in, to come back to this page afterwards. */
export function signInAddress() {
  const here = location.pathname + location.search;
  return `/m/sign-in?next=${encodeURIComponent(here)}${location.hash}`;
}

async function call(method, path, body, { signIn = true } = {}) {
  const headers = { "X-ZD-Phone": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
    });
  } catch (error) {
    throw new Problem("network", "网络不通，请检查手机网络后重试。");
  }
  if (answer.ok) {
    if (answer.status === 204) return null;
    return answer.json();
  }
  let said = {};
  try {
    said = await answer.json();
  } catch (error) {
    // A proxy's page and no answer of ours: the general sentence below serves.
  }
  if (answer.status === 401 && signIn && said.code !== "bad_credentials") {
    location.replace(signInAddress());
    return new Promise(() => {});
  }
  const wait = said.retry_after ? `请在 ${Math.ceil(said.retry_after)} 秒后再试。` : "";
  throw new Problem(said.code || "internal", (said.message || "服务出错，请稍后再试。") + wait, answer.status, said.retry_after || 0);
}

/** Ask for something. `options.signIn: false` for pages that anybody may open. */
export const get = (path, options) => call("GET", path, undefined, options);
/** Change something. */
export const post = (path, body, options) => call("POST", path, body === undefined ? {} : body, options);
/** Change something without saying more. */
export const act = (method, path, options) => call(method, path, undefined, options);

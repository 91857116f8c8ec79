// Signing in, then on to the page that was wanted.
import { bar, busy, el, show } from "./dom.js";
import { get, post } from "./http.js";

/** The page to go on to: only one of ours, never another site. */
function next() {
  const wanted = new URLSearchParams(location.search).get("next") || "/m";
  let address;
  try {
    address = new URL(wanted, location.origin);
  } catch (error) {
    return "/m";
  }
  const ours = address.origin === location.origin && /^\/m(\/|$)/.test(address.pathname);
  return ours ? address.pathname + address.search + location.hash : "/m";
}

function deviceName() {
  const agent = navigator.userAgent;
  const system = /Android/.test(agent) ? "Android 手机" : /iPhone|iPad/.test(agent) ? "苹果手机" : "浏览器";
  const browser = /MicroMessenger/.test(agent) ? "微信" : /Edg/.test(agent) ? "Edge" : /Chrome/.test(agent) ? "Chrome" : "";
  return browser ? `${system} · ${browser}` : system;
}

function form() {
  const login = el("input", { id: "login", autocomplete: "username", autocapitalize: "off", spellcheck: false, required: true, maxLength: 80 });
  const password = el("input", { id: "password", type: "password", autocomplete: "current-password", required: true, maxLength: 200 });
  const code = el("input", { id: "code", class: "code", inputMode: "numeric", autocomplete: "one-time-code", maxLength: 6, placeholder: "000000" });
  const second = el("div", { hidden: true }, el("label", { for: "code" }, "短信验证码"), code);
  const problem = el("p", { class: "note bad", role: "alert", hidden: true });
  const button = el("button", { class: "main wide", type: "submit" }, "登录");
  const submit = async (event) => {
    event.preventDefault();
    problem.hidden = true;
    await busy(button, "正在登录…", async () => {
      try {
        await post("/phone/sign-in", { login: login.value, password: password.value, name: deviceName(), code: code.value }, { signIn: false });
        location.replace(next());
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        if (error.code === "code_needed") {
          problem.textContent = error.message;
          second.hidden = false;
        }
        if (second.hidden || error.code === "bad_credentials") {
          password.value = "";
          password.focus();
        } else {
          code.value = "";
          code.focus();
        }
      }
    });
  };
  return el(
    "form",
    { class: "card", on: { submit }, noValidate: false },
    el("div", {}, el("label", { for: "login" }, "账号或手机号"), login),
    el("div", {}, el("label", { for: "password" }, "密码"), password),
    second,
    problem,
    button,
  );
}

async function start() {
  try {
    // The cookie may be there although the browser did not send it: it does not when another app opens the page.
    await get("/phone/me", { signIn: false });
    location.replace(next());
    return;
  } catch (error) {
    // Not signed in, or no network: the form says so when it is sent.
  }
  show(
    bar("登录政钉"),
    el("p", { class: "second" }, "用于在手机上锁定和解锁电脑端、接收安全提醒。请使用与电脑端相同的账号。"),
    form(),
  );
  document.getElementById("login").focus();
}

start();

// Signing a computer in: from the QR picture on its login page (this page's address).
import { bar, busy, clock, el, show } from "../shared/dom.js";
import { act, get } from "../shared/http.js";

const AGAIN = "在电脑的登录页上重新显示二维码，再扫一次。";

function result(tone, title, words) {
  history.replaceState(null, "", "/m/login");
  show(bar("扫码登录"), el("p", { class: `note ${tone}`, role: "status" }, title), el("p", { class: "second" }, words));
}

function question(login) {
  const answer = async (button, agree) => {
    await busy(button, agree ? "正在登录…" : "正在拒绝…", async () => {
      try {
        await act("POST", `/phone/logins/${login.id}/${agree ? "confirm" : "reject"}`);
        if (agree) result("ok", `已确认，${login.device_name} 正在登录。`, `确认时间 ${clock(Date.now())}`);
        else result("warn", "已拒绝，电脑没有登录。", "如果有人要您扫这个二维码，请告知单位管理员。");
      } catch (error) {
        result("bad", error.message, AGAIN);
      }
    });
  };
  const yes = el("button", { class: "main wide", on: { click: () => answer(yes, true) } }, "登录这台电脑");
  const no = el("button", { class: "wide", on: { click: () => answer(no, false) } }, "不是我，拒绝");
  show(
    bar("确认登录"),
    el(
      "section",
      { class: "card" },
      el("p", { class: "strong" }, login.device_name),
      el("p", { class: "second" }, `请求时间 ${clock(login.asked_at)}`),
      el("p", { class: "second" }, `网络地址 ${login.address}`),
      el("p", { class: "second" }, "请核对电脑上二维码旁的数字："),
      el("p", { class: "code" }, login.code),
      yes,
      no,
    ),
    el("p", { class: "second" }, "确认后，这台电脑将以您的账号登录。只在您本人坐在它前面时确认；别人发来的二维码不要确认。"),
  );
}

async function open(id) {
  try {
    const login = await get(`/phone/logins/${encodeURIComponent(id)}`);
    if (login.state === "waiting") question(login);
    else result("warn", "这个二维码已过期或已处理。", AGAIN);
  } catch (error) {
    result("bad", error.message, AGAIN);
  }
}

function start() {
  if (location.hash.length > 1) open(location.hash.slice(1));
  else result("", "用手机相机扫描电脑登录页上的二维码。", "在电脑的登录页选“扫码登录”。");
}

window.addEventListener("hashchange", () => location.hash.length > 1 && start());
start();

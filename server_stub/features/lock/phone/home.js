// The first page: the own desktops with their state, and one tap to lock each.
import { bar, busy, confirm, el, show, toast } from "../shared/dom.js";
import { act, get } from "../shared/http.js";
import { follow, stateOf, tabs } from "./parts.js";

let me = null;
let look = null;

async function signOut(button) {
  if (!(await confirm("退出手机端？", "退出后需重新登录才能锁定或解锁电脑。", "退出"))) return;
  await busy(button, "正在退出…", async () => {
    try {
      await act("POST", "/phone/sign-out");
      location.replace("/m/sign-in");
    } catch (error) {
      toast(error.message);
    }
  });
}

async function lock(desktop, button) {
  await busy(button, "正在锁定…", async () => {
    try {
      await act("POST", `/phone/desktops/${desktop.device_id}/lock`);
      await look();
    } catch (error) {
      toast(error.message);
    }
  });
}

function card(desktop) {
  const state = stateOf(desktop);
  const waiting = desktop.pending !== undefined && desktop.pending !== "";
  const button =
    !desktop.locked && !waiting && el("button", { class: "main wide", on: { click: () => lock(desktop, button) } }, "锁定这台电脑");
  return el(
    "section",
    { class: "card desktop", "aria-label": desktop.name },
    el(
      "div",
      { class: "row" },
      el("div", { class: "grow" }, el("p", { class: "strong" }, desktop.name), el("p", { class: "second" }, state.words)),
      el("span", { class: `badge ${state.tone}`, role: "status" }, state.badge),
    ),
    button,
    desktop.locked && el("a", { class: "second", href: "/m/unlock" }, "解锁这台电脑"),
  );
}

function scanCard(scan) {
  return el(
    "section",
    { class: "note warn" },
    el("p", { class: "strong" }, `${scan.device_name} 正在请求解锁`),
    el("p", {}, el("a", { href: `/m/unlock#${scan.id}` }, "查看并确认")),
  );
}

async function draw() {
  const [found, waiting, inbox] = await Promise.all([get("/phone/desktops"), get("/phone/scans"), get("/phone/notices")]);
  if (me === null) me = await get("/phone/me");
  const leave = el("button", { class: "plain", on: { click: () => signOut(leave) } }, "退出");
  show(
    bar("我的电脑", leave),
    el("p", { class: "second" }, [me.name, me.unit, me.title].filter(Boolean).join(" · ")),
    tabs("/m", inbox.unread),
    waiting.scans.map(scanCard),
    found.desktops.length > 0
      ? found.desktops.map(card)
      : el("p", { class: "empty" }, "还没有登录过的电脑。在电脑上登录政钉后，会显示在这里。"),
  );
}

async function drawSafely() {
  try {
    await draw();
  } catch (error) {
    show(bar("我的电脑"), tabs("/m", 0), el("p", { class: "note bad", role: "alert" }, error.message), el("button", { class: "wide", on: { click: () => look() } }, "重试"));
  }
}

look = follow(drawSafely);

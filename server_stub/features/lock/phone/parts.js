// What the lock's pages share: the line of pages, the event stream, words for states.
import { clock, el } from "../shared/dom.js";

export const TRIGGERS = {
  idle: "超时自动锁定",
  tray: "从系统托盘锁定",
  hotkey: "用快捷键锁定",
  button: "主动锁定",
  desktop: "随电脑锁屏",
  suspend: "电脑休眠",
  lid: "合上盖子",
  remote: "由手机锁定",
  forced: "服务器强制锁定",
  startup: "启动时锁定",
};

/** The line that leads from page to page. */
export function tabs(current, unread) {
  const link = (path, words, ...more) =>
    el("a", { href: path, "aria-current": current === path ? "page" : null }, words, ...more);
  const count = unread > 0 && el("span", { class: "count", "aria-label": `${unread} 条未读` }, unread > 99 ? "99+" : String(unread));
  return el("nav", { class: "tabs", "aria-label": "页面" }, link("/m", "电脑"), link("/m/unlock", "解锁"), link("/m/notices", "通知", count));
}

/** Call `look` now, whenever the server says that something changed, and when the page comes back to the front. */
export function follow(look) {
  let running = false;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await look();
      } while (again);
    } finally {
      running = false;
    }
  };
  const stream = new EventSource("/api/v1/phone/events");
  stream.addEventListener("changed", run);
  stream.addEventListener("beat", run);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && run());
  // Let go at once: a phone's browser keeps few connections.
  window.addEventListener("pagehide", () => stream.close());
  run();
  return run;
}

/** Badge and sentence for a desktop's state. */
export function stateOf(desktop) {
  const at = desktop.since_ms ? clock(desktop.since_ms) : "";
  if (desktop.pending === "remote" && desktop.online) return { badge: "正在锁定", tone: "warn", words: "锁定指令已发出，正在等待电脑确认…" };
  if (desktop.pending === "remote") return { badge: "待锁定", tone: "warn", words: "电脑不在线。它下次启动政钉时会立即锁定。" };
  if (desktop.pending === "forced") return { badge: "待强制锁定", tone: "bad", words: desktop.online ? "强制锁定正在生效。" : "电脑不在线，下次启动时强制锁定。" };
  if (desktop.locked) {
    const why = TRIGGERS[desktop.trigger] || "";
    const proof = desktop.signed ? "，电脑已签名确认" : "";
    return { badge: `已锁定 ${at}`, tone: desktop.forced ? "bad" : "ok", words: `${why}${proof}${desktop.forced ? "。只能用手机扫码解锁" : ""}` };
  }
  if (desktop.online) return { badge: "使用中", tone: "", words: "在线，未锁定" };
  return { badge: "离线", tone: "", words: `最后在线 ${clock(desktop.last_seen_at, { seconds: false })}` };
}

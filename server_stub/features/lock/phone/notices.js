// The push inbox.
import { bar, clock, el, show } from "../shared/dom.js";
import { act, get } from "../shared/http.js";
import { follow, tabs } from "./parts.js";

function card(notice) {
  return el(
    "article",
    { class: notice.read ? "card notice" : "card notice unread" },
    el("div", { class: "row" }, el("p", { class: "strong grow" }, notice.title), el("time", { class: "second" }, clock(notice.at_ms, { seconds: false }))),
    el("p", { class: "second" }, notice.text),
  );
}

follow(async () => {
  try {
    const inbox = await get("/phone/notices");
    show(
      bar("通知"),
      tabs("/m/notices", inbox.unread),
      inbox.notices.length > 0 ? inbox.notices.map(card) : el("p", { class: "empty" }, "还没有通知。电脑自动锁定、强制锁定和解锁时会在这里提醒您。"),
    );
    if (inbox.unread > 0 && document.visibilityState === "visible") {
      // Marked after a moment, so that the new ones can be told apart.
      setTimeout(() => act("POST", "/phone/notices/read").catch(() => {}), 2500);
    }
  } catch (error) {
    show(bar("通知"), tabs("/m/notices", 0), el("p", { class: "note bad", role: "alert" }, error.message));
  }
});

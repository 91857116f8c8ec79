// The first page: who is signed in.
import { bar, busy, el, show, toast } from "../shared/dom.js";
import { act, get } from "../shared/http.js";

async function signOut(button) {
  await busy(button, "正在退出…", async () => {
    try {
      await act("POST", "/phone/sign-out");
      location.replace("/m/sign-in");
    } catch (error) {
      toast(error.message);
    }
  });
}

async function start() {
  try {
    const me = await get("/phone/me");
    const button = el("button", { class: "plain", on: { click: () => signOut(button) } }, "退出");
    show(
      bar("我的设备", button),
      el("section", { class: "card" }, el("p", { class: "strong" }, me.name), el("p", { class: "second" }, [me.unit, me.title].filter(Boolean).join(" · "))),
    );
  } catch (error) {
    show(bar("我的设备"), el("p", { class: "note bad", role: "alert" }, error.message));
  }
}

start();

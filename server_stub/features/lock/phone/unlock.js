// Opening a locked desktop: from its QR picture (this page's address), with the camera, or by its eight digits.
import { bar, busy, clock, el, show } from "../shared/dom.js";
import { act, get, post } from "../shared/http.js";
import { tabs } from "./parts.js";

let camera = null;

function stopCamera() {
  if (camera !== null) camera.getTracks().forEach((track) => track.stop());
  camera = null;
}

function result(tone, title, words) {
  stopCamera();
  history.replaceState(null, "", "/m/unlock");
  show(
    bar("扫码解锁"),
    tabs("/m/unlock", 0),
    el("p", { class: `note ${tone}`, role: "status" }, title),
    el("p", { class: "second" }, words),
    el("button", { class: "wide", on: { click: choose } }, "解锁另一台电脑"),
  );
}

function question(scan) {
  stopCamera();
  const answer = async (button, agree) => {
    await busy(button, agree ? "正在解锁…" : "正在拒绝…", async () => {
      try {
        await act("POST", `/phone/scans/${scan.id}/${agree ? "confirm" : "reject"}`);
        if (agree) result("ok", `已确认，${scan.device_name} 正在解锁。`, `确认时间 ${clock(Date.now())}`);
        else result("warn", "已拒绝，电脑保持锁定。", "如果不是您本人在操作，请尽快修改账号密码。");
      } catch (error) {
        result("bad", error.message, "在电脑锁屏上点“重新生成”，再扫一次。");
      }
    });
  };
  const yes = el("button", { class: "main wide", on: { click: () => answer(yes, true) } }, "解锁这台电脑");
  const no = el("button", { class: "wide", on: { click: () => answer(no, false) } }, "不是我，保持锁定");
  show(
    bar("确认解锁"),
    el(
      "section",
      { class: "card" },
      el("p", { class: "strong" }, scan.device_name),
      el("p", { class: "second" }, `请求时间 ${clock(scan.asked_at)}`),
      el("p", { class: "second" }, `网络地址 ${scan.address}`),
      el("p", { class: "second" }, "请核对电脑锁屏上的解锁码："),
      el("p", { class: "code" }, `${scan.code.slice(0, 4)} ${scan.code.slice(4)}`),
      yes,
      no,
    ),
    el("p", { class: "second" }, "只在您本人坐在这台电脑前时确认。"),
  );
}

async function open(id) {
  try {
    const scan = await get(`/phone/scans/${encodeURIComponent(id)}`);
    if (scan.state === "waiting") question(scan);
    else result("warn", "这个二维码已过期或已处理。", "在电脑锁屏上点“重新生成”，再扫一次。");
  } catch (error) {
    result("bad", error.message, "");
  }
}

/** The id in what a QR picture says, where it is one of this server's. */
function idOf(text) {
  try {
    const address = new URL(text);
    return address.pathname === "/m/unlock" && address.hash.length > 1 ? address.hash.slice(1) : "";
  } catch (error) {
    return "";
  }
}

async function scanWithCamera(place) {
  try {
    camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch (error) {
    place.replaceChildren(el("p", { class: "note warn" }, "没有使用相机的权限，请输入解锁码。"));
    return;
  }
  const video = el("video", { autoplay: true, muted: true, playsInline: true, "aria-label": "相机画面" });
  video.srcObject = camera;
  place.replaceChildren(video);
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const turn = async () => {
    if (camera === null || !video.isConnected) return;
    try {
      for (const found of await detector.detect(video)) {
        const id = idOf(found.rawValue);
        if (id) {
          await open(id);
          return;
        }
      }
    } catch (error) {
      // A frame that cannot be read yet: the next one may.
    }
    setTimeout(turn, 200);
  };
  turn();
}

function choose() {
  const code = el("input", { id: "code", class: "code", inputMode: "numeric", autocomplete: "off", maxLength: 9, placeholder: "0000 0000", required: true });
  const problem = el("p", { class: "note bad", role: "alert", hidden: true });
  const button = el("button", { class: "main wide", type: "submit" }, "下一步");
  const submit = async (event) => {
    event.preventDefault();
    problem.hidden = true;
    await busy(button, "正在查找…", async () => {
      try {
        const scan = await post("/phone/scans/find", { code: code.value });
        question(scan);
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        code.focus();
      }
    });
  };
  const place = el("div", {});
  const canScan = "BarcodeDetector" in window && navigator.mediaDevices !== undefined;
  show(
    bar("扫码解锁"),
    tabs("/m/unlock", 0),
    el("p", { class: "second" }, "在电脑锁屏上选“使用手机扫码”，用手机相机扫描屏幕上的二维码；或在这里输入二维码旁的 8 位解锁码。"),
    canScan && el("section", { class: "card" }, place, el("button", { class: "wide", on: { click: () => scanWithCamera(place) } }, "打开相机扫码")),
    el("form", { class: "card", on: { submit } }, el("label", { for: "code" }, "解锁码"), code, problem, button),
  );
}

window.addEventListener("pagehide", stopCamera);
window.addEventListener("hashchange", () => location.hash.length > 1 && open(location.hash.slice(1)));
if (location.hash.length > 1) open(location.hash.slice(1));
else choose();

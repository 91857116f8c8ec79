// Checking in to a meeting: the registered phone number, then the own seat and where it is.
import { bar, busy, clock, el, show } from "../shared/dom.js";
import { get, post } from "../shared/http.js";
import { hall } from "./hall.js";

const PUBLIC = { signIn: false };
const token = decodeURIComponent(location.pathname.split("/").pop());
const path = `/check-in/${encodeURIComponent(token)}`;

/** This browser's own name, by which guesses at numbers are slowed down; nothing is kept of the number itself. */
function browserName() {
  try {
    let name = localStorage.getItem("zd-check-in");
    if (!name) {
      name = Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
      localStorage.setItem("zd-check-in", name);
    }
    return name;
  } catch (error) {
    return "";
  }
}

function about(meeting) {
  const then = new Date(meeting.starts_at || 0);
  const two = (number) => String(number).padStart(2, "0");
  const when = meeting.starts_at ? `${then.getMonth() + 1}月${then.getDate()}日 ${two(then.getHours())}:${two(then.getMinutes())}` : "";
  return el(
    "section",
    { class: "card" },
    el("p", { class: "strong" }, meeting.title),
    el("p", { class: "second" }, [when, meeting.place].filter(Boolean).join(" · ")),
  );
}

async function arrived(meeting, guest) {
  const seat = guest.seat || "";
  const words = guest.again ? `您已于 ${clock(guest.at, { seconds: false })} 签到` : "签到成功";
  const parts = [
    bar("会议签到"),
    el(
      "section",
      { class: "card seat", role: "status" },
      el("p", { class: "done" }, `✓ ${words}`),
      el("p", { class: "strong" }, guest.unit ? `${guest.name}（${guest.unit}）` : guest.name),
      seat ? el("p", { class: "second" }, "您的座位") : null,
      el("p", { class: seat ? "code" : "code none" }, seat || "座位待定，请咨询会务人员"),
    ),
    about(meeting),
  ];
  show(parts);
  document.getElementById("page").focus();
  if (!guest.seat_id) return;
  try {
    const plan = await get(`${path}/plan?plan=${meeting.plan || 0}`, PUBLIC);
    let near = false;
    const room = el("section", { class: "card hall" });
    const turn = el("button", { class: "wide", on: { click: () => { near = !near; draw(); } } });
    const draw = () => {
      turn.textContent = near ? "看全场" : "放大我的座位";
      room.replaceChildren(hall(plan, guest.seat_id, near), turn);
    };
    draw();
    show([...parts.slice(0, 2), room, parts[2]]);
  } catch (error) {
    // The seat's number is what matters; the picture can be had by scanning again.
  }
}

function choose(meeting, phone, choices) {
  const problem = el("p", { class: "note bad", role: "alert", hidden: true });
  const buttons = choices.map((one) => {
    const button = el(
      "button",
      { class: "wide choice", on: { click: () => send(meeting, phone, one.attendee_id, button, problem) } },
      one.unit ? `${one.name}（${one.unit}）` : one.name,
    );
    return button;
  });
  show(bar("会议签到"), el("section", { class: "card" }, el("p", {}, "这个手机号登记了多位参会人员，请选择您本人："), problem, ...buttons));
}

async function send(meeting, phone, attendee, button, problem) {
  problem.hidden = true;
  await busy(button, "正在签到…", async () => {
    try {
      const answer = await post(path, { phone, attendee_id: attendee, browser: browserName() }, PUBLIC);
      if (answer.choices && answer.choices.length) choose(meeting, phone, answer.choices);
      else await arrived(meeting, answer);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  });
}

function form(meeting) {
  const phone = el("input", { id: "phone", type: "tel", inputMode: "tel", autocomplete: "tel", required: true, maxLength: 20, placeholder: "会议登记的手机号" });
  const problem = el("p", { class: "note bad", role: "alert", hidden: true });
  const button = el("button", { class: "main wide", type: "submit" }, "签到");
  const submit = async (event) => {
    event.preventDefault();
    if (phone.value.replace(/\D/g, "").length < 5) {
      problem.textContent = "请填写会议登记的手机号。";
      problem.hidden = false;
      phone.focus();
      return;
    }
    await send(meeting, phone.value, "", button, problem);
  };
  return el(
    "form",
    { class: "card", on: { submit }, noValidate: true },
    el("div", {}, el("label", { for: "phone" }, "手机号"), phone),
    problem,
    button,
    el("p", { class: "second" }, "手机号只用于核对参会名单，不会保存在本机。"),
  );
}

async function start() {
  let meeting;
  try {
    meeting = await get(path, PUBLIC);
  } catch (error) {
    const words = error.code === "not_found" ? "签到码无效或已更换，请扫描会场最新的二维码。" : error.message;
    show(bar("会议签到"), el("p", { class: "note bad", role: "alert" }, words));
    return;
  }
  if (!meeting.open) {
    show(bar("会议签到"), about(meeting), el("p", { class: "note warn", role: "alert" }, "本次会议的签到尚未开放或已结束，请联系会务人员。"));
    return;
  }
  show(bar("会议签到"), about(meeting), form(meeting));
  document.getElementById("phone").focus();
}

start();

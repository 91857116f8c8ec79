// Building pages: elements, messages and questions. Text is always set as text, never as HTML.

/** Make an element. `properties`: DOM properties, "class", "on" ({event: handler}), "aria-…" and "data-…" attributes. */
export function el(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "on") for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    else if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

/** Replace what the page shows. */
export function show(...children) {
  document.getElementById("page").replaceChildren(...children.flat().filter(Boolean));
}

/** The top line of a page: a title and what stands to its right. */
export function bar(title, ...right) {
  return el("header", { class: "bar" }, el("h1", {}, title), ...right);
}

/** Say something shortly at the bottom. */
export function toast(text) {
  document.querySelectorAll(".toast").forEach((old) => old.remove());
  const made = el("div", { class: "toast", role: "status" }, text);
  document.body.append(made);
  setTimeout(() => made.remove(), 4000);
}

/** Ask a question; resolves to true only when the user agrees. */
export function confirm(title, text, agree, { danger = false } = {}) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const done = (answer) => {
      sheet.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve(answer);
    };
    const yes = el("button", { class: danger ? "bad wide" : "main wide", on: { click: () => done(true) } }, agree);
    const sheet = el(
      "div",
      {
        class: "sheet",
        on: {
          click: (event) => event.target === sheet && done(false),
          keydown: (event) => event.key === "Escape" && done(false),
        },
      },
      el(
        "div",
        { role: "dialog", "aria-modal": "true", "aria-label": title },
        el("h1", {}, title),
        el("p", { class: "second" }, text),
        yes,
        el("button", { class: "wide", on: { click: () => done(false) } }, "取消"),
      ),
    );
    document.body.append(sheet);
    yes.focus();
  });
}

/** Run `work` with `button` disabled and its words changed, so that nothing is sent twice. */
export async function busy(button, words, work) {
  if (button.disabled) return undefined;
  const before = button.textContent;
  button.disabled = true;
  button.textContent = words;
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.textContent = before;
  }
}

const two = (number) => String(number).padStart(2, "0");

/** "14:03:22" today, "7月3日 14:03" on another day. `at`: Unix time in milliseconds. */
export function clock(at, { seconds = true } = {}) {
  const then = new Date(at);
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() !== new Date().toDateString()) return `${then.getMonth() + 1}月${then.getDate()}日 ${time}`;
  return seconds ? `${time}:${two(then.getSeconds())}` : time;
}

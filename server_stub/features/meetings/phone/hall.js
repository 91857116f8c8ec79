// Draws the hall with the own seat marked. Lengths are millimetres in the plan's frame: the stage is at the top.
const SVG = "http://www.w3.org/2000/svg";
const NAMES = { rostrum: "主席台", door: "门", screen: "大屏", lectern: "发言席", column: "柱", wall: "" };

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function box(kind, x, y, w, h, angle, radius) {
  return shape("rect", {
    class: kind, x: x - w / 2, y: y - h / 2, width: w, height: h, rx: radius,
    transform: `rotate(${angle} ${x} ${y})`, "stroke-width": 30,
  });
}

/** A code without its region's name: "听众席-4排2座" is "4排2座" in its row. */
const short = (code) => code.slice(code.lastIndexOf("-") + 1);
/** The height of letters that fit a chair: a Chinese character is as wide as high, a digit half as wide. */
const size = (w, text) => Math.min(210, (w * 0.86) / [...text].reduce((sum, one) => sum + (one < "\u0100" ? 0.56 : 1), 0.2));

/** The whole hall as an SVG; `near` shows about 8 m around the own seat. */
export function hall(plan, seatId, near) {
  const mine = plan.seats.find((seat) => seat[0] === seatId);
  const edge = 300;
  let view = [-edge, -edge, plan.width + 2 * edge, plan.depth + 2 * edge];
  if (near && mine) {
    const side = Math.min(5200, Math.max(view[2], view[3]));
    view = [mine[1] - side / 2, mine[2] - side / 2, side, side];
  }
  const picture = shape("svg", { viewBox: view.join(" "), role: "img", "aria-label": mine ? `座位图，您的座位 ${mine[6]}` : "座位图" });
  const word = Math.max(view[2], view[3]) / 32;
  const words = [];
  picture.append(shape("rect", { class: "room", x: 0, y: 0, width: plan.width, height: plan.depth, rx: 120, "stroke-width": 40 }));
  for (const [x, y, w, h, angle, kind, label] of plan.fixtures) {
    picture.append(box("fixture", x, y, w, h, angle, 40));
    const name = label || NAMES[kind] || "";
    const below = kind === "rostrum" ? y + h / 2 - word : y;
    if (name && (near || kind !== "lectern")) words.push(shape("text", { x, y: below, "font-size": word }, name));
  }
  for (const [x, y, w, h, angle, form] of plan.tables) {
    if (form === "round" || form === "ring") picture.append(shape("ellipse", { class: "table", cx: x, cy: y, rx: w / 2, ry: h / 2, "stroke-width": 30 }));
    else picture.append(box("table", x, y, w, h, angle, 60));
  }
  for (const [id, x, y, w, h, angle, code] of plan.seats) {
    if (id === seatId) continue;
    picture.append(box("chair", x, y, w * 0.86, h * 0.86, angle, 90));
    if (near) picture.append(shape("text", { x, y, "font-size": size(w, short(code)) }, short(code)));
  }
  if (mine) {
    const [, x, y, w, h, angle, code] = mine;
    const large = near ? Math.max(w, h) : Math.max(w, h, view[2] / 26);
    picture.append(box("mine", x, y, Math.max(w, large), Math.max(h, large), angle, 110));
    picture.append(shape("circle", { class: "ring", cx: x, cy: y, r: large * 1.1, "stroke-width": large / 7 }));
    if (near) picture.append(shape("text", { class: "on", x, y, "font-size": size(large, short(code)) }, short(code)));
  }
  picture.append(...words);
  return picture;
}

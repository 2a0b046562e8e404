// What the pages of a class share. Whatever comes from people is shown as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "path", "line", "text", "rect", "defs", "pattern", "g"]);
const SOON = 4000, LATE = 15000; // ms to wait for news, and for what is asked of the world
const WIDTH = 480, HEIGHT = 220, LEFT = 50, TOP = 12, BOTTOM = 26, NAMES = 96, LINE = 15;

export const $ = (id) => document.getElementById(id);

/** An element with attributes and children (elements or text). */
export function el(name, attributes = {}, ...children) {
  const made = DRAWN.has(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export const number = (value) =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));

/**
 * Ask the server; answers {code_, ...what it says}, code_ 0 without a connection. A phone out of
 * reach gets no error: it just hears nothing any more, so that whoever waits has to give up.
 */
export async function ask(path, secret, body) {
  const patience = AbortSignal.timeout?.(body === undefined ? SOON : LATE); // old phones have none
  const options = { headers: { ...secret }, cache: "no-store", signal: patience };
  if (body !== undefined) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  try {
    const answer = await fetch(path, options);
    const type = answer.headers.get("content-type") ?? "";
    const content = type.includes("json") ? await answer.json() : { text: await answer.text() };
    return { ...content, code_: answer.status };
  } catch {
    return { code_: 0 };
  }
}

/** Ask for the news again and again; without a connection a little more slowly. */
export async function keepAsking(look, pause = 500) {
  for (;;) {
    const there = await look();
    trouble(there ? "" : "No connection to the class. Trying again …");
    await new Promise((done) => setTimeout(done, document.hidden || !there ? 3 * pause : pause));
  }
}

export function trouble(text) {
  const box = $("trouble");
  if (box.textContent !== text) box.textContent = text;
  box.hidden = !text;
}

export function themeButton(redraw = () => {}) {
  const root = document.documentElement;
  if (matchMedia("(prefers-color-scheme: dark)").matches) root.classList.add("dark");
  $("theme").addEventListener("click", () => { root.classList.toggle("dark"); redraw(); });
}

/** Add the days that came anew to curves that are held: {who: {measure: values}}. */
export function extend(held, fresh, since) {
  for (const [who, curves] of Object.entries(fresh))
    for (const [measure, values] of Object.entries(curves)) {
      const own = ((held[who] ??= {})[measure] ??= []);
      own.length = Math.min(own.length, since);
      own.push(...values);
    }
}

/** Set text only if it is another one, so that readers of the screen are not disturbed. */
export function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

export function logLines(lines) {
  const text = JSON.stringify(lines);
  if ($("log").dataset.held === text) return;
  $("log").dataset.held = text;
  const items = lines.map(([day, words]) => el("li", {}, el("b", {}, `Day ${day}`), ` ${words}`));
  $("log").replaceChildren(...(items.length ? items : [el("li", {}, "Nothing yet.")]));
}

/** The table of who is ahead; the engaged part of each bar is filled once it is revealed. */
export function board(table, rows, revealed, labels = {}) {
  const text = JSON.stringify([rows, revealed]);
  if (table.dataset.held === text) return;
  table.dataset.held = text;
  table.classList.toggle("revealed", revealed);
  const top = Math.max(1, ...rows.map((row) => row.followers));
  const heads = ["", "Name", "Followers", "", ...(revealed ? ["Engaged", "Value", "Sales", "Strategy"] : [])];
  const head = el("tr", {}, ...heads.map((name, k) => el("th", { scope: "col", class: ["", "name", "", "bar"][k] ?? "" }, name)));
  const body = rows.map((row, k) => {
    const more = revealed ? [number(row.engaged), number(row.value), number(row.sales), labels[row.strategy] ?? row.strategy] : [];
    return el("tr", { class: row.me ? "me" : "" }, el("td", {}, String(k + 1)),
      el("td", { class: "name" }, row.me ? `${row.name} (you)` : row.name), el("td", {}, number(row.followers)),
      el("td", { class: "bar" }, bar(row, top, revealed)), ...more.map((text) => el("td", {}, text)));
  });
  table.replaceChildren(el("thead", {}, head), el("tbody", {}, ...body));
}

function bar(row, top, revealed) {
  const long = 100 * row.followers / top;
  const filled = revealed ? Math.min(long, 100 * row.engaged / top) : 0;
  return el("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    el("rect", { x: 0, y: 1, width: long, height: 8, fill: "var(--fill)", opacity: 0.3 }),
    el("rect", { x: 0, y: 1, width: filled, height: 8, fill: "var(--fill)" }));
}

/** A chart of lines [{name, values, colour, filled}] over the days, all on one scale from 0. */
export function chart(box, lines, days, alt) {
  const top = 1.1 * Math.max(1, ...lines.flatMap((line) => line.values));
  const right = WIDTH - (lines.some((line) => line.name) ? NAMES : 14);
  const x = (day) => LEFT + (right - LEFT) * day / Math.max(1, days);
  const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
  const path = (values) => values.map((value, day) => `${x(day).toFixed(1)},${y(value).toFixed(1)}`).join("L");
  const drawn = lines.flatMap((line) => {
    if (!line.values.length) return [];
    const made = [];
    if (line.filled?.length)
      made.push(el("path", { d: `M${x(0)},${y(0)}L${path(line.filled)}L${x(line.filled.length - 1)},${y(0)}Z`, fill: line.colour, opacity: 0.8 }));
    made.push(el("path", { d: `M${path(line.values)}`, fill: "none", stroke: line.colour, "stroke-width": line.width ?? 2.5 }));
    return made;
  });
  box.replaceChildren(el("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": alt }, ...axes(top, days, x, y, right), ...drawn, ...names(lines, y)));
}

/** The names of lines at the right, at their last values, pushed apart so that none covers another. */
function names(lines, y) {
  const named = lines.filter((line) => line.name && line.values.length)
    .map((line) => ({ ...line, at: y(line.values.at(-1)) })).sort((one, other) => other.at - one.at);
  let free = HEIGHT - BOTTOM + 4;
  return named.map((line) => {
    const at = Math.min(line.at + 4, free);
    free = at - LINE;
    const short = line.name.length > 9 ? `${line.name.slice(0, 8)}…` : line.name;
    return el("g", {}, el("rect", { x: WIDTH - NAMES + 4, y: at - 9, width: 8, height: 8, fill: line.colour }),
      el("text", { x: WIDTH - NAMES + 16, y: at }, short));
  });
}

function ticks(top, steps) {
  const rough = top / steps, power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((m) => m * power >= rough) * power);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, k) => k * step);
}

function axes(top, days, x, y, right) {
  const across = ticks(top, 3).flatMap((value) => [
    el("line", { x1: LEFT, x2: right, y1: y(value), y2: y(value), stroke: "var(--line)" }),
    el("text", { x: LEFT - 5, y: y(value) + 4, "text-anchor": "end" }, number(value))]);
  const down = ticks(days, 5).map((day) =>
    el("text", { x: x(day), y: HEIGHT - 8, "text-anchor": day > 0.95 * days ? "end" : "middle" }, day ? number(day) : "day 0"));
  return [...across, ...down];
}

// The teacher's page: who is there, the world's controls, and what everybody is to see.
import { $, ask, board, chart, el, extend, keepAsking, logLines, number, say, themeButton } from "./common.js";

const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"]; // Okabe and Ito
const NAMED = 4; // lines of the chart with a name
const KEPT = "followlab-key";
let held = {}, news = null, labels = {};

const key = location.hash.slice(1) || sessionStorage.getItem(KEPT) || "";
sessionStorage.setItem(KEPT, key);
history.replaceState(null, "", location.pathname); // the key is not to be read off the projector
const secret = { "X-Key": key };

async function act(what, value, more = {}) {
  const answer = await ask("api/teacher/do", secret, { what, value, ...more });
  say("answer", answer.done ? "" : answer.error ?? "No connection to the class. Look again, once it is back, whether this was done.");
  await look();
}

async function invite() {
  const info = await ask("api/teacher/info", secret);
  if (!info.join) return info.code_ === 401;
  labels = info.labels;
  say("address", info.join.replace(/^http:\/\//, "").replace(/\/$/, ""));
  $("qr").src = `data:image/svg+xml;base64,${btoa(info.qr)}`;
  return true;
}

async function look() {
  if (!$("address").textContent && !(await invite())) return false;
  const since = Math.max(0, ...Object.values(held).map((own) => own.followers.length - 1));
  const found = await ask(`api/teacher/state?since=${since}`, secret);
  if (found.code_ === 401) {
    say("status", "This page is the teacher's. Open it with the address that the console shows.");
    return true;
  }
  if (found.code_ !== 200) return found.code_ === 429;
  const anew = news && (found.tick < news.tick || found.revealed !== news.revealed || found.taken !== news.taken);
  news = found;
  if (anew) { held = {}; if (since) return look(); }
  extend(held, found.curves, since);
  show();
  return true;
}

function show() {
  const running = news.status === "running";
  say("title", news.title);
  say("notice", news.notice);
  say("code", news.code);
  say("status", news.message || `${news.taken} of ${news.seats} seats are taken; ${news.ready} have chosen.`);
  say("go", running ? "❚❚ Pause" : news.started ? "▶ Go on" : "▶ Start");
  $("go").disabled = !["ready", "running"].includes(news.status);
  $("day").disabled = $("sweep").disabled = $("go").disabled;
  say("today", `Day ${news.day} of ${news.days}`);
  say("reveal", news.revealed ? "Hide who is engaged" : "Reveal who is engaged");
  $("reveal").setAttribute("aria-pressed", news.revealed);
  say("lock", news.locked ? "Let others join again" : "Let nobody join any more");
  $("lock").setAttribute("aria-pressed", news.locked);
  if (document.activeElement !== $("speed")) $("speed").value = String(news.speed);
  say("hidden-part", news.revealed ? "Filled: the engaged, who liked, replied or reshared within 28 days." : "By followers, the visible number.");
  $("sorted").hidden = !news.revealed;
  const order = news.revealed ? $("order").value : "followers";
  board($("board"), news.board.slice().sort((one, other) => other[order] - one[order]), news.revealed, labels);
  lines();
  logLines(news.log);
  students();
}

function lines() {
  const ranks = new Map(news.board.map((row, k) => [row.name, k]));
  const all = news.students.map((one) => ({ rank: ranks.get(one.name), name: one.name, ...held[one.seat] }))
    .filter((one) => one.followers).sort((one, other) => other.rank - one.rank);
  const drawn = all.map(({ rank, name, followers }) => ({
    values: followers, name: rank < NAMED ? name : "", width: rank < COLOURS.length ? 3 : 1.2,
    colour: COLOURS[rank] ?? "var(--soft)",
  }));
  const first = news.board.slice(0, 3).map((row) => `${row.name} ${number(row.followers)}`).join(", ");
  chart($("chart"), drawn, news.days, `Followers of every student by day. Ahead: ${first || "nobody yet"}.`);
}

function students() {
  const text = JSON.stringify(news.students);
  if ($("students").dataset.held === text) return;
  $("students").dataset.held = text;
  $("students").replaceChildren(el("tbody", {}, ...news.students.map((one) => {
    const out = el("button", { type: "button" }, "Send out");
    out.addEventListener("click", () => act("remove", one.seat));
    const chosen = one.choice ? `${labels[one.choice.strategy]}, ${one.choice.minutes} min, $${one.choice.money}` : "nothing yet";
    return el("tr", {}, el("td", { class: "name" }, one.name), el("td", { class: "name" }, news.revealed || !news.started ? chosen : "…"), el("td", {}, out));
  })));
}

async function download() {
  const answer = await ask("api/teacher/table.csv", secret, {});
  if (answer.text === undefined) return;
  const link = el("a", { href: URL.createObjectURL(new Blob([answer.text], { type: "text/csv" })), download: "class.csv" });
  link.click();
  URL.revokeObjectURL(link.href);
}

function go() { act(news?.status === "running" ? "pause" : "start"); }

function listen() {
  $("go").addEventListener("click", go);
  $("day").addEventListener("click", () => act("day"));
  $("sweep").addEventListener("click", () => act("sweep"));
  $("reveal").addEventListener("click", () => act("reveal", !news.revealed));
  $("lock").addEventListener("click", () => act("lock", !news.locked));
  $("again").addEventListener("click", () => { if (confirm("Begin again from day 0, with the same class and choices?")) act("again"); });
  $("speed").addEventListener("change", () => act("speed", Number($("speed").value)));
  $("ranking").addEventListener("change", () => act("rule", $("ranking").value, { key: "platform.ranking" }));
  $("counts").addEventListener("change", () => act("rule", $("counts").value === "true", { key: "platform.counts_visible" }));
  $("order").addEventListener("change", show);
  $("table").addEventListener("click", download);
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("button, select, summary, input") || event.ctrlKey || event.metaKey || event.altKey;
    if (event.key === " " && !busy) { event.preventDefault(); go(); }
  });
}

themeButton();
listen();
keepAsking(look);

// The page of a student: join, choose, and see what comes of it.
import { $, ask, board, chart, el, extend, keepAsking, logLines, number, say, themeButton } from "./common.js";

const KEPT = "followlab-ticket"; // stays on this device, so that a reload keeps the seat
const held = {};
let token = read(), offers = [], started = null, last = null, touched = false;

function read() { try { return localStorage.getItem(KEPT) ?? ""; } catch { return ""; } }
function keep(text) { token = text; try { localStorage.setItem(KEPT, text); } catch { /* private mode: the tab keeps it */ } }

const secret = () => ({ "X-Token": token });
const picked = () => offers.find((one) => one.name === $("choose").elements.strategy?.value);

// ---- joining --------------------------------------------------------------------------------

async function join(event) {
  event.preventDefault();
  const answer = await ask("api/join", {}, { code: $("code").value, name: $("name").value });
  if (!answer.token) { say("notice", answer.error ?? "No connection to the class."); return; }
  keep(answer.token);
  say("notice", "");
  seated(true);
  await look();
}

function seated(yes) {
  $("join").hidden = yes;
  $("seat").hidden = !yes;
}

// ---- choosing -------------------------------------------------------------------------------

async function prepare() {
  const found = await ask("api/offers", {});
  if (!found.offers) return false;
  offers = found.offers;
  say("title", found.title);
  listOffers();
  return true;
}

function listOffers() {
  $("strategies").replaceChildren($("strategies").firstElementChild, ...offers.map((one) => el("label", {},
    el("input", { type: "radio", name: "strategy", value: one.name, required: "" }),
    el("span", {}, one.label), el("small", {}, one.about))));
  $("strategies").addEventListener("change", knobs);
}

function knobs() {
  $("knobs").replaceChildren(...(picked()?.knobs ?? []).map((one) => {
    const shown = el("output", {}, number(one.default));
    const slider = el("input", { type: "range", min: one.least, max: one.most, step: one.step, value: one.default, "data-key": one.key, id: `knob-${one.key}` });
    slider.addEventListener("input", () => { shown.textContent = number(Number(slider.value)); });
    return el("label", { for: slider.id }, `${one.about} `, shown, ` ${one.unit}`, slider);
  }));
}

function budget(most) {
  for (const name of ["minutes", "money"]) {
    if ($(name).max === String(most[name])) continue;
    $(name).max = most[name];
    $(name).value = most[name];
    showBudget();
  }
}

function showBudget() {
  $("minutes-shown").value = number(Number($("minutes").value));
  $("money-shown").value = `$${number(Number($("money").value))}`;
}

async function choose(event) {
  event.preventDefault();
  const params = Object.fromEntries([...$("knobs").querySelectorAll("input")].map((one) => [one.dataset.key, Number(one.value)]));
  const answer = await ask("api/choose", secret(), {
    strategy: picked()?.name, params, minutes: Number($("minutes").value), money: Number($("money").value),
  });
  const since = answer.since === null || answer.since === undefined ? "the start" : `day ${answer.since}`;
  say("answer", answer.done ? `Done. It holds from ${since} on.` : answer.error ?? "No connection. Look again, once it is back, whether this was chosen.");
  await look();
}

/** Put a choice into the form, as after a reload, unless somebody is choosing. */
function restore(choice) {
  if (touched || !choice) return;
  touched = true;
  const box = $("choose").querySelector(`input[value="${CSS.escape(choice.strategy)}"]`);
  if (box) box.checked = true;
  knobs();
  for (const slider of $("knobs").querySelectorAll("input")) {
    slider.value = choice.params[slider.dataset.key] ?? slider.value;
    slider.dispatchEvent(new Event("input"));
  }
  $("minutes").value = choice.minutes;
  $("money").value = choice.money;
  showBudget();
}

// ---- looking --------------------------------------------------------------------------------

async function look() {
  if (!offers.length && !(await prepare())) return false;
  if (!token) return true;
  const since = held.me?.followers?.length ?? 0;
  const news = await ask(`api/state?since=${since}`, secret());
  if (news.code_ === 401) {
    keep("");
    seated(false);
    say("notice", "You have no seat here (any more). Ask your teacher for the code and join again.");
    return true;
  }
  if (news.code_ !== 200) return news.code_ === 429;
  if (started !== null && (started && !news.started || last !== null && news.tick < last)) { delete held.me; }
  const hadEngaged = Boolean(held.me?.engaged);
  const fresh = held.me === undefined && since > 0 || news.revealed !== hadEngaged && since > 0;
  started = news.started;
  last = news.tick;
  if (fresh) { delete held.me; return look(); } // begin with the first day again
  extend(held, { me: news.me.curves }, since);
  show(news);
  return true;
}

function show(news) {
  const { me } = news;
  seated(true);
  document.body.classList.toggle("started", news.started);
  say("title", news.title);
  say("notice", news.notice);
  say("status", `${me.name}. ${status(news)}`);
  say("followers", number(me.followers));
  say("spent", `Spent so far: ${number(me.minutes)} minutes, $${number(me.dollars)}.`);
  budget(me.most);
  restore(me.choice);
  const label = offers.find((one) => one.name === me.choice?.strategy)?.label;
  say("chosen", me.choice ? `Chosen: ${label}, ${number(me.choice.minutes)} minutes a day, $${number(me.choice.money)} in all; from ${me.since === null ? "the start" : `day ${me.since}`} on.` +
    (news.started ? ` Changes left: ${me.left}.` : " You can still change it freely.") : "Nothing chosen yet: your account lies idle.");
  const alt = `Your followers by day: now ${number(me.followers)}.`;
  chart($("chart"), [{ values: held.me?.followers ?? [], filled: held.me?.engaged, colour: "var(--fill)" }], news.days, alt);
  say("hidden-part", news.revealed ? "Filled: the engaged, who liked, replied or reshared within 28 days." : "By followers. Your teacher can reveal what is behind them.");
  board($("board"), news.board, news.revealed, Object.fromEntries(offers.map((one) => [one.name, one.label])));
  logLines(me.log);
}

function status(news) {
  if (news.message) return news.message;
  const day = `Day ${news.day} of ${news.days}`;
  if (!news.started) return `Waiting for the start: ${news.ready} of ${news.taken} have chosen.`;
  return news.status === "running" ? `${day}.` : `${day}, paused.`;
}

async function begin() {
  themeButton();
  $("join").addEventListener("submit", join);
  $("choose").addEventListener("submit", choose);
  $("choose").addEventListener("input", () => { touched = true; say("answer", ""); });
  for (const name of ["minutes", "money"]) $(name).addEventListener("input", showBudget);
  $("code").value = decodeURIComponent(location.hash.slice(1)).slice(0, 12);
  seated(Boolean(token));
  await keepAsking(look);
}

begin();

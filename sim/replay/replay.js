// Replays saved runs. Everything that comes from the data is shown as text, never as HTML.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 420, HEIGHT = 210, LEFT = 52, RIGHT = 12, TOP = 12, BOTTOM = 26; // of a chart
  const LOG_LINES = 200, FADE_DAYS = 3;
  const data = JSON.parse(document.getElementById("data").textContent);
  const days = data.days, first = days[0], last = days[days.length - 1];
  const state = { day: first, playing: false, world: 0, hidden: new Set(), scale: "own" };
  let cards = [], shownRecord = -1, shownLog = -1, before = null;

  const $ = (id) => document.getElementById(id);

  /** An element with attributes and children (elements or text). */
  function el(name, attributes = {}, ...children) {
    const svg = ["svg", "path", "line", "text", "rect", "defs", "pattern", "clipPath", "g", "circle"];
    const made = svg.includes(name)
      ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const lives = () => data.worlds[state.world].lives;
  const visible = () => cards.filter((card) => !state.hidden.has(card.number));

  /** A number as people write it: three significant digits, thousands apart. */
  function number(value) {
    if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
    return String(Number(value.toPrecision(3)));
  }
  const percent = (share) => `${Number((100 * share).toPrecision(2))} %`;
  const shown = (measure, value) =>
    measure.unit.startsWith("share") || measure.unit.startsWith("per ") ? percent(value) : number(value);

  /** Index of the last record at or before a day. */
  function place(day) {
    let low = 0, high = days.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (days[middle] <= day + 1e-9) low = middle; else high = middle - 1;
    }
    return low;
  }

  // ---- a life's card --------------------------------------------------------------------

  const dark = () => document.documentElement.classList.contains("dark");
  const own = (colour) => (dark() && colour === "#000000" ? "#ffffff" : colour);
  const peak = (life) => Math.max(1, ...life.curves.followers);
  const ink = () => getComputedStyle(document.documentElement).getPropertyValue("--ink").trim();

  function card(life, number) {
    const now = el("p", { class: "now" }), note = el("p", { class: "note" });
    const chart = el("div"), canvas = el("canvas", { role: "img", width: 640, height: 360 });
    const box = el("article", { class: "life" }, el("h3", {}, life.name), now, chart, canvas, note);
    box.style.setProperty("--own", own(life.colour));
    const many = life.dots.each > 1 ? `each dot stands for ${life.dots.each}` : "a dot each";
    note.textContent = `Its followers, ${many}, from the first (middle) to the latest (rim). ` +
      "Filled: somebody who ever reacts; a ring: never. Grey: just lost.";
    return { life, number, box, now, chart, canvas, spots: spots(life.dots) };
  }

  /** Places of the dots on a disc: a sunflower, in the order in which the followers came. */
  function spots(dots) {
    const golden = Math.PI * (3 - Math.sqrt(5));
    return dots.start.map((_, k) => {
      const radius = Math.sqrt((k + 0.5) / dots.start.length), angle = k * golden;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
  }

  /** Round numbers for an axis from 0 to the top, in about so many steps. */
  function ticks(top, steps) {
    const rough = top / steps, power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].find((m) => m * power >= rough) * power);
    return Array.from({ length: Math.floor(top / step) + 1 }, (_, k) => k * step);
  }

  const xOf = (day) => LEFT + (WIDTH - LEFT - RIGHT) * (last > first ? (day - first) / (last - first) : 0);
  const yOf = (value, top) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
  const points = (values, top) =>
    values.map((value, k) => `${xOf(days[k]).toFixed(1)},${yOf(value, top).toFixed(1)}`);

  function draw(card) {
    const { life } = card, colour = own(life.colour), id = `life${card.number}`;
    const top = 1.12 * (state.scale === "own" ? peak(life) : Math.max(...visible().map((c) => peak(c.life))));
    const all = points(life.curves.followers, top);
    const filled = points(life.curves.engaged.map((e, k) => Math.min(e, life.curves.followers[k])), top);
    const reveal = el("rect", { x: 0, y: 0, width: 0, height: HEIGHT });
    const under = `M${xOf(first)},${yOf(0, top)}L`, end = `L${xOf(last)},${yOf(0, top)}Z`;
    const svg = el("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" },
      el("defs", {},
        el("pattern", { id: `${id}h`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
          el("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: colour, "stroke-width": 2 })),
        el("clipPath", { id: `${id}c` }, reveal)),
      ...axes(top),
      el("g", { "clip-path": `url(#${id}c)` },
        el("path", { d: `M${all.join("L")}L${filled.slice().reverse().join("L")}Z`, fill: `url(#${id}h)`, opacity: 0.6 }),
        el("path", { d: under + filled.join("L") + end, fill: colour }),
        el("path", { d: `M${all.join("L")}`, fill: "none", stroke: colour, "stroke-width": 2.5 }),
        ...marks(life, top)));
    card.reveal = reveal;
    card.svg = svg;
    card.chart.replaceChildren(svg);
  }

  function axes(top) {
    const made = [];
    for (const value of ticks(top, 3)) {
      const y = yOf(value, top);
      made.push(el("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, stroke: "var(--line)" }),
        el("text", { x: LEFT - 5, y: y + 4, "text-anchor": "end" }, number(value)));
    }
    for (const day of ticks(last - first, 6)) {
      const end = xOf(day + first) > WIDTH - 30;
      made.push(el("text", { x: xOf(day + first), y: HEIGHT - 8, "text-anchor": end ? "end" : "middle" },
        day ? number(day + first) : `day ${number(first)}`));
    }
    return made;
  }

  function marks(life, top) {
    return life.marks.map(([day, kind]) => {
      const x = xOf(day), y = yOf(life.curves.followers[place(day)], top), up = TOP + 4;
      if (kind === "milestone") return el("circle", { cx: x, cy: y, r: 4, fill: "var(--ink)" });
      const shape = kind === "sweep" ? `M${x - 5},${up - 5}l10,10m0,-10l-10,10` : `M${x - 6},${up - 4}h12l-6,9Z`;
      return el("g", {}, el("line", { x1: x, x2: x, y1: up, y2: HEIGHT - BOTTOM, stroke: "var(--ink)", "stroke-dasharray": "1 3" }),
        el("path", { d: shape, fill: "var(--ink)", stroke: "var(--ink)", "stroke-width": 2 }));
    });
  }

  function paint(card) {
    const { canvas, life: { dots } } = card, brush = canvas.getContext("2d");
    const middle = [canvas.width / 2, canvas.height / 2], reach = 0.47 * canvas.height;
    const size = Math.min(9, Math.max(3, 0.8 * reach / Math.sqrt(card.spots.length + 1)));
    const edge = ink();
    brush.clearRect(0, 0, canvas.width, canvas.height);
    brush.lineWidth = Math.max(1.2, size / 3);
    for (let k = 0; k < card.spots.length; k++) {
      const gone = dots.end[k] !== null && dots.end[k] <= state.day;
      if (dots.start[k] > state.day || (gone && dots.end[k] < state.day - FADE_DAYS)) continue;
      brush.beginPath();
      brush.arc(middle[0] + reach * card.spots[k][0], middle[1] + reach * card.spots[k][1], size, 0, 7);
      const colour = gone ? "#8a8a8a" : own(data.origins[dots.origin[k]][1]);
      brush.fillStyle = brush.strokeStyle = colour;
      if (gone) { brush.globalAlpha = 0.5; brush.stroke(); brush.globalAlpha = 1; }
      else if (dots.reacts[k]) { brush.fill(); brush.strokeStyle = edge; brush.lineWidth = 0.8; brush.stroke(); brush.lineWidth = Math.max(1.2, size / 3); }
      else brush.stroke();
    }
  }

  // ---- the day that is shown ------------------------------------------------------------

  function count(card, k) {
    const { followers, engaged } = card.life.curves;
    const share = followers[k] ? ` (${percent(Math.min(1, engaged[k] / followers[k]))})` : "";
    return [followers[k], engaged[k], share];
  }

  function show() {
    const k = place(state.day), day = Math.floor(state.day);
    $("day").value = `Day ${number(day)} of ${number(Math.floor(last))}`;
    $("scrub").value = state.day;
    $("scrub").setAttribute("aria-valuetext", `day ${day}`);
    for (const card of visible()) {
      const [followers, engaged, share] = count(card, k);
      card.now.replaceChildren(el("b", {}, number(followers)), " followers, ",
        el("b", {}, number(engaged)), ` engaged${share}`);
      card.reveal.setAttribute("width", xOf(state.day) + 1);
      paint(card);
    }
    monitors(k);
    log();
  }

  /** Texts that stand for the pictures; told when the replay rests, so that nobody is flooded. */
  function tell() {
    const k = place(state.day), day = Math.floor(state.day);
    const said = visible().map((card) => {
      const [followers, engaged] = count(card, k);
      const line = `${card.life.name}: ${number(followers)} followers, ${number(engaged)} engaged`;
      card.svg.setAttribute("aria-label", `Followers over time until day ${day}. ${line}.`);
      card.canvas.setAttribute("aria-label", `The followers as dots on day ${day}. ${origins(card)}.`);
      return line;
    });
    $("said").textContent = `Day ${day}. ${said.join("; ")}.`;
  }

  function origins(card) {
    const { start, end, origin, each } = card.life.dots, sums = new Map();
    start.forEach((begin, k) => {
      if (begin <= state.day && (end[k] === null || end[k] > state.day)) {
        const name = data.origins[origin[k]][0];
        sums.set(name, (sums.get(name) ?? 0) + each);
      }
    });
    return [...sums].map(([name, sum]) => `${name} ${number(sum)}`).join(", ") || "none";
  }

  function monitors(k) {
    if (k === shownRecord) return;
    shownRecord = k;
    const some = visible();
    const head = el("tr", {}, el("td"), ...some.map((card) => el("th", { scope: "col" }, card.life.name)));
    const row = (measure, curves) => el("tr", {}, el("th", { scope: "row", title: measure.definition }, measure.label),
      ...some.map((card) => el("td", {}, shown(measure, curves(card)[measure.key][k]))));
    const rows = [...data.measures.map((m) => row(m, (card) => card.life.curves)),
      ...data.platform.map((m) => row({ ...m, label: `platform: ${m.label}` }, (card) => card.life.platform))];
    $("monitors").replaceChildren(el("thead", {}, head), el("tbody", {}, ...rows));
  }

  function log() {
    const lines = visible().flatMap((card) =>
      card.life.log.filter(([day]) => day <= state.day).map(([day, text]) => [day, card.life.name, text]));
    if (lines.length === shownLog) return;
    shownLog = lines.length;
    lines.sort((one, other) => other[0] - one[0]);
    $("log").replaceChildren(...lines.slice(0, LOG_LINES).map(([day, name, text]) =>
      el("li", {}, el("b", {}, `Day ${Math.floor(day)}`), ` ${name}: ${text}`)));
    if (!lines.length) $("log").append(el("li", {}, "Nothing yet."));
  }

  // ---- controls -------------------------------------------------------------------------

  function go(day) {
    state.day = Math.min(last, Math.max(first, day));
    show();
    if (!state.playing) tell();
  }

  function play(on) {
    if (on && state.day >= last) state.day = first;
    state.playing = on;
    before = null;
    $("play").textContent = on ? "❚❚ Pause" : "▶ Play";
    if (on) requestAnimationFrame(frame); else tell();
  }

  function frame(time) {
    if (!state.playing) return;
    const passed = before === null ? 0 : Math.min(0.2, (time - before) / 1000);
    before = time;
    go(state.day + passed * Number($("speed").value));
    if (state.day >= last) play(false); else requestAnimationFrame(frame);
  }

  function step(by) {
    if (state.playing) play(false);
    go(by > 0 ? Math.floor(state.day + 1e-9) + by : Math.ceil(state.day - 1e-9) + by);
  }

  function faster(by) {
    const speed = $("speed");
    speed.selectedIndex = Math.min(speed.length - 1, Math.max(0, speed.selectedIndex + by));
  }

  function rebuild() {
    cards = lives().map(card);
    $("lives").replaceChildren(...visible().map((one) => one.box));
    visible().forEach(draw);
    shownRecord = shownLog = -1;
    legend();
    show();
    tell();
  }

  const KEYS = {
    " ": () => play(!state.playing), ArrowLeft: (e) => step(e.shiftKey ? -10 : -1),
    ArrowRight: (e) => step(e.shiftKey ? 10 : 1), Home: () => go(first), End: () => go(last),
    "+": () => faster(1), "-": () => faster(-1),
  };

  function pressed(event) {
    const typing = event.target.closest("select, input[type=checkbox], summary");
    const own = event.key === " " && event.target.closest("button");
    if (typing || own || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key](event);
  }

  function choices() {
    data.worlds.forEach((world, k) => $("world").append(
      el("option", { value: k }, `${k + 1} of ${data.worlds.length} (seed ${world.seed})`)));
    $("worlds").hidden = data.worlds.length < 2;
    const many = lives().length > 1;
    $("shown").hidden = !many;
    lives().forEach((life, k) => {
      const box = el("input", { type: "checkbox" });
      box.checked = true;
      box.addEventListener("change", () => {
        if (box.checked) state.hidden.delete(k); else state.hidden.add(k);
        rebuild();
      });
      $("shown").append(el("label", {}, box, life.name));
    });
  }

  function legend() {
    const used = new Set(lives().flatMap((life) => life.dots.origin));
    $("origins").replaceChildren("How they came: ", ...data.origins.flatMap(([name, colour], k) => {
      if (!used.has(k)) return [];
      const dot = el("i");
      dot.style.background = own(colour);
      return [el("span", {}, dot, name)];
    }));
  }

  function words() {
    $("question").textContent = data.question;
    $("source").textContent = data.source +
      (data.left_out ? ` (the first ${data.worlds.length} worlds; ${data.left_out} more are left out here)` : "");
    $("command").textContent = data.command;
    for (const measure of [...data.measures, ...data.platform])
      $("words").append(el("dt", {}, `${measure.label} (${measure.unit})`), el("dd", {}, measure.definition));
  }

  function listen() {
    $("play").addEventListener("click", () => play(!state.playing));
    $("back").addEventListener("click", () => step(-1));
    $("ahead").addEventListener("click", () => step(1));
    $("scrub").addEventListener("input", (event) => { if (state.playing) play(false); go(Number(event.target.value)); });
    $("world").addEventListener("change", (event) => { state.world = Number(event.target.value); rebuild(); });
    $("scale").addEventListener("change", (event) => { state.scale = event.target.value; rebuild(); });
    $("theme").addEventListener("click", () => { document.documentElement.classList.toggle("dark"); rebuild(); });
    document.addEventListener("keydown", pressed);
  }

  if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.classList.add("dark");
  $("scrub").min = first;
  $("scrub").max = last;
  choices();
  words();
  listen();
  const tops = lives().map(peak);
  state.scale = $("scale").value = Math.max(...tops) > 4 * Math.min(...tops) ? "own" : "alike";
  rebuild();
})();

// The network: accounts as grey dots, the followers of one account in colour, on a canvas.
// Fakes lie in a cloud around the middle; who is lost flashes red and vanishes.
const WARM = ["#4a4a8c", "#5b5391", "#6f5d93", "#856890", "#9c7489", "#b3827d", "#c8926e", "#dba55c",
  "#ebbb48", "#f7d439"]; // dark to bright, so that brightness tells as well
const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const FLASH = 1400; // ms

export default {
  template: `
    <div class="graph">
      <canvas ref="canvas" role="img" :aria-label="spoken" tabindex="0"></canvas>
      <div class="graph-key" aria-hidden="true">
        <span v-for="one in key" :key="one[0]"><i :style="{ background: one[1] }"></i>{{ one[0] }}</span>
      </div>
    </div>`,
  props: { label: String, origins: Array },
  data() {
    return { by: "origin", spoken: this.label, used: [] };
  },
  computed: {
    key() {
      if (this.by === "warmth") return [["cold", WARM[0]], ["warm", WARM[5]], ["very warm", WARM[9]]];
      return this.origins.filter((_, k) => this.used.includes(k));
    },
  },
  mounted() {
    this.places = []; this.sizes = []; this.follows = []; this.followers = new Map(); this.lost = [];
    this.name = "";
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.$refs.canvas);
    this.scheme = new MutationObserver(() => this.draw());
    this.scheme.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    this.$emit("ready");
  },
  unmounted() {
    this.watcher.disconnect();
    this.scheme.disconnect();
  },
  methods: {
    /** Take a new network: places x, y, ...; sizes; follows from, to, ... */
    start(base) {
      Object.assign(this, base);
      this.followers.clear();
      this.lost = [];
      this.soon();
    },
    /** Take what has changed among the followers. */
    change(news) {
      if (news.anew) { this.followers.clear(); this.lost = []; }
      this.name = news.name;
      const now = performance.now();
      for (const k of news.gone) {
        this.lost.push({ k, code: this.followers.get(k), since: now });
        this.followers.delete(k);
      }
      if (this.lost.length > 6000) this.lost.splice(0, this.lost.length - 6000);
      for (let i = 0; i < news.set.length; i += 2) this.followers.set(news.set[i], news.set[i + 1]);
      this.used = [...new Set([...this.followers.values()].map((code) => code & 15))].sort();
      const fakes = [...this.followers.values()].filter((code) => code & 256).length;
      this.spoken = `${this.label} ${this.name} has ${this.followers.size} followers, ${fakes} of them fakes.`;
      this.soon();
    },
    colour(by) {
      this.by = by;
      this.soon();
    },
    /** How many are drawn; for tests and for those who are curious. */
    counts() {
      const codes = [...this.followers.values()];
      return { accounts: this.sizes.length, followers: codes.length,
        fakes: codes.filter((code) => code & 256).length, flashing: this.lost.length, by: this.by };
    },
    soon() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => { this.waiting = false; this.draw(); });
    },
    place(k, code) {
      if (2 * k + 1 < this.places.length) return [this.places[2 * k] / 1000, this.places[2 * k + 1] / 1000];
      const angle = GOLDEN * k, fake = code & 256; // fakes close around, newcomers at the rim
      const radius = fake ? 0.1 + 0.16 * Math.sqrt(((k * 7919) % 1000) / 1000) : 1.03;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    },
    tint(code) {
      if (this.by === "warmth") return WARM[(code >> 4) & 15] || WARM[9];
      const colour = this.origins[code & 15][1];
      return colour === "#000000" && this.dark() ? "#ffffff" : colour;
    },
    dark() { return document.body.classList.contains("body--dark"); },
    draw() {
      const canvas = this.$refs.canvas;
      if (!canvas) return;
      const scale = Math.min(2, window.devicePixelRatio || 1);
      const width = canvas.clientWidth, height = canvas.clientHeight;
      if (!width) return;
      canvas.width = width * scale; canvas.height = height * scale;
      const g = canvas.getContext("2d"), dark = this.dark();
      g.scale(scale, scale);
      const radius = Math.min(width, height) / 2 / 1.08, dot = Math.max(1.4, radius / 110);
      const at = ([x, y]) => [width / 2 + radius * x, height / 2 + radius * y];
      this.background(g, at, dot, dark);
      this.crowd(g, at, dot);
      this.flashes(g, at, dot);
      this.middle(g, at, dot, dark);
    },
    background(g, at, dot, dark) {
      g.lineWidth = 0.5; g.strokeStyle = dark ? "rgba(255,255,255,.07)" : "rgba(0,0,0,.06)";
      g.beginPath();
      for (let i = 0; i < this.follows.length; i += 2) {
        g.moveTo(...at(this.place(this.follows[i], 0)));
        g.lineTo(...at(this.place(this.follows[i + 1], 0)));
      }
      g.stroke();
      g.fillStyle = dark ? "#4d4d4d" : "#cfcfcf";
      for (let k = 0; k < this.sizes.length; k++) this.dot(g, at(this.place(k, 0)), dot * (0.6 + this.sizes[k] / 9));
    },
    crowd(g, at, dot) {
      for (const [k, code] of this.followers) {
        g.fillStyle = this.tint(code);
        this.dot(g, at(this.place(k, code)), dot * (code & 256 ? 1 : 1.6));
      }
    },
    flashes(g, at, dot) {
      const now = performance.now(), still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.lost = this.lost.filter((one) => now - one.since < (still ? 1 : FLASH));
      for (const one of this.lost) {
        const age = (now - one.since) / FLASH, [x, y] = at(this.place(one.k, one.code));
        const size = dot * (1.5 + 3 * age);
        g.strokeStyle = `rgba(213,94,0,${1 - age})`; g.lineWidth = 1.5; // a cross: shape tells, not only colour
        g.beginPath(); g.moveTo(x - size, y - size); g.lineTo(x + size, y + size);
        g.moveTo(x + size, y - size); g.lineTo(x - size, y + size); g.stroke();
      }
      if (this.lost.length) this.soon();
    },
    middle(g, at, dot, dark) {
      if (!this.name) return;
      const [x, y] = at([0, 0]);
      g.fillStyle = dark ? "#ffffff" : "#000000";
      this.dot(g, [x, y], dot * 4);
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      g.font = `600 ${0.9 * rem}px system-ui, sans-serif`; g.textAlign = "center";
      g.lineWidth = 4; g.strokeStyle = dark ? "#161616" : "#ffffff";
      g.strokeText(this.name, x, y - dot * 6); g.fillText(this.name, x, y - dot * 6);
    },
    dot(g, [x, y], size) { g.beginPath(); g.arc(x, y, size, 0, 7); g.fill(); },
  },
};

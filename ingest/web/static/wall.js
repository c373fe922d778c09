// Keeps the wall fresh without a hand. It knows nothing that the server has not just said: after some seconds without an
// answer everything old is covered. The cover also comes by the style sheet alone, should this program stop.

import { listen, whySilent } from "/static/watch_sound.js";

const { dataset } = document.body;
const PATIENCE_MS = 8000;
const APART_S = 60;
const clock = document.getElementById("clock");
let answeredAt = performance.now();
let serverAt = 0;
let stamp = "";
let why = dataset.noAnswer;

// Rows that do not fit are counted, never cut.
function fit() {
  const list = document.querySelector(".rows");
  const more = document.getElementById("more");
  const rows = [...list.children];
  rows.forEach((row) => (row.hidden = false));
  for (const row of rows.toReversed()) {
    const hidden = Number(more.dataset.total) - rows.filter((each) => !each.hidden).length;
    more.hidden = hidden === 0;
    more.textContent = more.dataset.text.replace("{n}", hidden);
    if (list.scrollHeight <= list.clientHeight + 1) break;
    row.hidden = true;
  }
  const hidden = Number(more.dataset.total) - rows.filter((each) => !each.hidden).length;
  more.hidden = hidden === 0;
  more.textContent = more.dataset.text.replace("{n}", hidden);
}

// The time of the server, which goes on by the even clock of this machine: its own time of day may be wrong.
function serverNow() {
  return new Date((serverAt + (performance.now() - answeredAt) / 1000) * 1000);
}

function took() {
  const wall = document.getElementById("wall");
  answeredAt = performance.now();
  serverAt = Number(wall.dataset.now);
  stamp = wall.dataset.stamp;
  why = dataset.noAnswer;
  const apart = Math.abs(Date.now() / 1000 - serverAt);
  document.getElementById("apart").hidden = apart < APART_S;
  document.getElementById("apart").textContent = dataset.apart;
  fit();
  // A new element begins its animation anew: the cover waits again.
  const cover = document.getElementById("dead-man");
  cover.replaceWith(cover.cloneNode(true));
}

function tick() {
  const silence_s = (performance.now() - answeredAt) / 1000;
  clock.textContent = serverNow().toLocaleTimeString("ja-JP", { timeZone: "Asia/Tokyo", hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const stale = silence_s > Number(dataset.stale);
  document.body.classList.toggle("stale", stale);
  if (stale) {
    document.getElementById("why").textContent = why;
    document.getElementById("since").textContent = dataset.ago.replace("{time}", stamp).replace("{s}", Math.round(silence_s));
  }
  const mute = document.getElementById("mute");
  mute.hidden = !whySilent();
  mute.textContent = dataset.mute;
}

async function refresh() {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store", signal: limit.signal });
    const html = await answer.text();
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(html, "text/html");
      const wall = fresh.getElementById("wall");
      if (!wall) throw new Error("no wall");
      if (fresh.body.dataset.version !== dataset.version) {
        location.reload();
        return;
      }
      document.getElementById("wall").replaceWith(document.adoptNode(wall));
      took();
      listen();
    } else if (answer.status === 401 || answer.status === 403) {
      why = dataset.signedOut;
    }
  } catch {
    // nobody answers: the clock says since when
  } finally {
    clearTimeout(timer);
  }
  setTimeout(refresh, Number(dataset.refresh) * 1000);
}

took();
tick();
setInterval(tick, 500);
setTimeout(refresh, Number(dataset.refresh) * 1000);
document.body.dataset.ready = "yes";

// Reading values off a chart, with the pointer or the arrow keys.

import { hush, tell } from "./tip.js";

const cursor = document.createElement("div");
cursor.className = "chart-cursor";
cursor.hidden = true;
document.body.append(cursor);

let plot = null;
let index = -1;

function spots() {
  return JSON.parse(plot.closest(".chart").dataset.chart);
}

function show(all) {
  const [x, y, when, what] = all[index];
  const frame = plot.getBoundingClientRect();
  const left = frame.left + (x / 1000) * frame.width;
  cursor.style.left = `${left + scrollX}px`;
  cursor.style.top = `${frame.top + scrollY}px`;
  cursor.style.height = `${frame.height}px`;
  cursor.hidden = false;
  tell(left, frame.top + (y / 1000) * frame.height, what, when);
}

function leave() {
  plot = null;
  cursor.hidden = true;
  hush();
}

function nearest(all, share) {
  let best = 0;
  all.forEach((spot, i) => {
    if (Math.abs(spot[0] - share) < Math.abs(all[best][0] - share)) best = i;
  });
  return best;
}

document.addEventListener("pointermove", (event) => {
  const under = event.target.closest?.(".chart-plot");
  if (!under) {
    if (plot && plot !== document.activeElement) leave();
    return;
  }
  plot = under;
  const all = spots();
  const frame = plot.getBoundingClientRect();
  index = nearest(all, ((event.clientX - frame.left) / frame.width) * 1000);
  show(all);
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const under = document.activeElement?.closest(".chart-plot");
  if (!step || !under) return;
  event.preventDefault();
  if (plot !== under) index = -1;
  plot = under;
  const all = spots();
  index = index < 0 ? all.length - 1 : Math.min(all.length - 1, Math.max(0, index + step));
  show(all);
});

document.addEventListener("focusout", leave);
addEventListener("scroll", leave, { passive: true });

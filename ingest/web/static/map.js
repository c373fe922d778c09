// Zooming, moving and reading the map. Points keep their size; the grid and the scale bar follow.

import { hush, tell } from "./tip.js";

const WIDTH = 1000;
const HEIGHT = 620;
const DEEPEST = 64;
const map = document.getElementById("map");

function start() {
  const scale = document.getElementById("map-scale");
  let zoom = 1;
  let centre = { x: WIDTH / 2, y: HEIGHT / 2 };

  function apply() {
    const width = WIDTH / zoom;
    const height = HEIGHT / zoom;
    centre.x = Math.min(WIDTH - width / 2, Math.max(width / 2, centre.x));
    centre.y = Math.min(HEIGHT - height / 2, Math.max(height / 2, centre.y));
    map.setAttribute("viewBox", `${centre.x - width / 2} ${centre.y - height / 2} ${width} ${height}`);
    map.style.setProperty("--k", zoom);
    labels();
    bar();
  }

  // Labels stay at the edge of what is seen.
  function labels() {
    const [left, top] = map.getAttribute("viewBox").split(" ").map(Number);
    for (const text of map.querySelectorAll("#map-grid text")) {
      const line = text.previousElementSibling;
      const upright = line.getAttribute("x1") === line.getAttribute("x2");
      if (upright) text.setAttribute("y", top + 6 / zoom);
      else text.setAttribute("x", left + 6 / zoom);
      text.classList.toggle("clipped", !fits(text, upright, left, top));
    }
  }

  // A label that would be cut by the edge, or lie under the buttons or in the line of the others, is left out.
  function fits(text, upright, left, top) {
    const box = text.getBBox();
    const pixel = WIDTH / zoom / map.getBoundingClientRect().width;
    if (upright) return box.x > left && box.x + box.width < left + WIDTH / zoom - 56 * pixel;
    return box.y > top + 2 * box.height && box.y + box.height < top + HEIGHT / zoom;
  }

  // The bar keeps its length on the screen as far as round numbers let it.
  function bar() {
    const label = document.getElementById("scale-label");
    const path = scale.querySelector("path");
    label.dataset.metres ??= label.textContent.endsWith("km") ? parseFloat(label.textContent) * 1000 : parseFloat(label.textContent);
    path.dataset.end ??= path.getAttribute("d").match(/H([\d.]+)/)[1];
    const full = Number(label.dataset.metres) / zoom;
    const power = 10 ** Math.floor(Math.log10(full));
    const metres = [5, 2, 1].map((step) => step * power).find((step) => step <= full * 1.0001);
    label.textContent = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
    path.setAttribute("d", `M1 0V9H${(Number(path.dataset.end) * metres) / full}V0`);
  }

  function inside(event) {
    const frame = map.getBoundingClientRect();
    const [left, top, width, height] = map.getAttribute("viewBox").split(" ").map(Number);
    return {
      x: left + ((event.clientX - frame.left) / frame.width) * width,
      y: top + ((event.clientY - frame.top) / frame.height) * height,
    };
  }

  function zoomTo(next, around = centre) {
    const bounded = Math.min(DEEPEST, Math.max(1, next));
    const share = zoom / bounded;
    centre = { x: around.x + (centre.x - around.x) * share, y: around.y + (centre.y - around.y) * share };
    zoom = bounded;
    apply();
  }

  map.parentElement.addEventListener("click", (event) => {
    const wish = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (wish) zoomTo({ in: zoom * 2, out: zoom / 2, all: 1 }[wish]);
  });

  map.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && zoom === 1 && event.deltaY > 0) return; // the page scrolls on
      if (!event.ctrlKey && !map.matches(":focus-within, .used")) return;
      event.preventDefault();
      zoomTo(zoom * (event.deltaY < 0 ? 1.3 : 1 / 1.3), inside(event));
    },
    { passive: false },
  );

  let held = null;
  let moved = false;
  map.addEventListener("pointerdown", (event) => {
    map.classList.add("used");
    held = zoom > 1 && event.isPrimary ? inside(event) : null;
    moved = false;
  });
  map.addEventListener("pointermove", (event) => {
    point(event);
    if (!held) return;
    const at = inside(event);
    if (!moved && Math.hypot(at.x - held.x, at.y - held.y) * zoom < 6) return;
    moved = true;
    map.classList.add("dragging");
    centre = { x: centre.x + held.x - at.x, y: centre.y + held.y - at.y };
    apply();
  });
  addEventListener("pointerup", () => {
    held = null;
    map.classList.remove("dragging");
  });
  map.addEventListener("dragstart", (event) => event.preventDefault());
  map.addEventListener("click", (event) => moved && event.preventDefault(), true);
  map.addEventListener("pointerleave", hush);

  function point(event) {
    const dot = event.target.closest(".dot");
    if (dot && !map.classList.contains("dragging")) tell(event.clientX, event.clientY, dot.dataset.name, dot.dataset.what);
    else hush();
  }

  document.addEventListener("noroshi:fresh", labels);
  addEventListener("resize", labels);
  labels();
}

if (map) start();

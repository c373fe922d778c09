// One small box beside the pointer, shared by the map and the charts.

const box = document.createElement("div");
box.className = "tip";
box.hidden = true;
document.body.append(box);

export function tell(x, y, title, text) {
  const bold = document.createElement("b");
  bold.textContent = title;
  box.replaceChildren(bold, document.createElement("br"), text);
  box.hidden = false;
  const left = Math.min(x + 14, innerWidth - box.offsetWidth - 8);
  const top = y - box.offsetHeight - 12 < 0 ? y + 18 : y - box.offsetHeight - 12;
  box.style.left = `${Math.max(8, left) + scrollX}px`;
  box.style.top = `${top + scrollY}px`;
}

export function hush() {
  box.hidden = true;
}

// Rows of links that are wider than a phone begin at their left end. The one that is looked at is brought into view.

for (const link of document.querySelectorAll("nav [aria-current]")) {
  const row = link.closest("nav");
  if (row.scrollWidth <= row.clientWidth) continue;
  const [of, all] = [link.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += of.left - all.left - (all.width - of.width) / 2;
}

// Keys of lists: j and k go down and up, Enter opens, x ticks; r, n and / go to a form of the page.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const rows = [...document.querySelectorAll("tr[data-row]")];
  const here = rows.indexOf(document.activeElement.closest("tr[data-row]"));
  const go = (row) => { if (row) { row.tabIndex = -1; row.focus(); } };
  const field = (selector) => {
    const found = document.querySelector(selector);
    if (!found) return;
    const holder = found.closest("details");
    if (holder) holder.open = true;
    found.focus();
    event.preventDefault();
  };
  if (event.key === "j") go(rows[here + 1]);
  else if (event.key === "k") go(rows[here - 1]);
  else if (event.key === "Enter" && here >= 0 && event.target === rows[here]) rows[here].querySelector("a")?.click();
  else if (event.key === "x" && here >= 0) rows[here].querySelector("input[type=checkbox]")?.click();
  else if (event.key === "r") field("[data-key=r] select, [data-key=r] textarea, [data-key=r] input:not([type=hidden])");
  else if (event.key === "n") field("[data-key=n] textarea");
  else if (event.key === "/") field(".filters " + (document.querySelector(".filters [name=person]") ? "[name=person]" : "input[type=search]"));
});

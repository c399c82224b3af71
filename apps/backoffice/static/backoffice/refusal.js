// A refused save opens where its first error is, and each line of the summary leads to its field, whatever tab it is on.
(() => {
  const summary = document.getElementById("refusal");
  const links = [...summary.querySelectorAll('a[href^="#"]')];
  const target = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));

  // Tabs are unfold's: its own links open them.
  function open(field) {
    const group = field.closest('[id$="-group"][data-inline-type]');
    const inline = group && document.querySelector(`#tabs-items a[href="#${group.id.slice(0, -6)}"], #tabs-dropdown a[href="#${group.id.slice(0, -6)}"]`);
    const general = document.querySelector('#tabs-items a[href="#general"], #tabs-dropdown a[href="#general"]');
    (inline || general)?.click();
    const panel = field.closest(".tab-wrapper");
    if (panel) {
      const panels = [...panel.parentElement.querySelectorAll(":scope > .tab-wrapper")];
      panel.parentElement.querySelectorAll(":scope > div > nav > a")[panels.indexOf(panel)]?.click();
    }
  }

  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && target(link);
    if (!field) return;
    event.preventDefault();
    open(field);
    // Once the tab is shown.
    setTimeout(() => {
      field.scrollIntoView({ block: "center" });
      field.focus({ preventScroll: true });
    });
  });

  function begin() {
    const first = links.map(target).find(Boolean);
    if (first) open(first);
    setTimeout(() => {
      summary.focus({ preventScroll: true });
      summary.scrollIntoView({ block: "start" });
    });
  }
  // After unfold, which moves tabs about when the page has loaded.
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", () => setTimeout(begin));
})();

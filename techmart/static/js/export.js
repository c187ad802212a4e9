// Follow an export while the page is open; the link beside it does the same without this.
(() => {
  const box = document.querySelector("[data-export]");
  if (!box) return;
  const bar = box.querySelector("progress"),
    text = box.querySelector("[data-text]");
  let wait = 1000;
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.export, { headers: { Accept: "application/json" } });
      if (!answer.ok) return; // signed out or gone: the link says it properly
      const job = await answer.json();
      if (job.state !== "queued" && job.state !== "running") return location.reload();
      bar.max = job.total || 1;
      bar.value = job.done;
      if (text.textContent !== job.text) text.textContent = job.text;
      wait = 1000;
    } catch {
      wait = Math.min(wait * 2, 30000);
    }
    setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
})();

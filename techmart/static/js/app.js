// progressive enhancement only: page works without JS
(() => {
  const dlg = document.querySelector("details.facets");
  const mq = matchMedia("(min-width:60.01rem)");
  const sync = () => {
    if (dlg) dlg.open = mq.matches;
  };
  sync();
  mq.addEventListener("change", sync);
  const $ = (q, f) => document.querySelectorAll(q).forEach(f);
  // what went wrong is where reading goes on
  document.querySelector("[data-focus]")?.focus();
  // how much room is left in a long text, once it gets scarce
  $("[data-limit]", (field) => {
    const limit = +field.dataset.limit,
      count = document.createElement("p");
    count.className = "limit";
    field.after(count);
    const tell = () => {
      const length = field.value.length;
      count.textContent = length > limit * 0.8 ? `${length}/${limit}` : "";
      count.classList.toggle("limit-over", length > limit);
    };
    field.addEventListener("input", tell);
    tell();
  });
  $("[data-print]", (b) => b.addEventListener("click", () => print()));
  $("[data-copy]", (b) =>
    b.addEventListener("click", async () => {
      const t = b.querySelector("span"),
        was = t.textContent;
      try {
        await navigator.clipboard.writeText(location.href);
        t.textContent = "Đã chép";
        setTimeout(() => {
          t.textContent = was;
        }, 2000);
      } catch {
        t.textContent = "Chép ở thanh địa chỉ";
      }
    }),
  );
  // <a href="#id" data-dialog="id">: without JS the dialog opens through :target
  $("[data-dialog]", (a) =>
    a.addEventListener("click", (e) => {
      e.preventDefault();
      document.getElementById(a.dataset.dialog).showModal();
    }),
  );
  $("[data-close]", (a) =>
    a.addEventListener("click", (e) => {
      const d = a.closest("dialog");
      if (d.open) {
        e.preventDefault();
        d.close();
      }
    }),
  );
  // a reply picked from the list fills the text, unless something of one's own is typed there
  $("[data-fills]", (s) => {
    const t = document.getElementById(s.dataset.fills),
      ready = [...s.options].map((o) => o.dataset.text).filter(Boolean);
    s.addEventListener("change", () => {
      const text = s.selectedOptions[0].dataset.text;
      if (text && (!t.value.trim() || ready.includes(t.value))) t.value = text;
    });
  });
  $("[data-score]", (f) =>
    f.addEventListener("change", () => {
      const v = [...f.querySelectorAll(".crit :checked")].map((x) => +x.value),
        n = v.reduce((a, b) => a + b, 0),
        top = [4, 9, 14, 16, 20];
      let k = top.findIndex((t) => n <= t);
      if (v.includes(0) && k > 1) k = 1; // any 0 puts the listing on hold
      f.querySelector("[data-sum]").value = n + "/20";
      f.querySelector("[data-dec]").textContent = [
        "Từ chối",
        "Tạm giữ",
        "Đạt, được đăng",
        "Tốt, được đăng",
        "Rất tốt, được đăng",
      ][k];
      [...f.querySelector(".ladder").children].forEach((li, i) =>
        i === k ? li.setAttribute("aria-current", "true") : li.removeAttribute("aria-current"),
      );
      const ok = f.querySelector("[value=ok]");
      ok.disabled = k < 2;
      ok.lastChild.textContent = k < 2 ? "Chưa đủ điểm để đăng" : `Đăng tin với ${n} điểm`;
    }),
  );
  $(".crit", (c) =>
    c.addEventListener("keydown", (e) => {
      const r = /^[0-5]$/.test(e.key) && !e.altKey && !e.ctrlKey && !e.metaKey && c.querySelector(`[value="${e.key}"]`);
      if (r) {
        e.preventDefault();
        r.focus();
        r.click();
      }
    }),
  );
})();
// choosing a sort order, or a filter on a wide screen, asks again at once; without JavaScript there are buttons
(() => {
  const form = document.getElementById("f");
  if (!form) return;
  const wide = matchMedia("(min-width:60.01rem)");
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.form !== form) return;
    if (field.matches("[data-submits]") || (wide.matches && field.matches(".facet input[type=checkbox]"))) form.requestSubmit();
  });
})();

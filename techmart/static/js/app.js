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
  const input = document.querySelector("[data-suggest]");
  if (!input) return;
  const list = document.getElementById(input.getAttribute("aria-controls"));
  let t,
    ctl,
    idx = -1,
    items = [];
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    idx = -1;
  };
  const mark = () => {
    items.forEach((li, i) => li.setAttribute("aria-selected", i === idx));
    idx >= 0
      ? input.setAttribute("aria-activedescendant", items[idx].id)
      : input.removeAttribute("aria-activedescendant");
  };
  const run = async () => {
    const q = input.value.normalize("NFC").trim();
    if (q.length < 2) return close();
    ctl?.abort();
    ctl = new AbortController();
    try {
      const r = await fetch("/suggest?q=" + encodeURIComponent(q), { signal: ctl.signal });
      const a = await r.json();
      list.replaceChildren(
        ...a.map((s, i) => {
          const li = document.createElement("li");
          li.role = "option";
          li.id = "sg" + i;
          li.textContent = s;
          li.setAttribute("aria-selected", "false");
          li.addEventListener("pointerdown", (e) => {
            e.preventDefault();
            pick(s);
          });
          return li;
        }),
      );
      items = [...list.children];
      idx = -1;
      list.hidden = !a.length;
      input.setAttribute("aria-expanded", String(!!a.length));
    } catch (e) {
      if (e.name !== "AbortError") close();
    }
  };
  const pick = (s) => {
    input.value = s;
    close();
    input.form.requestSubmit();
  };
  // listen to input ALSO during composition: built-in VN IMEs keep the whole word in preedit until space
  input.addEventListener("input", () => {
    clearTimeout(t);
    t = setTimeout(run, 180);
  });
  input.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229) return; // never hijack keys that belong to the IME
    if (list.hidden) return;
    if (e.key === "ArrowDown") {
      e.preventDefault();
      idx = (idx + 1) % items.length;
      mark();
    } else if (e.key === "ArrowUp") {
      e.preventDefault();
      idx = (idx - 1 + items.length) % items.length;
      mark();
    } else if (e.key === "Enter" && idx >= 0) {
      e.preventDefault();
      pick(items[idx].textContent);
    } else if (e.key === "Escape") {
      e.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 120));
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

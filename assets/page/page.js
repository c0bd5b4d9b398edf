"use strict";
// The page reads without this script; with it, one section shows at a time, tables sort,
// findings filter, and every figure opens to its cells. Text from returns only ever becomes
// text nodes.
(() => {
  const ROWS_SHOWN = 200;
  const RESULTS_SHOWN = 40;
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  /** An element with properties and children; strings become text. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  // ---- data ------------------------------------------------------------------------------

  let loading = null;
  /** The unpacked data, with figures by id. */
  function load() {
    loading = loading || unpack();
    return loading;
  }

  async function unpack() {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("浏览器版本过旧，不能展开数字。请换用较新的浏览器，或看工作簿的“溯源”表。");
    }
    const packed = Uint8Array.from(atob(byId("data").textContent.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const data = JSON.parse(await new Response(stream).text());
    data.byId = new Map(data.figures.map((figure) => [figure.id, figure]));
    data.names = new Map(data.units.map(([code, name]) => [code, name]));
    return data;
  }

  // ---- phones ----------------------------------------------------------------------------

  /** What stands over each cell of a table: the titles of its column. */
  function titles(head) {
    const grid = [];
    Array.from(head.rows).forEach((row, y) => {
      grid[y] = grid[y] || [];
      let x = 0;
      for (const cell of row.cells) {
        while (grid[y][x] !== undefined) x += 1;
        for (let down = 0; down < cell.rowSpan; down += 1) {
          grid[y + down] = grid[y + down] || [];
          for (let right = 0; right < cell.colSpan; right += 1) {
            grid[y + down][x + right] = down ? "" : cell.textContent.trim();
          }
        }
        x += cell.colSpan;
      }
    });
    const columns = grid.length ? grid[0].length : 0;
    return Array.from({ length: columns }, (_, x) => grid.map((row) => row[x]).filter(Boolean).join(" "));
  }

  /** On a phone a row is a card with the titles beside the values, and long lists are folded. */
  function cards() {
    for (const table of all(".page table")) {
      if (!table.tHead || table.classList.contains("cards")) continue;
      const heads = titles(table.tHead);
      for (const row of all("tbody tr:not(.group)", table)) {
        Array.from(row.cells).forEach((cell, at) => {
          if (cell.tagName === "TD" && cell.textContent.trim()) cell.dataset.label = heads[at] || "";
        });
      }
      table.classList.add("cards");
    }
    for (const one of all("details.fold")) one.open = false;
  }

  const phone = window.matchMedia("(max-width: 40rem)");
  if (phone.matches) cards();
  phone.addEventListener("change", () => phone.matches && cards());
  window.addEventListener("beforeprint", () => all("details.fold").forEach((one) => { one.open = true; }));

  // ---- sections ----------------------------------------------------------------------------

  const pages = all(".page");
  let current = "home";

  function show(id, focus) {
    const page = byId(id);
    if (!page) return;
    current = id;
    for (const one of pages) {
      if (one === page) one.removeAttribute("hidden");
      else one.setAttribute("hidden", "until-found");
    }
    if (id === "compare") startComparing();
    for (const link of all(".contents a")) {
      if (link.hash === "#" + id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (focus) {
      window.scrollTo(0, 0);
      page.querySelector("h2").focus({ preventScroll: true });
    }
  }

  function follow(first) {
    let wanted = location.hash.slice(1);
    try {
      wanted = decodeURIComponent(wanted);
    } catch {
      wanted = "";
    }
    if (wanted.startsWith("f=")) {
      if (first) show("home", false);
      open(wanted.slice(2), first);
      return;
    }
    closePanel();
    if (/^u./.test(wanted) && byId("unit") && !byId(wanted)) {
      if (current !== wanted) openUnit(wanted.slice(1), first);
      return;
    }
    const target = wanted ? byId(wanted) : byId("home");
    const page = target && target.closest(".page");
    if (!page) {
      if (first) show("home", false);
      return;
    }
    const changed = page.id !== current;
    if (changed || first) show(page.id, changed && !first);
    if (target !== page) target.scrollIntoView();
    if (narrow.matches) menu.open = false;
  }

  /** The rows of a list that are about a unit, under the list's own head. */
  function rowsOf(list, code) {
    const rows = all("tbody tr", list).filter((one) => one.dataset.unit === code);
    if (!rows.length) return [];
    const name = list.parentElement.getAttribute("aria-label");
    const body = make("tbody", {}, ...rows.map((one) => one.cloneNode(true)));
    const head = list.tHead.cloneNode(true);
    for (const button of all("button", head)) button.replaceWith(...button.childNodes);
    const copy = make("table", {}, head, body);
    return [make("h3", {}, name), make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": name }, copy)];
  }

  const choosing = byId("units");
  if (choosing) {
    choosing.hidden = false;
    const choose = async () => {
      const wanted = choosing.elements.name.value.trim();
      const data = await load();
      const found = data.units.slice(1).filter(([, name]) => wanted && name.includes(wanted));
      choosing.querySelector("output").textContent = wanted ? `${found.length} 个单位` : "";
      byId("found").replaceChildren(...found.slice(0, RESULTS_SHOWN).map(([code, name]) =>
        make("li", {}, make("a", { href: "#u" + code }, name))));
    };
    choosing.addEventListener("input", () => choose().catch((error) => {
      choosing.querySelector("output").textContent = error.message;
    }));
    choosing.addEventListener("submit", (event) => event.preventDefault());
  }

  /** One of many units: only what is opened is made. */
  async function openUnit(code, first) {
    show("unit", !first);
    current = "u" + code;
    const heading = byId("unit").querySelector("h2");
    const shown = byId("of-unit");
    heading.textContent = "正在展开……";
    try {
      const data = await load();
      if (current !== "u" + code) return;
      heading.textContent = data.names.get(code) || "没有这个单位";
      const rows = data.figures.filter((figure) => figure.unit === code && !figure.category && !figure.class)
        .map((figure) => row(figureLink(figure, data.indicators[figure.of].title),
          [printed(figure), partsOf(figure), placeOf(figure), changeOf(figure)]));
      const copies = all("#home table, #findings table").flatMap((list) => rowsOf(list, code));
      shown.replaceChildren(...copies, make("h3", {}, "各项指标"),
        table(["指标", "数值", "分子/分母", "组内名次", "比上期"], rows));
    } catch (error) {
      shown.replaceChildren(make("p", {}, error.message));
    }
  }

  const menu = document.querySelector(".contents > details");
  const narrow = window.matchMedia("(max-width: 62rem)");
  if (narrow.matches) menu.open = false;
  // Finding in the page reaches every section.
  for (const page of pages) {
    page.addEventListener("beforematch", () => {
      show(page.id, false);
      history.replaceState(null, "", "#" + page.id);
    });
  }

  // ---- sorting -----------------------------------------------------------------------------

  /** Column of each header cell that stands above one column only. */
  function leaves(table) {
    const grid = [];
    const found = [];
    Array.from(table.tHead.rows).forEach((row, r) => {
      let column = 0;
      for (const cell of row.cells) {
        grid[r] = grid[r] || [];
        while (grid[r][column]) column += 1;
        for (let down = 0; down < cell.rowSpan; down += 1) {
          grid[r + down] = grid[r + down] || [];
          for (let right = 0; right < cell.colSpan; right += 1) grid[r + down][column + right] = true;
        }
        if (cell.colSpan === 1) found.push([cell, column]);
        column += cell.colSpan;
      }
    });
    return found;
  }

  /** The number that a cell begins with, or its text. */
  function key(row, column) {
    const cell = row.cells[column];
    const text = cell ? cell.textContent.trim() : "";
    const number = parseFloat(text);
    return Number.isNaN(number) ? { text, number: null } : { text, number };
  }

  function compare(a, b, sign) {
    if (a.number !== null && b.number !== null) return sign * (a.number - b.number);
    // What is no number stays behind, whichever way it is sorted.
    if (a.number !== null || b.number !== null) return a.number !== null ? -1 : 1;
    return sign * a.text.localeCompare(b.text, "zh-CN");
  }

  /** Sorts inside each body: groups are never mixed, 合计 stays first. */
  function sort(table, header, column) {
    const down = header.getAttribute("aria-sort") === "descending";
    const numeric = all("tbody:not(.total) tr:not(.group)", table)
      .some((row) => key(row, column).number !== null);
    const fresh = !header.hasAttribute("aria-sort");
    const direction = fresh ? (numeric ? "descending" : "ascending") : down ? "ascending" : "descending";
    for (const other of all("thead th", table)) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    for (const body of table.tBodies) {
      if (body.classList.contains("total")) continue;
      const rows = Array.from(body.rows).filter((row) => !row.classList.contains("group"));
      rows.sort((a, b) => compare(key(a, column), key(b, column), sign));
      body.append(...rows);
    }
  }

  function prepareSorting(table) {
    for (const [header, column] of leaves(table)) {
      const button = make("button", { type: "button" }, ...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => sort(table, header, column));
    }
  }

  // ---- filter of findings --------------------------------------------------------------------

  const filters = byId("filters");
  if (filters) {
    filters.hidden = false;
    const rows = all("#findings tbody tr");
    const apply = () => {
      const { level, unit, outcome, text } = filters.elements;
      let shown = 0;
      for (const row of rows) {
        const match = (!level.value || row.dataset.level === level.value) &&
          (!unit.value || row.dataset.unit === unit.value) &&
          (!outcome.value || row.dataset.outcome === outcome.value) &&
          (!text.value || row.textContent.includes(text.value));
        row.hidden = !match;
        shown += match ? 1 : 0;
      }
      filters.querySelector("output").textContent = `显示 ${shown} / ${rows.length} 项`;
    };
    filters.addEventListener("input", apply);
    filters.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  // ---- search ----------------------------------------------------------------------------------

  const query = byId("query");
  const results = byId("results");

  function named(data, figure) {
    const parts = [data.indicators[figure.of].title, figure.category, figure.class];
    return parts.filter(Boolean).join(" · ");
  }

  function printed(figure) {
    return figure.value === undefined ? figure.empty : figure.value + figure.measure;
  }

  function figureLink(figure, ...children) {
    return make("a", { href: "#f=" + figure.id }, ...children);
  }

  async function search() {
    const words = query.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    results.hidden = words.length === 0;
    if (results.hidden) return;
    const data = await load();
    if (!data.haystack) {
      data.haystack = data.figures.map((f) =>
        [named(data, f), data.names.get(f.unit), f.id].join(" ").toLowerCase());
    }
    const found = data.figures.filter((f, at) => words.every((w) => data.haystack[at].includes(w)));
    const list = make("ul");
    for (const figure of found.slice(0, RESULTS_SHOWN)) {
      const name = data.names.get(figure.unit);
      list.append(make("li", {},
        figureLink(figure, make("b", {}, printed(figure)), named(data, figure), make("small", {}, name))));
    }
    const count = found.length > RESULTS_SHOWN
      ? `共 ${found.length} 个数字，显示前 ${RESULTS_SHOWN} 个，可再加字缩小范围`
      : `共 ${found.length} 个数字`;
    results.replaceChildren(make("p", { role: "status" }, count), list);
  }

  function endSearch() {
    results.hidden = true;
  }

  byId("search").hidden = false;
  query.addEventListener("input", () => search().catch((error) => {
    results.hidden = false;
    results.replaceChildren(make("p", {}, error.message));
  }));
  query.addEventListener("focus", () => { load().catch(() => {}); }, { once: true });
  byId("search").addEventListener("submit", (event) => event.preventDefault());
  byId("search").addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      endSearch();
      query.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#search")) endSearch();
  });

  // ---- panel -----------------------------------------------------------------------------------

  const panel = byId("panel");
  let opener = null;

  async function open(id, first) {
    endSearch();
    if (!panel.open) opener = document.activeElement;
    const close = make("button", { type: "button", className: "close" }, "关闭");
    close.addEventListener("click", leavePanel);
    const title = make("h2", { id: "panel-title", tabIndex: -1 }, "正在展开……");
    const body = make("div");
    panel.replaceChildren(make("header", {}, title, close), body);
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
    try {
      const data = await load();
      const figure = data.byId.get(id);
      if (!figure) {
        title.textContent = "没有这个数字";
        body.append(make("p", {}, "本报告里没有编号 ", make("span", { className: "id" }, id), "。"));
        return;
      }
      const section = data.indicators[figure.of].section;
      if (first && section) show(section, false);
      title.replaceChildren(named(data, figure),
        make("small", {}, `${data.names.get(figure.unit)}　${data.periods[figure.period][1]}`));
      fill(body, data, figure);
      title.focus({ preventScroll: true });
    } catch (error) {
      title.textContent = "不能展开";
      body.append(make("p", {}, error.message));
    }
  }

  function closePanel() {
    if (!panel.open) return;
    panel.close();
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  }

  /** Closing puts the address of the section back. */
  function leavePanel() {
    history.replaceState(null, "", "#" + current);
    closePanel();
  }

  panel.addEventListener("cancel", (event) => {
    event.preventDefault();
    leavePanel();
  });
  panel.addEventListener("click", (event) => {
    if (event.target === panel) leavePanel();
  });

  function fill(body, data, figure) {
    const indicator = data.indicators[figure.of];
    const sections = [
      headline(figure, indicator),
      definition(figure, indicator),
      absence(data, figure),
      comparisons(data, figure),
      past(data, figure),
      standing(data, figure),
      make("h3", {}, "出处"),
      bare(data, figure) ? make("p", {}, "全县数由各单位的报表算出，各单位的明细不在本页。") : null,
      ...sources(data, "分子", figure.numerator_parts, figure.numerator),
      ...sources(data, "分母", figure.denominator_parts, figure.denominator),
      make("p", {}, "编号 ", make("span", { className: "id" }, figure.id)),
    ];
    body.append(...sections.flat().filter(Boolean));
  }

  /** On a unit's own page the county's figures are totals, which do not open to the units. */
  const bare = (data, figure) => Boolean(data.alone) && figure.unit === data.county;

  function headline(figure, indicator) {
    const value = figure.value === undefined
      ? make("strong", {}, figure.empty)
      : make("strong", {}, figure.value, make("span", {}, figure.measure));
    const fraction = figure.numerator !== undefined && figure.denominator !== undefined
      ? make("span", {}, `${figure.numerator} / ${figure.denominator}`)
      : null;
    const met = figure.met === undefined ? "" : figure.met ? "，已达到" : "，未达到";
    const goal = indicator.target ? make("span", {}, indicator.target + met) : null;
    const [expected, reported, used] = figure.counts;
    const completeness = expected
      ? `应报 ${expected} 个单位，已报 ${reported} 个，已计入 ${used} 个。`
      : "";
    return [
      make("p", { className: "big" }, value, fraction, goal),
      make("p", {}, `状态：${figure.state}（${figure.status}）。${completeness}`),
    ];
  }

  function definition(figure, indicator) {
    const lines = [make("h3", {}, "口径"), make("p", { className: "words" }, indicator.words)];
    const more = [indicator.kind, indicator.better, indicator.note].filter(Boolean).join("；");
    if (more) lines.push(make("p", {}, more));
    if (indicator.technical) {
      lines.push(make("details", {}, make("summary", {}, "技术口径"), make("p", { className: "words" }, indicator.technical)));
    }
    if (indicator.breaks.length) lines.push(make("p", {}, `${indicator.breaks.join("、")} 起口径变化。`));
    lines.push(make("p", {}, make("a", { href: "#i-" + indicator.id }, "看方法与口径")));
    return lines;
  }

  function absence(data, figure) {
    if (bare(data, figure)) return [];
    const heading = make("h3", {}, "未计入的单位");
    if (!figure.absent) return [heading, make("p", {}, figure.counts[0] ? "无：应报的单位都已计入。" : "无。")];
    const list = make("ul");
    for (const [unit, form, reason, cells] of figure.absent) {
      const places = cells.length ? `（${cells.join("、")}）` : "";
      list.append(make("li", {}, `${unit}：${reason}《${form}》${places}`));
    }
    return [heading, list];
  }

  function table(titles, rows) {
    const looks = (at) => (rows.length && rows[0].cells[at] ? rows[0].cells[at].className : "");
    const head = make("tr", {}, ...titles.map((title, at) => make("th", { scope: "col", className: looks(at) }, title)));
    return make("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": titles.join("、") },
      make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  function row(first, rest, properties = {}) {
    return make("tr", properties, make("th", { scope: "row" }, first),
      ...rest.map((cell) => make("td", { className: "n" }, cell)));
  }

  function comparisons(data, figure) {
    if (!figure.changes.length) return [];
    const point = figure.measure === "%" ? " 个百分点" : figure.measure;
    const rows = figure.changes.map((change) => {
      const then = change.then === null ? "—" : change.then + figure.measure;
      let difference = change.obstacle ? `${change.obstacle}，不比较` : "—";
      if (!change.obstacle && change.difference !== null) {
        const size = change.difference.replace(/^-/, "");
        if (!/[1-9]/.test(size)) difference = "持平";
        else difference = (change.difference.startsWith("-") ? "↓ " : "↑ ") + size + point;
      }
      const growth = change.growth === null ? "—" : change.growth + "%";
      return row(change.against, [data.periods[change.period][1], then, difference, growth]);
    });
    return [make("h3", {}, "比较"), table(["比较", "对比期", "当时", "增减", "增幅"], rows)];
  }

  /** The series of a figure, oldest first; `at` is the period's number. */
  function pointsOf(data, figure) {
    if (!figure.series) return [];
    const [grid, values, letters, breaks] = figure.series;
    return values.split("|").map((value, at) => ({
      at: data.grids[grid][at],
      period: data.periods[data.grids[grid][at]],
      value: value === "" ? null : value,
      status: letters[at],
      broken: breaks[at] === "1",
      begins: breaks[at] !== "0",
    }));
  }

  function past(data, figure) {
    const points = pointsOf(data, figure);
    if (points.filter((point) => point.value !== null).length < 2) return [];
    const words = { A: "正常", B: "口径变化", P: "待核实", U: "不完整", O: "缺" };
    const rows = points.map((point) => row(point.period[1], [
      point.value === null ? "—" : point.value + figure.measure,
      (words[point.status] || point.status) + (point.broken ? "（口径变化）" : ""),
    ]));
    return [make("h3", {}, "历史"), drawing(points, figure.measure),
      make("details", {}, make("summary", {}, "各期数值"), table(["报告期", "数值", "状态"], rows))];
  }

  /** A shape of a drawing. */
  function shape(tag, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  /** The series as a line: gaps stay gaps, a change of 口径 breaks it. */
  function drawing(points, measure) {
    // Drawn at its own size, so that letters stay readable on a phone.
    const width = Math.max(280, Math.min(640, panel.clientWidth - 40));
    const height = 150;
    const edge = { left: 10, right: 10, top: 24, bottom: 24 };
    const known = points.filter((point) => point.value !== null).map((point) => Number(point.value));
    const low = Math.min(...known);
    const high = Math.max(...known);
    const x = (at) => edge.left + 24 + at * (width - edge.left - edge.right - 48) / Math.max(points.length - 1, 1);
    const share = (value) => (high > low ? (value - low) / (high - low) : 0.5);
    const y = (value) => height - edge.bottom - share(Number(value)) * (height - edge.top - edge.bottom);
    const root = shape("svg", { class: "history", role: "img", viewBox: `0 0 ${width} ${height}` });
    root.append(shape("title", {}, "历史走势，各期数值见下表"));
    root.append(shape("line", { x1: 0, x2: width, y1: height - edge.bottom + 6, y2: height - edge.bottom + 6 }));
    let line = [];
    const flush = () => {
      if (line.length > 1) root.append(shape("polyline", { points: line.join(" ") }));
      line = [];
    };
    const every = Math.ceil(points.length / Math.floor(width / 88));
    points.forEach((point, at) => {
      if (point.begins || point.value === null) flush();
      const last = at === points.length - 1;
      const label = (points.length - 1 - at) % every === 0;
      if (label) {
        root.append(shape("text", { x: x(at), y: height - 5, "text-anchor": "middle" }, point.period[0]));
      }
      if (point.value === null) return;
      line.push(`${x(at).toFixed(1)},${y(point.value).toFixed(1)}`);
      root.append(shape("circle", { cx: x(at), cy: y(point.value), r: last ? 4 : 2.5 }));
      if (label) {
        const text = point.value + measure;
        root.append(shape("text", { x: x(at), y: y(point.value) - 8, "text-anchor": "middle" }, text));
      }
    });
    flush();
    return root;
  }

  /** The same figure of the units: of the own group, or of all for the county. */
  function standing(data, figure) {
    const county = figure.unit === data.county;
    const alike = data.figures.filter((other) =>
      other.of === figure.of && other.category === figure.category && other.class === figure.class &&
      other.unit !== data.county && (county || other.group === figure.group));
    if (!alike.length) return [];
    const order = (other) => (other.place ? other.place.place : Infinity);
    const groups = [...new Set(alike.map((other) => other.group || ""))];
    alike.sort((a, b) => groups.indexOf(a.group || "") - groups.indexOf(b.group || "") || order(a) - order(b) || 0);
    const others = alike.some((other) => other !== figure);
    if (!others && !figure.place || bare(data, figure)) return [];
    const lines = [make("h3", {}, county ? "各单位" : `${figure.group || "各单位"}内${others ? "比较" : "名次"}`)];
    if (figure.place) {
      const { place, of, tied, previous, small_base: small } = figure.place;
      lines.push(make("p", {}, `第 ${place} 名，共 ${of} 个${tied ? "，并列" : ""}` +
        `${previous ? `；上期第 ${previous} 名` : ""}${small ? "；小基数，名次仅供参考" : ""}。`));
    }
    if (!others) return lines;
    const rows = alike.map((other) => {
      const place = other.place ? String(other.place.place) : "—";
      const parts = other.denominator === undefined ? "" : `${other.numerator}/${other.denominator}`;
      const own = other === figure ? { className: "own" } : {};
      const name = data.names.get(other.unit) + (county && other.group ? `（${other.group}）` : "");
      return row(figureLink(other, name), [printed(other), parts, place], own);
    });
    lines.push(table(["单位", "数值", "分子/分母", "组内名次"], rows));
    return lines;
  }

  // ---- two units, two periods ------------------------------------------------------------------

  const comparing = byId("comparing");

  /** Fills the choices once the section is looked at. */
  async function startComparing() {
    if (!comparing || !comparing.hidden) return;
    comparing.hidden = false;
    const output = byId("compared");
    try {
      const data = await load();
      const choices = comparing.elements;
      const whole = data.figures.filter((f) => !f.category && !f.class);
      const units = data.units.map(([code]) => code);
      const by = new Map();
      for (const figure of whole) {
        if (!by.has(figure.of)) by.set(figure.of, new Map());
        by.get(figure.of).set(figure.unit, figure);
      }
      for (const [of, figures] of by) {
        if ([...figures.keys()].filter((code) => code !== data.county).length < 2) by.delete(of);
      }
      const titles = new Map(all(".contents a").map((link) => [link.hash.slice(1), link.textContent]));
      for (const of of by.keys()) {
        const { section, title } = data.indicators[of];
        let group = all("optgroup", choices.of).find((one) => one.dataset.section === section);
        if (!group) {
          group = make("optgroup", { label: titles.get(section) || "其他" });
          group.dataset.section = section;
          choices.of.append(group);
        }
        group.append(make("option", { value: String(of) }, title));
      }
      const offered = (select, options, wanted) => {
        const before = select.value;
        select.replaceChildren(...options.map(([value, title]) => make("option", { value }, title)));
        const values = options.map(([value]) => value);
        select.value = values.includes(before) ? before : wanted(values);
      };
      const refresh = () => {
        const figures = by.get(Number(choices.of.value));
        const two = choices.what.value;
        for (const one of all("[data-for]", comparing)) one.hidden = one.dataset.for !== two;
        const there = units.filter((code) => figures.has(code)).map((code) => [code, data.names.get(code)]);
        const own = there.filter(([code]) => code !== data.county);
        offered(choices.first, own, (codes) => codes[0]);
        offered(choices.second, own, (codes) => codes[1]);
        offered(choices.unit, there, (codes) => codes[0]);
        const known = pointsOf(data, figures.get(choices.unit.value))
          .filter((point) => point.value !== null)
          .map((point) => [String(point.at), point.period[1]]);
        offered(choices.from, known, (periods) => periods[Math.max(periods.length - 2, 0)]);
        offered(choices.to, known, (periods) => periods[periods.length - 1]);
        const shown = two === "units" ? twoUnits(data, figures, choices) : twoPeriods(data, figures, choices);
        output.replaceChildren(...shown);
      };
      const rate = [...by.keys()].find((of) => data.indicators[of].target);
      if (rate !== undefined) choices.of.value = String(rate);
      comparing.addEventListener("change", refresh);
      refresh();
    } catch (error) {
      output.replaceChildren(make("p", {}, error.message));
    }
  }

  function captioned(words, ...shown) {
    return [make("figure", {}, make("figcaption", {}, make("h3", {}, words)), ...shown)];
  }

  const placeOf = (figure) => (figure.place ? `${figure.place.place}/${figure.place.of}` : "—");
  const partsOf = (figure) => (figure.denominator === undefined ? "" : `${figure.numerator}/${figure.denominator}`);

  function changeOf(figure) {
    const [before] = figure.changes;
    if (!before) return "—";
    return `${before.against} ${before.obstacle ? "不比较" : signed(before.difference, figure.measure)}`;
  }

  /** Two units as they stand now, with the county; what reached the target has its colour. */
  function twoUnits(data, figures, choices) {
    const codes = [...new Set([choices.first.value, choices.second.value, data.county])];
    const shown = codes.map((code) => figures.get(code)).filter(Boolean);
    const indicator = data.indicators[shown[0].of];
    const words = `${indicator.title}：${codes.slice(0, -1).map((code) => data.names.get(code)).join("与")}` +
      `（${data.periods[shown[0].period][1]}）`;
    const rows = shown.map((figure) => row(figureLink(figure, data.names.get(figure.unit)),
      [printed(figure), partsOf(figure), placeOf(figure), changeOf(figure)]));
    const listed = table(["单位", "数值", "分子/分母", "组内名次", "比上期"], rows);
    // The county's sum would flatten its units; its rate would not.
    const drawn = shown.filter((figure) => figure.measure === "%" || figure.unit !== data.county);
    return captioned(words, bars(data, drawn, words), listed);
  }

  function signed(difference, measure) {
    if (difference === null) return "—";
    const size = difference.replace(/^-/, "");
    if (!/[1-9]/.test(size)) return "持平";
    return (difference.startsWith("-") ? "↓ " : "↑ ") + size + (measure === "%" ? " 个百分点" : measure);
  }

  const drawnWidth = () => Math.max(280, Math.min(640, byId("compared").clientWidth));

  function bars(data, figures, words) {
    const width = drawnWidth();
    const height = figures.length * 46 + 6;
    const root = shape("svg", { class: "compare", role: "img", viewBox: `0 0 ${width} ${height}`, width, height });
    root.append(shape("title", {}, `${words}，各数见表`));
    const values = figures.map((figure) => (figure.value === undefined ? 0 : Number(figure.value)));
    const low = Math.min(0, ...values);
    const high = Math.max(0, ...values);
    const x = (value) => 2 + (high > low ? (value - low) / (high - low) : 0) * (width - 4);
    figures.forEach((figure, at) => {
      const top = at * 46;
      const look = figure.met === undefined ? "plain" : figure.met ? "met" : "unmet";
      const mark = figure.met === undefined ? "" : figure.met ? " ✓" : " ✗";
      root.append(shape("text", { x: 2, y: top + 16 }, data.names.get(figure.unit)));
      root.append(shape("text", { x: width - 2, y: top + 16, "text-anchor": "end" }, printed(figure) + mark));
      if (figure.value === undefined) return;
      const [from, to] = [x(0), x(values[at])].sort((a, b) => a - b);
      root.append(shape("rect", { class: look, x: from, y: top + 22, width: to - from, height: 16 }));
    });
    root.append(shape("line", { x1: x(0), x2: x(0), y1: 20, y2: height }));
    return root;
  }

  /** One less the other, as decimals of so many places: never in binary fractions. */
  function minus(now, then) {
    const places = (text) => (text.split(".")[1] || "").length;
    const most = Math.max(places(now), places(then));
    const whole = (text) => BigInt(text.replace(".", "") + "0".repeat(most - places(text)));
    const by = whole(now) - whole(then);
    const digits = String(by < 0n ? -by : by).padStart(most + 1, "0");
    const cut = digits.length - most;
    return (by < 0n ? "-" : "") + digits.slice(0, cut) + (most ? "." + digits.slice(cut) : "");
  }

  /** What keeps two points of a series from being compared; nothing if they compare. */
  function obstacle(points, from, to) {
    const between = points.filter((point) => point.at !== from.at)
      .slice(points.indexOf(from), points.indexOf(to));
    if (between.some((point) => point.broken)) return "口径变化";
    if ([from, to].some((point) => "UO".includes(point.status))) return "数据不全";
    const alike = from.period[0].slice(4) === to.period[0].slice(4);
    return between.some((point) => point.begins) && !alike ? "年初重新起算" : "";
  }

  /** All units then and now, the chosen one marked. */
  function twoPeriods(data, figures, choices) {
    const chosen = figures.get(choices.unit.value);
    const indicator = data.indicators[chosen.of];
    const numbers = [Number(choices.from.value), Number(choices.to.value)];
    const order = pointsOf(data, chosen).map((point) => point.at);
    numbers.sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const [then, now] = numbers.map((number) => data.periods[number]);
    if (numbers[0] === numbers[1] || !then || !now) {
      return [make("p", { className: "note" }, "请选两个不同的、有数的时期。")];
    }
    const lines = [...figures.values()].map((figure) => {
      const points = pointsOf(data, figure);
      const [from, to] = numbers.map((number) => points.find((point) => point.at === number));
      const known = from && to && from.value !== null && to.value !== null;
      const why = known ? obstacle(points, from, to) : "";
      const by = known && !why ? minus(to.value, from.value) : null;
      return { figure, from, to, known, why, by };
    });
    const words = `${indicator.title}：${then[1]}与${now[1]}`;
    const shown = (point, figure) => (point && point.value !== null ? point.value + figure.measure : "—");
    const rows = lines.map(({ figure, from, to, why, by }) => row(figureLink(figure, data.names.get(figure.unit)),
      [shown(from, figure), shown(to, figure), why ? `${why}，不比较` : signed(by, figure.measure)],
      figure === chosen ? { className: "own" } : {}));
    const listed = table(["单位", then[1], now[1], "增减"], rows);
    // The county's number is no unit's: where it is a sum it would flatten all others.
    const fits = ({ figure }) => figure === chosen || chosen.measure === "%" ||
      ![figure.unit, chosen.unit].includes(data.county);
    const drawn = lines.filter((line) => line.known && fits(line));
    const legend = `粗线为${data.names.get(chosen.unit)}；蓝色为向好，橙色为变差，灰色为持平或不分好坏；不能比较的不连线。`;
    return captioned(words, slope(drawn, chosen, indicator, [then, now], words),
      make("p", { className: "note" }, legend), listed);
  }

  function slope(lines, chosen, indicator, [then, now], words) {
    const width = drawnWidth();
    const height = 260;
    const root = shape("svg", { class: "compare", role: "img", viewBox: `0 0 ${width} ${height}`, width, height });
    root.append(shape("title", {}, `${words}，各数见表`));
    const values = lines.flatMap(({ from, to }) => [Number(from.value), Number(to.value)]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const y = (value) => 232 - (high > low ? (Number(value) - low) / (high - low) : 0.5) * 196;
    const [left, right] = [96, width - 96];
    for (const [at, period] of [[left, then], [right, now]]) {
      root.append(shape("text", { x: at, y: 14, "text-anchor": "middle" }, period[1]));
      root.append(shape("line", { x1: at, x2: at, y1: 24, y2: 244 }));
    }
    const up = indicator.better === "越高越好" ? 1 : indicator.better === "越低越好" ? -1 : 0;
    const marked = (line) => line.figure === chosen;
    for (const line of lines.slice().sort((a, b) => marked(a) - marked(b))) {
      const { figure, from, to, by } = line;
      const moved = by === null || !/[1-9]/.test(by) ? 0 : by.startsWith("-") ? -up : up;
      const look = (marked(line) ? "chosen " : "") + (moved > 0 ? "better" : moved < 0 ? "worse" : "plain");
      // What does not compare is not joined.
      if (by !== null) root.append(shape("line", { class: look, x1: left, x2: right, y1: y(from.value), y2: y(to.value) }));
      for (const [at, point] of [[left, from], [right, to]]) {
        root.append(shape("circle", { class: look, cx: at, cy: y(point.value), r: marked(line) ? 4 : 2.5 }));
      }
      if (!marked(line)) continue;
      root.append(shape("text", { x: left - 8, y: y(from.value) + 4, "text-anchor": "end" }, from.value + figure.measure));
      root.append(shape("text", { x: right + 8, y: y(to.value) + 4 }, to.value + figure.measure));
    }
    return root;
  }

  // ---- cells -----------------------------------------------------------------------------------

  function rowNumbers(ranges) {
    const numbers = [];
    for (const part of ranges.split(",").filter(Boolean)) {
      const [from, to = from] = part.split("-").map(Number);
      for (let number = from; number <= to; number += 1) numbers.push(number);
    }
    return numbers;
  }

  function sources(data, word, parts, total) {
    if (!parts.length) return [];
    const shown = total === undefined ? "" : ` ${total}`;
    return [make("h4", {}, word + shown), ...parts.flatMap((part) => source(data, data.parts[part]))];
  }

  function source(data, [tableAt, fields, ranges, unlisted]) {
    const from = data.tables[tableAt];
    const rows = rowNumbers(ranges);
    if (from.source === "units") {
      // Rows are places in the register of units; the county stands before it.
      const names = rows.map((at) => data.units[at + 1][1]);
      return [make("p", {}, `应报单位 ${rows.length} 个：${names.join("、")}。`)];
    }
    if (unlisted) {
      const many = `《${from.title}》${from.period}：${unlisted} 行，行数太多，不随网页逐行列出；`;
      return [make("p", {}, many + "可用 dangtong audit trace 按指标值编号逐行查看。")];
    }
    const title = `《${from.title}》${from.period}：${rows.length} 行`;
    if (!rows.length) return [make("p", {}, title + "，没有符合的行。")];
    const box = make("div", { className: "cells" }, make("p", {}, title));
    let done = 0;
    const more = make("button", { type: "button", className: "more" });
    const extend = () => {
      const until = Math.min(done + ROWS_SHOWN, rows.length);
      while (done < until) {
        // Rows stand in the order of their returns.
        const at = from.rows[rows[done]][0];
        let end = done;
        while (end < until && from.rows[rows[end]][0] === at) end += 1;
        more.before(ofReturn(from, from.returns[at], fields, rows.slice(done, end), rows.length <= 40));
        done = end;
      }
      more.hidden = done >= rows.length;
      more.textContent = `共 ${rows.length} 行，已显示 ${done} 行，再显示 ${Math.min(ROWS_SHOWN, rows.length - done)} 行`;
    };
    box.append(more);
    more.addEventListener("click", extend);
    extend();
    return [box];
  }

  /** The rows of one return, under its unit and file. */
  function ofReturn(from, [unit, file, sheet, letters], fields, rows, open) {
    const place = sheet ? `${file} › ${sheet}` : file;
    const inOrder = fields.slice().sort((a, b) =>
      letters[a].length - letters[b].length || (letters[a] < letters[b] ? -1 : letters[a] > letters[b] ? 1 : a - b));
    const body = rows.map((number) => {
      const sheetRow = from.rows[number][1];
      const cells = inOrder.map((field) => {
        const raw = from.cells[field][number];
        const placed = (from.places?.[field] ?? {})[number];
        const address = placed ? placed : letters[field] ? letters[field] + sheetRow : "无此栏";
        const text = raw === null ? make("span", { className: "blank" }, "（空白）") : raw;
        return make("td", {}, text, make("span", { className: "at" }, address));
      });
      return make("tr", {}, make("th", { scope: "row" }, `第 ${sheetRow} 行`), ...cells);
    });
    const titles = ["行", ...inOrder.map((field) => from.fields[field])];
    const summary = make("summary", {}, `${unit ? unit + "：" : ""}${place}（${rows.length} 行）`);
    return make("details", { open }, summary, table(titles, body));
  }

  // ---- start -----------------------------------------------------------------------------------

  for (const one of all("table.sortable")) prepareSorting(one);
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-figure]");
    if (mark) location.hash = "f=" + mark.dataset.figure;
  });
  const printAll = byId("print-all");
  printAll.hidden = false;
  printAll.addEventListener("click", () => {
    document.documentElement.classList.add("print-all");
    window.print();
  });
  window.addEventListener("afterprint", () => document.documentElement.classList.remove("print-all"));
  window.addEventListener("hashchange", () => follow(false));
  follow(true);
})();

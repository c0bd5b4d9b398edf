// Opens report.html in Chromium, from the disk and without network, and uses it as a reader
// would.
//
//     node page.mjs REPORT PROGRAM RETURNS
//
// REPORT: folder of the sample county's October report; PROGRAM: the built dangtong, asked what
// the cells of a figure are; RETURNS: the returns, of which a hostile copy is made.
// CHROMIUM names the browser (default /usr/bin/chromium).

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [report, program, returns] = process.argv.slice(2).map((path) => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const desktop = { width: 1280, height: 900 };
const phone = { width: 360, height: 740 };
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
  ],
});

/** Opens a page of a folder; everything that must never happen is noted. */
async function open(folder, hash = "", viewport = desktop, file = "report.html") {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.faults.push(message.text());
  });
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("request", (request) => {
    const wanted = request.url().split("#")[0];
    if (wanted !== address(folder, file)) page.faults.push(`request: ${wanted}`);
  });
  await page.goto(address(folder, file) + hash);
  return page;
}

function address(folder, file = "report.html") {
  return pathToFileURL(join(folder, file)).href;
}

async function done(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

const panel = (page) => page.locator("#panel");

/** The panel, once the figure's cells are in it. */
async function opened(page) {
  await panel(page).locator("h3", { hasText: "出处" }).waitFor();
  return panel(page);
}

async function accessible(page, what) {
  // Every link here is a fragment, and axe takes those that are scrolled away for skip links;
  // the real one has a step of its own.
  const options = { resultTypes: ["violations"], rules: { "skip-link": { enabled: false } } };
  const results = await page.evaluate(`${axe}; axe.run(document, ${JSON.stringify(options)})`);
  const violations = results.violations.map((v) =>
    `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join("; ")}`);
  assert.deepEqual(violations, [], what);
}

const steps = {
  "the page is below 3 MB": async () => {
    const { size } = statSync(join(report, "report.html"));
    assert.ok(size < 3_000_000, `${size} bytes`);
  },

  "it opens on the overview without fault or request": async () => {
    const page = await open(report);
    assert.equal(await page.locator("#home").isVisible(), true);
    assert.equal(await page.locator("#p11").isVisible(), false);
    assert.match(await page.title(), /2013年10月/);
    await done(page);
  },

  "a figure opens with the cells that audit trace names": async () => {
    for (const id of ["studio_opened_rate@140722", "good_or_better@140722200"]) {
      const trace = JSON.parse(execFileSync(program, ["audit", "trace", "--json", report, id]));
      const page = await open(report, "#f=" + id);
      const shown = await opened(page);
      assert.ok((await shown.locator(".big").innerText()).includes(trace.value));
      const cells = await shown.locator(".cells").evaluateAll((boxes) => boxes.map((box) =>
        Array.from(box.querySelectorAll("td")).map((cell) => {
          const at = cell.querySelector(".at").textContent;
          const place = cell.closest("details").querySelector("summary").textContent;
          return [place, at, cell.textContent.slice(0, -at.length)];
        })));
      const expected = (side) => side.map((cell) => {
        const place = cell.sheet ? `${cell.file} › ${cell.sheet}` : cell.file;
        return [place, cell.cell || "无此栏", cell.raw ?? "（空白）"];
      });
      // One box a side here; units that are counted stand in a sentence.
      const units = (cell) => cell.file === "pipeline/registers/unit.csv";
      const sides = [trace.numerator_cells, trace.denominator_cells]
        .filter((side) => side.length && !side.every(units));
      assert.equal(cells.length, sides.length, id);
      sides.forEach((side, at) => {
        const want = expected(side);
        assert.equal(cells[at].length, want.length, id);
        cells[at].forEach(([place, address, raw], index) => {
          assert.ok(place.includes(want[index][0]), `${place} is not ${want[index][0]}`);
          assert.deepEqual([address, raw], want[index].slice(1));
        });
      });
      await done(page);
    }
  },

  "long lists of cells say how many there are, and give the rest": async () => {
    const id = "good_or_better@140722";
    const trace = JSON.parse(execFileSync(program, ["audit", "trace", "--json", report, id]));
    const page = await open(report, "#f=" + id);
    const box = (await opened(page)).locator(".cells").last();
    const count = () => box.locator("tbody tr").count();
    assert.equal(await count(), 200);
    const more = box.locator("button.more");
    assert.match(await more.innerText(), /共 419 行，已显示 200 行/);
    while (await more.isVisible()) await more.click();
    assert.equal(await count(), trace.denominator_cells.length);
    await done(page);
  },

  "sorting keeps 合计 first and never mixes groups": async () => {
    const page = await open(report, "#p11");
    const table = page.locator("#p11 table.sortable").first();
    const header = table.locator("thead th", { hasText: "较好以上率" });
    const read = () => table.evaluate((one) => Array.from(one.tBodies).map((body) =>
      Array.from(body.rows).map((row) => row.cells.length > 2
        ? parseFloat(row.cells[2].textContent) : row.cells[0].textContent)));
    const before = await read();
    await header.locator("button").focus();
    await page.keyboard.press("Enter");
    assert.equal(await header.getAttribute("aria-sort"), "descending");
    const after = await read();
    assert.deepEqual(after[0], before[0]);
    assert.equal(after.length, before.length);
    after.slice(1).forEach(([group, ...values], at) => {
      assert.equal(group, before[at + 1][0]);
      assert.deepEqual(values, before[at + 1].slice(1).sort((a, b) => b - a));
    });
    await page.keyboard.press("Enter");
    assert.equal(await header.getAttribute("aria-sort"), "ascending");
    assert.deepEqual((await read())[1].slice(1), after[1].slice(1).reverse().sort((a, b) => a - b));
    await done(page);
  },

  "the keyboard opens and closes a figure, and focus comes back": async () => {
    const page = await open(report, "#p09");
    const figure = page.locator("#p09 td a").first();
    await figure.focus();
    await page.keyboard.press("Enter");
    await opened(page);
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      const inside = await page.evaluate(() =>
        document.activeElement === document.body || document.activeElement.closest("#panel") !== null);
      assert.ok(inside, "focus left the open panel");
    }
    await page.keyboard.press("Escape");
    assert.equal(await panel(page).isVisible(), false);
    assert.equal(await figure.evaluate((one) => document.activeElement === one), true);
    assert.equal(new URL(page.url()).hash, "#p09");
    await done(page);
  },

  "addresses lead to sections, and back closes the panel": async () => {
    const page = await open(report, "#u140722100");
    assert.equal(await page.locator("#u140722100 h2").isVisible(), true);
    await page.locator("#u140722100 td a").first().click();
    await opened(page);
    await page.goBack();
    await panel(page).waitFor({ state: "hidden" });
    assert.equal(await page.locator("#u140722100 h2").isVisible(), true);
    await page.goto(address(report) + "#i-good_or_better");
    await page.locator("#methods h2").waitFor({ state: "visible" });
    await done(page);
  },

  "the first key leads past the contents": async () => {
    const page = await open(report);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest("main") !== null));
    await done(page);
  },

  "an unknown figure says so": async () => {
    const page = await open(report, "#f=<img src=x>@1");
    await panel(page).getByText("没有这个数字").waitFor();
    await done(page);
  },

  "search finds figures by indicator and unit": async () => {
    const page = await open(report);
    await page.locator("#query").fill("较好以上率 桐峪镇");
    const result = page.locator("#results a", { hasText: "桐峪镇" }).first();
    await result.waitFor();
    await result.click();
    assert.match(await (await opened(page)).innerText(), /桐峪镇/);
    await done(page);
  },

  "findings filter by level": async () => {
    const page = await open(report, "#findings");
    const rows = page.locator("#findings tbody tr");
    const all = await rows.count();
    await page.locator("#filters select[name=level]").selectOption("query");
    const shown = await page.locator("#findings tbody tr:visible").count();
    assert.equal(shown, await page.locator("#findings tbody tr[data-level=query]").count());
    assert.ok(shown > 0 && shown < all);
    await done(page);
  },

  "nothing scrolls sideways on a phone, and axe finds nothing": async () => {
    for (const viewport of [phone, desktop]) {
      for (const hash of ["", "#compare", "#p11", "#p10", "#u140722100", "#findings", "#methods", "#f=good_or_better@140722"]) {
        const page = await open(report, hash, viewport);
        if (hash.startsWith("#f=")) await opened(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${hash} is ${wide} px too wide at ${viewport.width}`);
        // The markup is the same on a phone; what its style hides or moves is seen on these.
        const different = hash === "" || hash === "#p11" || hash.startsWith("#f=");
        if (viewport === desktop || different) await accessible(page, `${hash} at ${viewport.width}`);
        await done(page);
      }
    }
  },

  "on a phone the overview is below eight screens and rows are cards": async () => {
    const page = await open(report, "", { width: 390, height: 844 });
    const tall = await page.evaluate(() => document.documentElement.scrollHeight / innerHeight);
    assert.ok(tall < 8, `${tall} screens`);
    const order = (await page.locator("#home h3").allInnerTexts()).map((title) => title.slice(0, 4));
    assert.deepEqual(order, ["问题清单", "主要情况", "收报情况", "主要指标", "红黑榜"], "the map is above them");
    await page.locator("#home details.fold summary").first().click();
    const cell = page.locator("#home table.cards td[data-label]").first();
    assert.equal(await cell.evaluate((td) => getComputedStyle(td).display), "grid");
    // Nothing is cut, and no table has to be pushed sideways.
    const cut = await page.evaluate(() => Array.from(document.querySelectorAll("#home table.cards"))
      .filter((t) => t.offsetParent && t.parentElement.scrollWidth > t.parentElement.clientWidth + 1).length);
    assert.equal(cut, 0);
    await accessible(page, "cards");
    await done(page);
  },

  "two units and two periods that the reader chooses stand beside each other": async () => {
    const page = await open(report, "#compare");
    const form = page.locator("#comparing");
    await form.locator("select[name=of] option").first().waitFor({ state: "attached" });
    await form.locator("select[name=of]").selectOption({ label: "较好以上率" });
    await form.locator("select[name=first]").selectOption({ label: "辽阳镇" });
    await form.locator("select[name=second]").selectOption({ label: "麻田镇" });
    const rows = () => page.locator("#compared tbody tr").evaluateAll((all) =>
      all.map((row) => Array.from(row.cells).slice(0, 4).map((cell) => cell.textContent)));
    assert.deepEqual((await rows()).map((row) => row.slice(0, 3)),
      [["辽阳镇", "61.9%", "26/42"], ["麻田镇", "80.0%", "24/30"], ["左权县", "65.9%", "276/419"]]);
    // 80 % is the target: one reached it.
    const looks = await page.locator("#compared rect").evaluateAll((all) => all.map((bar) => bar.getAttribute("class")));
    assert.deepEqual(looks, ["unmet", "met", "unmet"]);
    await accessible(page, "two units");

    await form.locator("input[value=units]").focus();
    await page.keyboard.press("ArrowRight");
    await form.locator("select[name=unit]").selectOption({ label: "辽阳镇" });
    const then = Object.fromEntries((await rows()).map(([unit, ...rest]) => [unit, rest]));
    // 61.9 − 59.5 and 65.9 − 57.5, as printed.
    assert.deepEqual(then["辽阳镇"], ["59.5%", "61.9%", "↑ 2.4 个百分点"]);
    assert.deepEqual(then["左权县"], ["57.5%", "65.9%", "↑ 8.4 个百分点"]);
    const chosen = page.locator("#compared line.chosen");
    assert.match(await chosen.getAttribute("class"), /better/);
    await accessible(page, "two periods");
    await form.locator("select[name=from]").selectOption({ label: "2013年" });
    await page.getByText("请选两个不同的").waitFor();
    await done(page);
  },

  "a unit's own page is whole without the others": async () => {
    const folder = mkdtempSync(join(tmpdir(), "dangtong-page-"));
    try {
      const run = spawnSync(program, ["page", "--returns", returns, "--unit", "辽阳镇", "--period", "2013-10",
        "--out", folder], { encoding: "utf8" });
      assert.equal(run.status, 0, run.stderr);
      const own = join(folder, "2013-10", "收报", "单位页");
      for (const viewport of [desktop, { width: 390, height: 844 }]) {
        const page = await open(own, "", viewport, "辽阳镇.html");
        const [wide, tall] = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth,
          document.documentElement.scrollHeight / innerHeight]);
        assert.ok(wide <= 0 && tall < 8, `${wide} px too wide, ${tall} screens`);
        await accessible(page, `the unit's page at ${viewport.width}`);
        await done(page);
      }
      const page = await open(own, "#f=good_or_better@140722100", desktop, "辽阳镇.html");
      assert.match(await (await opened(page)).innerText(), /第 8 名，共 10 个/);
      await accessible(page, "a figure of the unit's");
      await page.keyboard.press("Escape");
      await page.locator("#home td a", { hasText: "65.9%" }).first().click();
      assert.match(await (await opened(page)).innerText(), /各单位的明细不在本页/);
      for (const section of ["findings", "methods"]) {
        await page.goto(address(own, "辽阳镇.html") + "#" + section);
        await page.locator(`#${section} h2`).waitFor({ state: "visible" });
      }
      await done(page);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  "of many units the one that is opened is made": async () => {
    const folder = mkdtempSync(join(tmpdir(), "dangtong-many-"));
    try {
      cpSync(join(here, "../fixtures/mini"), join(folder, "pipeline"), { recursive: true });
      mkdirSync(join(folder, "returns/2013-10"), { recursive: true });
      const units = ["code,name,aliases,kind,group"];
      for (let n = 0; n < 201; n += 1) {
        const [code, name] = [`9${String(n).padStart(5, "0")}`, `第${String(n).padStart(3, "0")}乡`];
        units.push(`${code},${name},,${n ? "township" : "agency"},乡镇`);
        // The last but one has closed nothing, which is a finding.
        const [closed, closing] = n === 199 ? [0, 4] : [3, 1];
        writeFileSync(join(folder, `returns/2013-10/${n}.csv`), ["办件月报", `填报单位：${name},,报告期：2013年10月`,
          "窗口,经办人,期初在办,本月登记,本月办结,期末在办", `w${n},党员0001,1,3,${closed},${closing}`, ""].join("\n"));
      }
      writeFileSync(join(folder, "pipeline/registers/unit.csv"), units.join("\n") + "\n");
      const settings = join(folder, "pipeline/pipeline.toml");
      writeFileSync(settings, readFileSync(settings, "utf8").replace('["乡镇", "县直机关"]', '["乡镇"]'));
      const run = spawnSync(program, ["run", "--pipeline", join(folder, "pipeline"), "--returns", join(folder, "returns"),
        "--out", join(folder, "out")], { encoding: "utf8" });
      assert.ok(run.status < 2, run.stderr);
      const page = await open(join(folder, "out/2013-10"), "#unit");
      await page.locator("#units input").fill("第199");
      await page.locator("#found a").click();
      const unit = page.locator("#unit");
      await unit.locator("h2", { hasText: "第199乡" }).waitFor();
      const text = await unit.innerText();
      assert.match(text, /办结率\s*0\.0%\s*0\/4/);
      assert.match(text, /有在办件而本月没有办结/);
      assert.ok(!text.includes("第198乡"));
      await accessible(page, "a unit of many");
      await unit.locator("td a, th a", { hasText: "办结率" }).first().click();
      assert.match(await (await opened(page)).innerText(), /第199乡/);
      await page.keyboard.press("Escape");
      assert.equal(new URL(page.url()).hash, "#u900199");
      await done(page);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  "what a clerk types stays text": async () => {
    const folder = mkdtempSync(join(tmpdir(), "dangtong-hostile-"));
    try {
      execFileSync("python3",
        [join(here, "hostile.py"), returns, "pipelines/zuoquan", join(folder, "county")]);
      const county = (name) => join(folder, "county", name);
      const run = spawnSync(program, ["run", "--pipeline", county("pipeline"),
        "--returns", county("returns"), "--out", join(folder, "out")], { encoding: "utf8" });
      assert.equal(run.status, 1, run.stderr);
      const hostile = join(folder, "out", "2013-10");
      const page = await open(hostile, "#f=rooms_villages@140722100");
      const cells = await (await opened(page)).locator(".cells").first().innerText();
      assert.ok(cells.includes("<script>window.broken=1</script>东沟村"), cells);
      assert.ok(cells.includes('=HYPERLINK("https://example.invalid/")&"殷家庄村'), cells);
      await page.keyboard.press("Escape");
      await page.goto(address(hostile) + "#findings");
      const findings = await page.locator("#findings").innerText();
      assert.ok(findings.includes("<img src=x onerror=window.broken=1>"), findings);
      assert.equal(await page.evaluate(() => window.broken), undefined);
      assert.equal(await page.locator("a[href*=example]").count(), 0);
      await done(page);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.message}`);
  }
}
await browser.close();
console.log(failed ? `${failed} of ${Object.keys(steps).length} failed` : "browser: all ok");
process.exitCode = failed ? 1 : 0;

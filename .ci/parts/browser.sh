# report.html in a real browser, used as a reader would: no network, keyboard, phone, hostile text.
need chromium chromium
need npm nodejs npm
need_python
reported
npm ci --prefix tests/browser --silent --no-audit --no-fund
node tests/browser/page.mjs reports/2013-10 "$dangtong" sample-data/zuoquan/returns

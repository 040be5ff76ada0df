// Chromium as people use it: a page with helpers that read as sentences. A seat also watches: requests that leave the origin,
// errors of scripts and answers of 500 fail the journey.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../console/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.JOURNEY_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

export class Browser {
  static async start() {
    const browser = new Browser();
    const path = process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium']).toString().trim();
    browser.chromium = await chromium.launch({ executablePath: path, headless: true, args: ['--no-sandbox'] });
    return browser;
  }

  async seat(url, name) {
    const context = await this.chromium.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1440, height: 900 }, baseURL: url, acceptDownloads: true });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const faults = [];
    page.on('request', (request) => {
      const to = request.url();
      if (!to.startsWith(url) && !to.startsWith('data:') && !to.startsWith('blob:')) faults.push(`a request left the origin: ${to}`);
    });
    page.on('pageerror', (error) => faults.push(`an error of a script: ${error.message}`));
    page.on('response', (answer) => {
      if (answer.status() >= 500) faults.push(`${answer.status()} of ${answer.url()}`);
    });
    const picture = async (what) => {
      if (shots) await page.screenshot({ path: join(shots, `${name}-${what}.png`), fullPage: what !== 'screen' });
    };
    // Takes a post for the pages that follow: what the switcher in the top bar keeps.
    const takePost = async (post) => {
      await page.addInitScript((chosen) => window.localStorage.setItem('nacre.post', chosen), post);
    };
    return {
      page,
      context,
      picture,
      takePost,
      // Opens an address and waits until nothing is being loaded.
      open: async (path) => {
        await page.goto(path, { waitUntil: 'domcontentloaded' });
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), null, { timeout: 15_000 }).catch(() => {});
      },
      narrow: () => page.setViewportSize({ width: 390, height: 844 }),
      wide: () => page.setViewportSize({ width: 1440, height: 900 }),
      // No serious fault that axe finds, and nothing wider than the page.
      reachable: async (what) => {
        // Colours that fade in are judged when they have arrived.
        await page.waitForTimeout(400);
        await page.evaluate(axe);
        const result = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
        const serious = result.violations.filter((v) => ['serious', 'critical'].includes(v.impact));
        const words = serious.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
        assert.deepEqual(words, [], `axe on ${what}`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wider <= 1, `${what} is ${wider} px wider than the window`);
      },
      check: () => assert.deepEqual(faults, []),
      leave: () => context.close(),
    };
  }

  stop() {
    return this.chromium.close();
  }
}

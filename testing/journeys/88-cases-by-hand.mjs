// The same by hand: a citizen reports on a phone in a minute, the desk files and dispatches in a few clicks, the handler answers from
// the phone, the reporter follows it and rates it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const title = '在手机和案件台上办理：市民上报、立案、派遣、处置、查进度、评价';

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');

export default async function ({ server, page, open, step, picture, takePost, reachable, narrow, wide }) {
  const photo = join(server.folder, 'photo.png');
  writeFileSync(photo, PIXEL);
  let track = '';
  await step('a citizen reports on a phone', async () => {
    await narrow();
    await open('/report');
    await page.getByTestId('kind-E-06010').click();
    await page.getByTestId('report-send').click();
    await page.getByRole('alert').first().waitFor();
    await page.getByTestId('report-text').fill('路口有暴露垃圾（样例）');
    await page.getByTestId('report-photo').setInputFiles(photo);
    await page.locator('.case-photos img').first().waitFor();
    await page.getByTestId('report-address').fill('样例路口');
    await page.getByTestId('report-nameless').check();
    await picture('report');
    await page.getByTestId('report-send').click();
    track = await page.getByTestId('track').innerText();
    assert.ok(track.length >= 16);
    await picture('reported');
  });
  await step('the desk finds it, files it and dispatches it; what is missing is said in the form', async () => {
    await wide();
    await takePost('acceptor@haizhu-government');
    await open('/cases?mine=1');
    await page.getByTestId('case-row').first().getByRole('link').click();
    await page.getByTestId('verb-file').click();
    await page.getByTestId('verb-ok').click();
    await page.locator('[data-testid=step][data-verb=file]').waitFor();
    await takePost('dispatcher@haizhu-government');
    await open(new URL(page.url()).pathname);
    await page.getByTestId('verb-dispatch').click();
    await page.getByTestId('verb-ok').click();
    await page.getByRole('alert').first().waitFor();
    await page.getByTestId('field-organisation').selectOption('street-office-440105014');
    await page.getByTestId('verb-ok').click();
    await page.locator('[data-testid=step][data-verb=dispatch]').waitFor();
    await picture('case');
    await reachable('a case');
  });
  const path = new URL(page.url()).pathname;
  await step('the handler answers from the phone', async () => {
    await narrow();
    await takePost('handler@street-office-440105014');
    await open(path);
    await page.getByTestId('verb-finish').click();
    await page.getByTestId('field-note').fill('已清运（样例）');
    await page.getByTestId('field-files').setInputFiles(photo);
    await picture('finish-390');
    await page.getByTestId('verb-ok').click();
    await page.locator('[data-testid=step][data-verb=finish]').waitFor();
    await picture('case-390');
    await reachable('a case on a phone');
  });
  await step('the record of a step is proved in the browser', async () => {
    await wide();
    await open(path);
    await page.getByTestId('timeline').getByTestId('record-tag').first().click();
    await page.waitForURL(/record=\d+/);
  });
  await step('board, figures, alerts and waters draw', async () => {
    await open('/cases?view=board');
    await page.getByTestId('column-checking').getByText('暴露垃圾').first().waitFor();
    await picture('board');
    for (const place of [[113.32, 23.09], [113.3205, 23.0902], [113.29, 23.08]]) {
      await server.ask('POST', '/api/cases', { post: 'inspector@haizhu-government', body: { workflow: 'grid-events.event', title: '样例事件', code: 'E-06010', location: place, simulated: true } });
    }
    await open('/cases?view=map');
    await page.locator('[data-testid=cases-map][data-total="3"][data-idle=true]').waitFor();
    await picture('map');
    await open('/cases/statistics');
    await page.getByTestId('figures').waitFor();
    await picture('figures');
    // A figure leads to exactly its cases: those of an organisation, also when its turn is over, and those of an hour.
    const follow = async (row) => {
      const figure = page.locator(row).getByTestId('row-open').first();
      const many = await figure.innerText();
      await figure.click();
      await page.getByTestId('total').filter({ hasText: `共 ${many} 条` }).waitFor();
    };
    await open('/cases/statistics?by=organisation&data=all');
    await follow('[data-key=street-office-440105014]');
    await open('/cases/statistics?by=day&data=all');
    await page.getByTestId('row-split').first().click();
    await page.waitForURL(/by=hour/);
    await follow('[data-testid=figure-row]');
    await page.getByTestId('only-hour').waitFor();
    await open('/water');
    await page.getByTestId('section').first().waitFor();
    await picture('water');
    await open('/alerts');
    await page.getByTestId('alerts').waitFor();
  });
  await step('it is checked and closed; the reporter sees it and rates it', async () => {
    const id = path.split('/').pop();
    await server.ask('POST', `/api/cases/${id}/pass`, { post: 'inspector@haizhu-government', body: {} });
    await server.ask('POST', `/api/cases/${id}/close`, { post: 'acceptor@haizhu-government', body: {} });
    await narrow();
    await open('/public');
    await page.getByTestId('nav-track').click();
    await page.getByTestId('track-input').waitFor();
    await reachable('where a code is typed, on a phone');
    await page.getByTestId('track-input').fill(` ${track.toLowerCase()} `);
    await page.getByTestId('track-find').click();
    await page.getByTestId('rate-note').fill('路口干净了（样例）');
    await page.getByTestId('stars-5').click();
    await page.getByTestId('stars-5').waitFor({ state: 'detached' });
    await picture('tracked');
    const { rating } = await server.get(`/api/public/reports/${track}`);
    assert.deepEqual([rating.stars, rating.note], [5, '路口干净了（样例）']);
  });
}

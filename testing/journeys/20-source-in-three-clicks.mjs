// Somebody who has never seen the console finds where a figure comes from: goal, sentence of the plan, record, proof.
import assert from 'node:assert/strict';

export const title = '驾驶舱：三次点击找到任何数字的出处和存证';

export default async function ({ server, page, open, step, picture, reachable, narrow }) {
  const { goals } = await server.get('/api/cockpit');
  await step('the cockpit shows every goal beside what is known', async () => {
    await open('/');
    for (const goal of goals) await page.getByTestId(`goal-${goal.id}`).waitFor();
    assert.equal(goals.length, 12);
    const card = page.getByTestId('goal-core-revenue');
    await card.getByText('1,350').first().waitFor();
    assert.match(await card.innerText(), /无数据/, 'what nobody published stays empty and says so');
    for (const kind of ['conflict', 'no-data', 'task']) await page.getByTestId(`attention-${kind}`).waitFor();
    await picture('cockpit');
    await reachable('the cockpit');
  });
  await step('first click: the indicator, with the sentence of the plan', async () => {
    await page.getByTestId('goal-core-revenue').getByTestId('goal-link').first().click();
    await page.getByText('到2025年,数字经济核心产业总体规模超过1350亿元').first().waitFor();
    await page.getByText('建议向区统计部门核实').first().waitFor();
    await picture('indicator');
  });
  await step('second click: the record is proved, in the browser', async () => {
    await page.getByTestId('verified-tag').first().click();
    await page.getByTestId('verdict').first().waitFor();
    assert.match(await page.getByTestId('verdict').first().innerText(), /已验证/);
    await picture('proof');
  });
  await step('a computed figure shows its formula and what went in', async () => {
    await open('/indicators/5g-density');
    await page.getByText('stations / area').first().waitFor();
    for (const value of ['5,144', '90.4']) await page.getByText(value).first().waitFor();
    await reachable('an indicator');
    await picture('derived');
  });
  await step('on a phone', async () => {
    await narrow();
    await open('/');
    await page.getByTestId('goal-core-revenue').waitFor();
    await reachable('the cockpit on a phone');
    await picture('phone');
    await open('/indicators/core-revenue');
    await page.getByText('到2025年,数字经济核心产业总体规模超过1350亿元').first().waitFor();
    await reachable('an indicator on a phone');
    await picture('phone-indicator');
  });
}

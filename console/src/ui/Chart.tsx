// A chart with the table behind it one click away and exportable. ECharts is loaded when the first chart is drawn.
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { saveCsv } from '~/api/client';
import { useTranslation } from '~/i18n';
import './chart.css';

const Draw = lazy(() => import('./ChartDraw'));
export type Rows = { head: string[]; body: (string | number | null)[][] };

export function Chart({ title, note, option, rows, height = 280, label, testid, extra }: {
  title: ReactNode; note?: ReactNode; option: object; rows: Rows; height?: number; label: string; testid?: string; extra?: ReactNode;
}) {
  const { t } = useTranslation();
  const [table, setTable] = useState(false);
  return (
    <figure className="chart panel" data-testid={testid}>
      <figcaption className="chart-head">
        <h2>{title}</h2>
        <span className="chart-verbs">
          {extra}
          <button type="button" className="link" onClick={() => setTable(!table)}>{table ? t('common.showChart') : t('common.showTable')}</button>
          <button type="button" className="link" onClick={() => saveCsv(label, [rows.head, ...rows.body])}>{t('common.exportCsv')}</button>
        </span>
      </figcaption>
      {note && <p className="note">{note}</p>}
      {table ? (
        <div className="chart-table" style={{ minHeight: height }} tabIndex={0} role="region" aria-label={label}>
          <table className="plain">
            <thead><tr>{rows.head.map((h) => <th key={h} scope="col">{h}</th>)}</tr></thead>
            <tbody>{rows.body.map((r, i) => <tr key={i}>{r.map((c, j) => <td key={j} className={typeof c === 'number' ? 'right' : ''}>{c}</td>)}</tr>)}</tbody>
          </table>
        </div>
      ) : (
        <Suspense fallback={<div style={{ height }} className="chart-wait" />}><Draw option={option} height={height} label={label} /></Suspense>
      )}
    </figure>
  );
}

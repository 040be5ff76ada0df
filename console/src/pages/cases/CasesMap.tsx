// Cases where they are: the server joins what lies close, so that a hundred thousand draw like a hundred.
import { type GeoJSONSource, Map as Maplibre, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef, useState } from 'react';
import type { CaseMap } from '~/api/cases';
import { useApi } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useTheme } from '~/state/prefs';
import { tokens } from '~/theme';
import { type Box, extent, type MapAnswer, writeBox } from '../map/model';
import { To } from '~/ui/To';
import { CaseMarks } from './shared';

setWorkerUrl(worker);

const DISTRICT: Box = [113.23, 23.04, 113.42, 23.12];
const letters = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif";

const drawn = (of: CaseMap | undefined, played: string) => ({
  type: 'FeatureCollection' as const,
  features: [
    ...(of?.clusters ?? []).map((c) => ({ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: c.location }, properties: { count: c.count, late: c.overdue > 0, box: writeBox(c.bbox) } })),
    ...(of?.cases ?? []).flatMap((c) => (c.location ? [{ type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: c.location }, properties: { id: c.id, name: c.simulated ? `${c.title} · ${played}` : c.title, late: c.overdue } }] : [])),
  ],
});

export default function CasesMap({ filter }: { filter: Record<string, unknown> }) {
  const { t } = useTranslation();
  const theme = useTheme();
  const holder = useRef<HTMLDivElement>(null);
  const map = useRef<Maplibre | null>(null);
  const [sight, setSight] = useState({ box: DISTRICT, zoom: 11 });
  const [chosen, setChosen] = useState('');
  const whole = useApi<MapAnswer>('/api/map', undefined, { staleTime: 600_000 });
  const found = useApi<CaseMap>('/api/cases/map', { ...filter, bbox: writeBox(sight.box), zoom: sight.zoom });
  const shown = useRef<CaseMap | undefined>(undefined);
  shown.current = found.data ?? shown.current;
  const data = shown.current;
  const outline = whole.data?.outline ?? null;
  const one = data?.cases.find((c) => c.id === chosen);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    element.dataset.idle = 'false';
    const c = tokens(theme);
    const late = ['case', ['get', 'late'], c.bad, c.accent] as never;
    const made = new Maplibre({
      container: element,
      style: {
        version: 8,
        sources: {
          outline: { type: 'geojson', data: { type: 'FeatureCollection', features: outline ? [outline as never] : [] } },
          cases: { type: 'geojson', data: drawn(shown.current, t('common.simulated')) },
        },
        layers: [
          { id: 'paper', type: 'background', paint: { 'background-color': c.sunken } },
          { id: 'area', type: 'fill', source: 'outline', paint: { 'fill-color': c.surface } },
          { id: 'edge', type: 'line', source: 'outline', paint: { 'line-color': c.lineStrong, 'line-width': 1.5, 'line-dasharray': [3, 2] } },
          { id: 'sketch', type: 'symbol', source: 'outline', layout: { 'text-field': ['coalesce', ['get', 'label'], ''], 'text-size': 13 }, paint: { 'text-color': c.ink3 } },
          { id: 'many', type: 'circle', source: 'cases', filter: ['has', 'count'], paint: { 'circle-color': late, 'circle-radius': ['interpolate', ['linear'], ['log10', ['get', 'count']], 0, 14, 5, 34], 'circle-stroke-color': c.surface, 'circle-stroke-width': 2 } },
          { id: 'count', type: 'symbol', source: 'cases', filter: ['has', 'count'], layout: { 'text-field': ['to-string', ['get', 'count']], 'text-size': 13, 'text-allow-overlap': true }, paint: { 'text-color': c.onAccent } },
          { id: 'one', type: 'circle', source: 'cases', filter: ['has', 'id'], paint: { 'circle-color': late, 'circle-radius': 9, 'circle-stroke-color': c.surface, 'circle-stroke-width': 2 } },
          { id: 'name', type: 'symbol', source: 'cases', filter: ['has', 'id'], layout: { 'text-field': ['get', 'name'], 'text-size': 12, 'text-offset': [0, 1.1], 'text-anchor': 'top', 'text-optional': true }, paint: { 'text-color': c.ink, 'text-halo-color': c.surface, 'text-halo-width': 1.5 } },
        ],
      },
      localIdeographFontFamily: letters,
      bounds: outline ? extent(outline.geometry) : DISTRICT,
      fitBoundsOptions: { padding: 24 },
      attributionControl: false,
      dragRotate: false,
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    map.current = made;
    made.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    made.getCanvas().setAttribute('aria-label', t('desk.mapAria'));
    const look = () => {
      const b = made.getBounds();
      setSight({ box: [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], zoom: Math.min(20, Math.max(0, Math.round(made.getZoom()))) });
    };
    made.on('idle', () => { element.dataset.idle = 'true'; });
    made.on('load', look);
    made.on('moveend', look);
    made.on('click', (event) => {
      const [hit] = made.queryRenderedFeatures(event.point, { layers: ['one', 'many'] });
      if (!hit) return;
      if (hit.properties.id) setChosen(String(hit.properties.id));
      else {
        const [w, s, e, n] = String(hit.properties.box).split(',').map(Number) as Box;
        made.fitBounds([w - 0.0005, s - 0.0005, e + 0.0005, n + 0.0005], { padding: 60, maxZoom: 18 });
      }
    });
    return () => { made.remove(); map.current = null; };
  }, [theme, outline, t]);

  useEffect(() => {
    const at = map.current;
    const put = () => (at?.getSource('cases') as GeoJSONSource | undefined)?.setData(drawn(data, t('common.simulated')) as never);
    if (at?.isStyleLoaded()) put();
    else at?.once('load', put);
  }, [data, t]);

  return (
    <>
      <div className="case-map panel" data-testid="cases-map" data-total={data?.total ?? ''} ref={holder} />
      <div className="row" aria-live="polite">
        {one && <p className="panel" data-testid="map-case"><To href={`/cases/${one.id}`}>{one.number}</To> {one.title} <CaseMarks of={one} /></p>}
        {data && <p className="note" data-testid="map-total">{t('desk.mapHere', { n: data.total })}{data.unplaced > 0 && ` ${t('desk.mapUnplaced', { n: data.unplaced })}`} {t('desk.mapLate')}</p>}
      </div>
    </>
  );
}

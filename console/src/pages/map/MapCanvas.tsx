// The drawn map: MapLibre with own layers, letters from local fonts, no request to anywhere.
import { type GeoJSONSource, Map as Maplibre, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useRef } from 'react';
import { useTranslation } from '~/i18n';
import { useTheme } from '~/state/prefs';
import { tokens } from '~/theme';
import { type Box, centre, extent, type Layer, type Outline, type Position } from './model';

setWorkerUrl(worker);

type Drawn = Layer & { n: number };
type Props = {
  layers: Drawn[]; outline: Outline | null; chosen: string; onChoose: (id: string) => void; box: Box | null; drawing: boolean; onBox: (box: Box) => void;
  placing: boolean; place: Position | null; onPlace: (p: Position) => void;
};
const letters = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif";
const points = (layers: Drawn[], chosen: string) => ({
  type: 'FeatureCollection' as const,
  features: layers.flatMap((l) => l.features.features.map((f) => ({
    type: 'Feature' as const,
    geometry: { type: 'Point' as const, coordinates: centre(f.geometry) },
    properties: { id: f.properties.id, name: f.properties.name, letter: l.title.zh.slice(0, 1), n: l.n, chosen: f.properties.id === chosen },
  }))),
});
const frame = (b: Box | null) => ({
  type: 'FeatureCollection' as const,
  features: b ? [{ type: 'Feature' as const, properties: {}, geometry: { type: 'Polygon' as const, coordinates: [[[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]], [b[0], b[1]]]] } }] : [],
});
const spot = (p: Position | null) => ({ type: 'FeatureCollection' as const, features: p ? [{ type: 'Feature' as const, properties: {}, geometry: { type: 'Point' as const, coordinates: p } }] : [] });

export default function MapCanvas(props: Props) {
  const { t } = useTranslation();
  const theme = useTheme();
  const holder = useRef<HTMLDivElement>(null);
  const map = useRef<Maplibre | null>(null);
  const now = useRef(props);
  now.current = props;
  const { layers, outline, chosen, box, drawing, place, placing } = props;

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const c = tokens(theme);
    const inks = [c.series1, c.series2, c.series3, c.series4, c.series5];
    const first: Box = outline ? extent(outline.geometry) : [113.23, 23.04, 113.42, 23.12];
    element.dataset.idle = 'false';
    const made = new Maplibre({
      container: element,
      style: {
        version: 8,
        sources: {
          outline: { type: 'geojson', data: { type: 'FeatureCollection', features: outline ? [outline as never] : [] } },
          points: { type: 'geojson', data: points(now.current.layers, now.current.chosen), cluster: true, clusterRadius: 26, clusterMaxZoom: 13 },
          box: { type: 'geojson', data: frame(now.current.box) },
          place: { type: 'geojson', data: spot(null) },
        },
        layers: [
          { id: 'paper', type: 'background', paint: { 'background-color': c.sunken } },
          { id: 'area', type: 'fill', source: 'outline', paint: { 'fill-color': c.surface } },
          { id: 'edge', type: 'line', source: 'outline', paint: { 'line-color': c.lineStrong, 'line-width': 1.5, 'line-dasharray': [3, 2] } },
          { id: 'sketch', type: 'symbol', source: 'outline', layout: { 'text-field': ['coalesce', ['get', 'label'], ''], 'text-size': 13 }, paint: { 'text-color': c.ink3 } },
          { id: 'box', type: 'line', source: 'box', paint: { 'line-color': c.accent, 'line-width': 2 } },
          { id: 'many', type: 'circle', source: 'points', filter: ['has', 'point_count'], paint: { 'circle-color': c.accent, 'circle-radius': 15, 'circle-stroke-color': c.surface, 'circle-stroke-width': 2 } },
          { id: 'many-count', type: 'symbol', source: 'points', filter: ['has', 'point_count'], layout: { 'text-field': ['to-string', ['get', 'point_count']], 'text-size': 13 }, paint: { 'text-color': c.onAccent } },
          {
            id: 'one', type: 'circle', source: 'points', filter: ['!', ['has', 'point_count']],
            paint: { 'circle-color': ['match', ['get', 'n'], 1, inks[1] as string, 2, inks[2] as string, 3, inks[3] as string, 4, inks[4] as string, inks[0] as string], 'circle-radius': ['case', ['get', 'chosen'], 13, 9], 'circle-stroke-color': ['case', ['get', 'chosen'], c.ink, c.surface], 'circle-stroke-width': ['case', ['get', 'chosen'], 3, 1.5] },
          },
          { id: 'one-letter', type: 'symbol', source: 'points', filter: ['!', ['has', 'point_count']], layout: { 'text-field': ['get', 'letter'], 'text-size': 11, 'text-allow-overlap': true }, paint: { 'text-color': c.onAccent } },
          { id: 'one-name', type: 'symbol', source: 'points', filter: ['!', ['has', 'point_count']], layout: { 'text-field': ['get', 'name'], 'text-size': 12, 'text-offset': [0, 1.1], 'text-anchor': 'top', 'text-optional': true }, paint: { 'text-color': c.ink, 'text-halo-color': c.surface, 'text-halo-width': 1.5 } },
          { id: 'place', type: 'circle', source: 'place', paint: { 'circle-color': c.bad, 'circle-radius': 8, 'circle-stroke-color': c.surface, 'circle-stroke-width': 3 } },
        ],
      },
      localIdeographFontFamily: letters,
      bounds: first,
      fitBoundsOptions: { padding: 24 },
      attributionControl: false,
      dragRotate: false,
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    map.current = made;
    made.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    made.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left');
    made.getCanvas().setAttribute('aria-label', t('map.aria'));
    made.on('idle', () => { element.dataset.idle = 'true'; });
    made.on('click', (event) => {
      if (now.current.placing) {
        now.current.onPlace([Number(event.lngLat.lng.toFixed(6)), Number(event.lngLat.lat.toFixed(6))]);
        return;
      }
      const [hit] = made.queryRenderedFeatures(event.point, { layers: ['one', 'many'] });
      if (!hit) return;
      if (hit.properties.cluster_id !== undefined) {
        // A cluster opens into a list: its places become the box that filters the panel, and the map goes there.
        const source = made.getSource('points') as GeoJSONSource;
        void source.getClusterLeaves(hit.properties.cluster_id, hit.properties.point_count, 0).then((leaves) => {
          const box = extent({ type: 'MultiPoint', coordinates: leaves.map((l) => (l.geometry as { coordinates: Position }).coordinates) });
          const around: Box = [box[0] - 0.0005, box[1] - 0.0005, box[2] + 0.0005, box[3] + 0.0005];
          made.fitBounds(around, { padding: 60, maxZoom: 17 });
          now.current.onBox(around);
        });
      } else now.current.onChoose(String(hit.properties.id));
    });
    // A box: from where the pointer went down to where it went up.
    let from: Position | null = null;
    made.on('mousedown', (event) => {
      if (!now.current.drawing) return;
      event.preventDefault();
      from = [event.lngLat.lng, event.lngLat.lat];
    });
    const boxOf = (a: Position, b: Position): Box => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    made.on('mousemove', (event) => {
      if (from) (made.getSource('box') as GeoJSONSource).setData(frame(boxOf(from, [event.lngLat.lng, event.lngLat.lat])) as never);
    });
    made.on('mouseup', (event) => {
      if (!from) return;
      const box = boxOf(from, [event.lngLat.lng, event.lngLat.lat]);
      from = null;
      if (box[2] > box[0] && box[3] > box[1]) now.current.onBox(box);
    });
    return () => { made.remove(); map.current = null; };
  }, [theme, outline, t]);

  useEffect(() => {
    const at = map.current;
    const put = (name: string, data: unknown) => { (at?.getSource(name) as GeoJSONSource | undefined)?.setData(data as never); };
    const draw = () => { put('points', points(layers, chosen)); put('box', frame(box)); put('place', spot(place)); };
    if (at?.isStyleLoaded()) draw();
    else at?.once('load', draw);
  }, [layers, chosen, box, place]);

  useEffect(() => {
    const found = now.current.layers.flatMap((l) => l.features.features).find((f) => f.properties.id === chosen);
    if (found) map.current?.easeTo({ center: centre(found.geometry), zoom: Math.max(map.current.getZoom(), 14), duration: 300 });
  }, [chosen]);

  return <div ref={holder} className="map-canvas" data-testid="map" data-mode={drawing ? 'box' : placing ? 'place' : 'look'} />;
}

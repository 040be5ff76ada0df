// 一张图: own layers only. The list beside the map says everything the map says and works with the keyboard; what nobody knows the place of
// stands in a list of its own until somebody gives a position and its source.
import { lazy, Suspense, useMemo, useState } from 'react';
import { request, useApi, useVerb } from '~/api/client';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/map';
import { useLang, usePost } from '~/state/prefs';
import { useAsOf, useQueryState } from '~/state/url';
import { AsOf } from '~/ui/AsOf';
import { localId } from '~/ui/format';
import { Page } from '~/ui/Page';
import { Empty, ErrorBox, Read } from '~/ui/State';
import { toast } from '~/ui/toast';
import { entityHref, To } from '~/ui/To';
import { centre, extent, type Feature, inside, type Layer, type MapAnswer, meets, type Position, readBox, writeBox } from './model';
import './map.css';

texts('map', words);
const MapCanvas = lazy(() => import('./MapCanvas'));

/** Shown at first; more on demand. */
const STEP = 60;

function canDraw(): boolean {
  try {
    return Boolean(document.createElement('canvas').getContext('webgl2'));
  } catch {
    return false;
  }
}

export default function MapPage() {
  const { t } = useTranslation();
  const query = useApi<MapAnswer>('/api/map');
  return (
    <Page
      title={t('map.title')} testid="map-page" sub={query.data && <AsOf info={query.data.asOf} />}
      verbs={<button type="button" className="btn" onClick={() => window.print()}>{t('map.print')}</button>}
    >
      <Read query={query}>{(data) => <Content data={data} />}</Read>
    </Page>
  );
}

function Content({ data }: { data: MapAnswer }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [off, setOff] = useQueryState('off');
  const [text, setText] = useQueryState('search');
  const [boxText, setBox] = useQueryState('box');
  const [chosen, setChosen] = useQueryState('at');
  const [drawing, setDrawing] = useState(false);
  const [pin, setPin] = useState<{ id: string; name: string } | null>(null);
  const [place, setPlace] = useState<Position | null>(null);
  const [shown, setShown] = useState(STEP);
  const able = useMemo(canDraw, []);
  const hidden = useMemo(() => new Set(off.split(',').filter(Boolean)), [off]);
  const box = readBox(boxText);
  // A layer keeps its colour and letter when another is hidden.
  const layers = data.layers.filter((l) => l.features.features.length > 0).map((l, n) => ({ ...l, n: n % 5 }));
  const visible = layers.filter((l) => !hidden.has(l.type));
  const wanted = text.trim().toLowerCase();
  const found = visible.flatMap((l) => l.features.features.map((f) => ({ layer: l, f })))
    .filter(({ f }) => !wanted || f.properties.name.toLowerCase().includes(wanted))
    .filter(({ f }) => !box || meets(extent(f.geometry), box));
  const total = layers.reduce((n, l) => n + l.features.features.length, 0);
  const without = data.layers.filter((l) => l.withoutPosition.length > 0);
  const toggle = (type: string) => {
    const next = new Set(hidden);
    if (!next.delete(type)) next.add(type);
    setOff([...next].join(',') || null);
  };
  return (
    <>
      <div className="map-grid">
        <div className="map-side-left">
          <div className="map-frame">
            {able ? (
              <Suspense fallback={<div className="map-canvas" role="status" aria-busy="true">{t('map.drawing')}</div>}>
                <MapCanvas
                  layers={visible} outline={data.outline} chosen={chosen} onChoose={(id) => setChosen(id, true)} box={box} drawing={drawing}
                  onBox={(b) => { setBox(writeBox(b)); setDrawing(false); }} placing={pin !== null} place={place} onPlace={setPlace}
                />
              </Suspense>
            ) : <p className="map-none" role="note">{t('map.noWebgl')}</p>}
          </div>
          <div className="map-legend" aria-label={t('map.legend')}>
            {visible.map((l) => <span key={l.type}><b className="map-letter" data-n={l.n}>{letter(l)}</b> {say(l.title, lang)}</span>)}
            {data.outline && <span><i className="map-outline" /> {t('map.outlineLegend', { name: data.outline.properties.name ?? '', label: data.outline.properties.label ?? t('map.sketch') })}</span>}
            <span>{t('map.datum')}</span>
          </div>
          <p className="map-sources">{t('map.sources')}：{data.attribution.join('；')}</p>
        </div>
        <aside className="map-panel panel">
          <fieldset className="map-layers">
            <legend>{t('map.layers')}</legend>
            {layers.map((l) => (
              <label key={l.type} data-testid={`map-layer-${l.type}`}>
                <input type="checkbox" checked={!hidden.has(l.type)} onChange={() => toggle(l.type)} />
                <b className="map-letter" data-n={l.n}>{letter(l)}</b> {say(l.title, lang)} <span className="note">{t('map.placed', { n: l.features.features.length })}</span>
              </label>
            ))}
          </fieldset>
          <div className="map-tools">
            <input type="search" className="input" value={text} onChange={(e) => setText(e.target.value || null)} aria-label={t('map.find')} placeholder={t('map.find')} data-testid="map-search" />
            {able && <button type="button" className="btn" aria-pressed={drawing} onClick={() => setDrawing(!drawing)} data-testid="map-box">{t('map.box')}</button>}
            {box && <button type="button" className="btn" onClick={() => setBox(null)}>{t('map.clearBox')}</button>}
          </div>
          {visible.some((l) => l.cut) && <p className="note" role="note">{t('map.cut', { n: Math.max(...visible.filter((l) => l.cut).map((l) => l.features.features.length)) })}</p>}
          {drawing && <p className="note" role="status">{t('map.boxHint')}</p>}
          <p className="note">{t('map.shown', { n: found.length, total })}{box && `　${t('map.boxOn')}`}</p>
          {total === 0 ? <Empty title={t('map.empty')}>{t('map.emptyDo')}</Empty> : found.length === 0 && <Empty title={t('map.noneHere')} />}
          <ul className="map-list" tabIndex={0} aria-label={t('map.list')}>
            {found.slice(0, shown).map(({ layer, f }) => (
              <li key={f.properties.id} className={f.properties.id === chosen ? 'on' : ''}>
                <button type="button" className="map-item" data-testid="map-item" aria-pressed={f.properties.id === chosen} onClick={() => setChosen(f.properties.id === chosen ? null : f.properties.id, true)}>
                  <b className="map-letter" data-n={layer.n}>{letter(layer)}</b> {f.properties.name}
                </button>
                {f.properties.id === chosen && <Facts layer={layer} of={f} />}
              </li>
            ))}
          </ul>
          {found.length > shown && <button type="button" className="btn" onClick={() => setShown(shown + STEP)}>{t('map.more', { n: Math.min(STEP, found.length - shown) })}</button>}
        </aside>
      </div>
      <section className="section" data-testid="map-unplaced">
        <div className="section-head"><h2>{t('map.unplaced')}</h2><span className="note">{t('map.unplacedSub')}</span></div>
        {without.length === 0 && <p>{t('map.unplacedNone')}</p>}
        <div className="map-unplaced">
          {without.map((l) => (
            <details key={l.type} className="panel" open={l.withoutPosition.length <= 30}>
              <summary>{say(l.title, lang)} <span className="note">{t('map.waiting', { n: l.withoutPosition.length })}</span></summary>
              <ul>
                {l.withoutPosition.slice(0, 300).map((x) => (
                  <li key={x.id}>
                    <To href={entityHref(x.id)}>{x.name}</To>
                    <button type="button" className="btn small" onClick={() => { setPin(x); setPlace(null); }} data-testid={`map-pin-${localId(x.id)}`} aria-label={t('map.pinOf', { name: x.name })}>{t('map.pin')}</button>
                    {pin?.id === x.id && <Pin of={x} place={place} setPlace={setPlace} outline={data.outline} leave={() => setPin(null)} />}
                  </li>
                ))}
              </ul>
            </details>
          ))}
        </div>
      </section>
    </>
  );
}

const letter = (l: Layer) => l.title.zh.slice(0, 1);

function Facts({ layer, of }: { layer: Layer; of: Feature }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [x, y] = centre(of.geometry);
  const note = of.properties.sourceNote;
  return (
    <div className="map-facts" data-testid="map-popup">
      <p>{say(layer.title, lang)} · {x.toFixed(5)}, {y.toFixed(5)}</p>
      {typeof note === 'string' && <p className="note">{note}</p>}
      <To href={entityHref(of.properties.id)}>{t('map.open')}</To>
    </div>
  );
}

/** Gives a position with its source: one request, one record. */
function Pin({ of, place, setPlace, outline, leave }: { of: { id: string; name: string }; place: Position | null; setPlace: (p: Position | null) => void; outline: MapAnswer['outline']; leave: () => void }) {
  const { t } = useTranslation();
  const past = useAsOf() !== null;
  const who = usePost();
  const [source, setSource] = useState('');
  const [tried, setTried] = useState(false);
  const save = useVerb(
    async () => {
      const path = `/ngsi-ld/v1/entities/${encodeURIComponent(of.id)}`;
      const now = await request<Record<string, unknown>>(`${path}?options=keyValues`, { asOf: false });
      const kept = typeof now.sourceNote === 'string' && now.sourceNote ? `${now.sourceNote}；` : '';
      await request(`${path}/attrs`, {
        method: 'POST',
        body: {
          location: { type: 'GeoProperty', value: { type: 'Point', coordinates: place } },
          sourceNote: { type: 'Property', value: kept + t('map.from', { text: source.trim() }) },
          needsPin: { type: 'Property', value: false },
        },
      });
    },
    () => { toast.ok(t('map.doneShort', { name: of.name })); leave(); },
  );
  if (past) return <p className="note">{t('map.past')}</p>;
  if (!who) return <p className="note">{t('map.whoCan', { posts: 'clerk, office' })}</p>;
  const number = (i: 0 | 1) => (value: string) => {
    const n = Number(value);
    if (!Number.isFinite(n)) return;
    const next: Position = place ? [place[0], place[1]] : [113.32, 23.09];
    next[i] = n;
    setPlace(next);
  };
  const bad = { place: tried && !place, source: tried && source.trim().length < 4 };
  return (
    <form className="map-pin" onSubmit={(e) => { e.preventDefault(); setTried(true); if (place && source.trim().length >= 4) save.mutate(undefined); }}>
      <p>{t('map.pinStep1')}</p>
      <label>{t('map.lon')} <input className="input" inputMode="decimal" value={place?.[0] ?? ''} onChange={(e) => number(0)(e.target.value)} /></label>
      <label>{t('map.lat')} <input className="input" inputMode="decimal" value={place?.[1] ?? ''} onChange={(e) => number(1)(e.target.value)} /></label>
      {bad.place && <p role="alert" className="fault">{t('map.placeNeeded')}</p>}
      {place && outline && !inside(outline.geometry, place) && <p className="note">{t('map.outsideHint')}</p>}
      <label>{t('map.source')} <input className="input" value={source} maxLength={400} placeholder={t('map.sourceHint')} onChange={(e) => setSource(e.target.value)} data-testid="map-pin-source" /></label>
      {bad.source && <p role="alert" className="fault">{t('map.sourceNeeded')}</p>}
      {save.error && <ErrorBox error={save.error} />}
      <button type="submit" className="btn primary" disabled={save.isPending} data-testid="map-pin-save">{t('map.save')}</button>
      <button type="button" className="btn" onClick={leave}>{t('map.cancel')}</button>
    </form>
  );
}

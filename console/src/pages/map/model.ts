// What GET /api/map answers, and the filters that stand in the address.
import type { AsOfInfo, Text } from '~/api/types';

export type Position = [number, number];
export type Geometry =
  | { type: 'Point'; coordinates: Position } | { type: 'MultiPoint' | 'LineString'; coordinates: Position[] }
  | { type: 'MultiLineString' | 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] };
export type Feature = { type: 'Feature'; id?: string; geometry: Geometry; properties: { id: string; name: string } & Record<string, unknown> };
export type Layer = { type: string; title: Text; features: { type: 'FeatureCollection'; features: Feature[] }; withoutPosition: { id: string; name: string }[]; cut: boolean };
export type Outline = { type: 'Feature'; geometry: Geometry; properties: { id: string; name: string | null; label: string | null; note: string | null } };
export type MapAnswer = { asOf: AsOfInfo; outline: Outline | null; attribution: string[]; layers: Layer[] };
/** West, south, east, north. */
export type Box = [number, number, number, number];

export function extent(g: Geometry): Box {
  const box: Box = [180, 90, -180, -90];
  const walk = (c: unknown) => {
    if (!Array.isArray(c)) return;
    if (typeof c[0] === 'number' && typeof c[1] === 'number') {
      box[0] = Math.min(box[0], c[0]); box[1] = Math.min(box[1], c[1]); box[2] = Math.max(box[2], c[0]); box[3] = Math.max(box[3], c[1]);
    } else c.forEach(walk);
  };
  walk(g.coordinates);
  return box;
}
export const centre = (g: Geometry): Position => {
  const [w, s, e, n] = extent(g);
  return [(w + e) / 2, (s + n) / 2];
};
export const meets = (a: Box, b: Box) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

export const readBox = (text: string): Box | null => {
  const n = text.split(',').map(Number);
  return n.length === 4 && n.every(Number.isFinite) && (n[0] as number) < (n[2] as number) && (n[1] as number) < (n[3] as number) ? (n as Box) : null;
};
export const writeBox = (b: Box) => b.map((x) => x.toFixed(5)).join(',');

/** Whether a position lies in an area (even-odd over all rings). */
export function inside(g: Geometry, [x, y]: Position): boolean {
  const rings = g.type === 'Polygon' ? g.coordinates : g.type === 'MultiPolygon' ? g.coordinates.flat() : [];
  let odd = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i] as Position;
      const [xj, yj] = ring[j] as Position;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
  }
  return odd;
}

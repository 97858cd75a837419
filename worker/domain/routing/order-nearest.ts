import type { Target } from "./catalog.ts";
import type { Place } from "./planning.ts";

/** In degrees. */
interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** About the middle of where a continent's people live. */
const CONTINENTS: Readonly<Record<string, Point>> = {
  AF: { latitude: 5, longitude: 20 },
  AN: { latitude: -80, longitude: 0 },
  AS: { latitude: 28, longitude: 95 },
  EU: { latitude: 50, longitude: 10 },
  NA: { latitude: 40, longitude: -95 },
  OC: { latitude: -30, longitude: 145 },
  SA: { latitude: -15, longitude: -58 },
};

/**
 * Puts targets that are near to a request before those that are far; those without a region are the farthest. Of the
 * same distance they stay as they are, and all do where nobody knows where the request came from.
 */
export function orderNearest(targets: readonly Target[], place: Place | undefined): readonly Target[] {
  const from = place && findPoint(place);
  if (!from) return targets;
  const far = new Map(targets.map((target) => [target, farTo(target, from, place.country)]));
  return targets.toSorted((one, other) => (far.get(one) ?? 0) - (far.get(other) ?? 0));
}

/** Larger than any distance, and not infinite, whose differences are no numbers. */
const FARTHEST = 1e9;

function farTo({ location }: Target, from: Point, country: string | undefined): number {
  if (!location) return FARTHEST;
  if (location.country !== undefined && location.country === country) return 0;
  const to = findPoint(location);
  return to ? measure(from, to) : FARTHEST;
}

/** What is not known exactly is taken to be in the middle of its continent. */
function findPoint({
  latitude,
  longitude,
  continent,
}: Partial<Record<keyof Place, unknown>>): Point | undefined {
  const point = { latitude: Number(latitude ?? NaN), longitude: Number(longitude ?? NaN) };
  if (Number.isFinite(point.latitude + point.longitude)) return point;
  return typeof continent === "string" ? CONTINENTS[continent] : undefined;
}

const RADIANS = Math.PI / 180;

/** The angle between two points of the globe, as a number from 0 to 1 that grows with it: the haversine. */
function measure(one: Point, other: Point): number {
  const up = Math.sin(((other.latitude - one.latitude) * RADIANS) / 2) ** 2;
  const along = Math.sin(((other.longitude - one.longitude) * RADIANS) / 2) ** 2;
  return up + Math.cos(one.latitude * RADIANS) * Math.cos(other.latitude * RADIANS) * along;
}

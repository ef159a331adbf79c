// A patient's days, made up: sciatica of the left leg with a foot that tests weaker once, getting better.
import { before, day, STANDING, type Entry, type Said } from './records';

/** A Sunday. */
export const TODAY = '2026-11-22';
const NOON = Date.parse(`${TODAY}T12:00:00Z`);
const DAY = 86_400_000;

/** Somewhat uneven, and the same each time. */
function noise(ago: number, by: number): number {
  return ((ago * ago * by + ago * 3) % 11) % 3;
}

/**
 * So many days up to today, but for those that are left out (by how long ago they are): pain each day, tests each week,
 * activities each fortnight, a plan that is mostly done; one bad week, and one test of the foot that was worse.
 */
export function diary(days: number, leftOut: number[] = []): Entry[] {
  const entries: Entry[] = [standing(days)];
  for (let ago = days - 1; ago >= 0; ago--) {
    if (!leftOut.includes(ago)) entries.push(day(before(TODAY, ago), fields(ago, days)));
  }
  return entries;
}

function fields(ago: number, days: number): Record<string, Said> {
  const level = 1 + Math.floor((5 * ago) / days);
  const bad = ago >= 24 && ago < 28;
  const said: Record<string, Said> = {
    back: level + noise(ago, 5),
    left_leg: Math.min(10, level + 1 + noise(ago, 7) + (bad ? 2 : 0)),
    right_leg: noise(ago, 2) > 1 ? 1 : 0,
    woken: ago % 9 === 0 ? 1 : 0,
    no_signs: true,
    rules: '1',
  };
  if (ago % 7 === 2) {
    const weaker = ago === 37;
    Object.assign(said, { foot_left: weaker ? 3 : 4, foot_right: 5, heel_walk_left: 9 - level, heel_walk_right: 10 });
    if (weaker) Object.assign(said, { 'reply:T2': 'got_help', 'reply:T6': 'got_help', weaker_since: 'longer' });
  }
  if (ago % 14 === 3) Object.assign(said, { activity_1: 9 - level, activity_2: 8 - level, activity_3: 7 });
  // On Sundays nothing is planned.
  if (ago % 7 !== 0) {
    if (bad) Object.assign(said, { 'skipped:bridge': 'Too much pain', 'skipped:walking': 'Too much pain' });
    else Object.assign(said, { 'set:bridge:1': true, 'set:bridge:2': ago % 4 !== 1, 'set:walking:1': ago % 5 !== 2, effort: 1, worse: false });
  }
  if (ago % 30 === 12) said.note = '=A long drive the day before';
  return said;
}

function standing(days: number): Entry {
  const at = (ago: number) => NOON - ago * DAY;
  const since = Math.max(days - 4, 1);
  return {
    about: STANDING,
    written: [
      { field: 'plan:bridge', says: '2x8 mon,tue,wed,thu,fri,sat', at: at(since) },
      { field: 'plan:walking', says: '1 mon,tue,wed,thu,fri,sat', at: at(since) },
      { field: 'plan:bridge', says: '2x10 mon,tue,wed,thu,fri,sat', at: at(Math.min(20, since - 1)) },
      { field: 'activity_name_1', says: 'Tying my shoes', at: at(since) },
      { field: 'activity_name_2', says: 'Standing at the sink', at: at(since) },
      { field: 'activity_name_3', says: 'Driving for half an hour', at: at(since) },
    ],
  };
}

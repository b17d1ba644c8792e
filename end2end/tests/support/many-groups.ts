// More log groups than a page shows. They are made before all tests, since what nephoscope knows of groups may be a minute old; their
// names come last, so that they are in nobody's way.

import { ACCOUNTS, Cloud, type Place } from './cloud';

const PLACE: Place = { account: 'sandbox', region: 'eu-west-1' };
const COUNT = 220;
const nameOf = (index: number) => `/zz/many/${String(index).padStart(3, '0')}`;

/** The page that lists them, and the last of their names. */
export const MANY_GROUPS = {
  path: `/logs?account=${ACCOUNTS[PLACE.account]}&region=${PLACE.region}`,
  last: nameOf(COUNT - 1),
};

export default async function makeManyGroups(): Promise<void> {
  const cloud = new Cloud();
  const names = Array.from({ length: COUNT }, (_, index) => nameOf(index));
  for (let from = 0; from < COUNT; from += 20) {
    await Promise.all(names.slice(from, from + 20).map((name) => cloud.writeLog(PLACE, name, 'a', 'one line')));
  }
}

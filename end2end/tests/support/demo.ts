// The demo that the tests run against: `scripts/demo --exec` says where it is. Without it, the one of `make demo`.

export type Role = 'viewer' | 'operator' | 'admin';

export const DEMO_URL = process.env.DEMO_URL ?? 'http://127.0.0.1:8400';
export const CLOUD_URL = process.env.DEMO_CLOUD_URL ?? 'http://127.0.0.1:8466';

/** Each demo user has the name of its role. */
export function passwordOf(role: Role): string {
  return process.env[`DEMO_${role.toUpperCase()}_PASSWORD`] ?? `nephoscope-${role}`;
}

/** What both configurations say about the browser. */
export const browser = {
  baseURL: DEMO_URL,
  // Not UTC: times that differ between server and browser would show in the hydrated page.
  timezoneId: 'Asia/Tokyo',
  locale: 'en-GB',
  launchOptions: {
    executablePath: process.env.NEPHOSCOPE_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
};

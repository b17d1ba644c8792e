// Log-ins, made once for each role and shared by the workers: the server hears only a few attempts a minute.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type APIRequest, type BrowserContextOptions, expect } from '@playwright/test';
import { DEMO_URL, type Role, passwordOf } from './demo';

export interface Session {
  token: string;
  state: Exclude<BrowserContextOptions['storageState'], string | undefined>;
  madeAt: number;
}

/**
 * Tokens last five minutes and pages renew them in the last minute or so. A refresh token is good once, so a session that is
 * shared by many contexts must never come to that: it is used for two minutes, in tests that take less than one.
 */
const USED_FOR_MS = 120_000;

export async function sessionOf(role: Role, request: APIRequest, folder: string): Promise<Session> {
  const file = join(folder, `.sessions-${new URL(DEMO_URL).port}-${role}.json`);
  const known = read(file);
  if (known && Date.now() - known.madeAt < USED_FOR_MS) return known;

  const context = await request.newContext({ baseURL: DEMO_URL, storageState: { cookies: [], origins: [] } });
  const response = await context.post('/api/authenticate', { data: { username: role, password: passwordOf(role) } });
  expect(response.status(), `log-in as ${role}: ${await response.text()}`).toBe(200);
  const { token } = (await response.json()) as { token: string };
  const session: Session = { token, state: await context.storageState(), madeAt: Date.now() };
  await context.dispose();

  mkdirSync(folder, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(session), { mode: 0o600 });
  renameSync(temporary, file);
  return session;
}

function read(file: string): Session | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Session;
  } catch {
    return undefined;
  }
}

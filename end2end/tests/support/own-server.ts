// A server of a test's own, beside the demo's, on the same demo cloud: for what a whole server is configured to.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';
import { CLOUD_URL, type Role, passwordOf } from './demo';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The binary that the demo runs; only `scripts/demo --exec` says which that is. */
export const SERVER_BINARY = process.env.DEMO_SERVER_BINARY;

async function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.on('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => found(port));
    });
  });
}

export class OwnServer {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly data: string,
  ) {}

  /** Starts a server with these variables and a user for each of these roles, named like the role. */
  static async start(variables: Record<string, string>, roles: Role[]): Promise<OwnServer> {
    const binary = SERVER_BINARY ?? '';
    const data = mkdtempSync(join(tmpdir(), 'nephoscope-test-'));
    const port = await freePort();
    const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|NEPHOSCOPE)_/.test(name));
    const env = {
      ...Object.fromEntries(inherited),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: CLOUD_URL,
      NEPHOSCOPE_CONFIG: 'end2end/demo.toml',
      NEPHOSCOPE_DATA_DIR: data,
      NEPHOSCOPE_LISTEN: `127.0.0.1:${port}`,
    };
    for (const role of roles) {
      const added = spawnSync(binary, ['user', 'add', role, '--role', role, '--password-stdin'], {
        cwd: ROOT,
        env,
        input: passwordOf(role),
        encoding: 'utf8',
      });
      expect(added.status, added.stderr).toBe(0);
    }
    const child = spawn(binary, ['serve'], { cwd: ROOT, env: { ...env, ...variables }, stdio: 'ignore' });
    const server = new OwnServer(`http://127.0.0.1:${port}`, child, data);
    const ready = async () => (await fetch(`${server.url}/readyz`).catch(() => undefined))?.status;
    await expect.poll(ready, { timeout: 30_000 }).toBe(200);
    return server;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolved) => this.child.once('exit', resolved));
    this.child.kill('SIGTERM');
    await ended;
    rmSync(this.data, { recursive: true, force: true });
  }
}

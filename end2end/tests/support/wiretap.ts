// A way to the demo cloud that notes what EC2 is asked: the cloud itself counts calls, and does not tell what stood in them.

import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLOUD_URL } from './demo';

export class Wiretap {
  private readonly heard: URLSearchParams[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Wiretap> {
    const server = createServer();
    const tap = new Wiretap(server);
    server.on('request', (incoming, outgoing) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('end', () => {
        const body = Buffer.concat(pieces);
        if (incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
          tap.heard.push(new URLSearchParams(body.toString()));
        }
        const { method, headers } = incoming;
        const onward = request(new URL(incoming.url ?? '/', CLOUD_URL), { method, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
        onward.on('error', () => outgoing.destroy());
        onward.end(body);
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return tap;
  }

  /** For `AWS_ENDPOINT_URL`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The parameters of the calls of an action that were not only tried, in their order. */
  asked(action: string): Record<string, string>[] {
    const calls = this.heard.filter((call) => call.get('Action') === action && call.get('DryRun') !== 'true');
    return calls.map((call) => Object.fromEntries(call));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolved) => this.server.close(resolved));
    this.server.closeAllConnections();
    await closed;
  }
}

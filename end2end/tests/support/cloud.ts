// The demo cloud, from the other side: what AWS itself says, changes made behind nephoscope's back, faults, and log lines.
// See ../../cloud/README.md.

import { expect } from '@playwright/test';
import { CLOUD_URL } from './demo';

export const ACCOUNTS = { production: '111111111111', staging: '222222222222', sandbox: '333333333333' } as const;
export type AccountName = keyof typeof ACCOUNTS;
export type RegionName = 'us-east-1' | 'eu-west-1';
export const REGIONS: RegionName[] = ['us-east-1', 'eu-west-1'];

export interface Place {
  account: AccountName;
  region: RegionName;
}

export interface CloudInstance {
  id: string;
  /** The tag `Name`; empty when there is none. */
  name: string;
  state: string;
  type: string;
  zone: string;
  privateIp: string;
  place: Place;
}

export interface Fault {
  service: string;
  operation?: string;
  kind: 'throttle' | '500' | 'denied' | 'latency' | 'drop';
  account?: AccountName;
  region?: RegionName;
  ms?: number;
  count?: number;
}

/** One for each test: the faults it makes end with it. */
export class Cloud {
  private faults: string[] = [];

  /** Calls EC2 as somebody would who is not nephoscope. The demo cloud looks at the access key only, not at signatures. */
  async ec2(place: Place, action: string, params: Record<string, string> = {}): Promise<string> {
    const scope = `${ACCOUNTS[place.account]}/20260101/${place.region}/ec2/aws4_request`;
    const response = await fetch(CLOUD_URL, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({ Action: action, Version: '2016-11-15', ...params }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${action}: ${response.status} ${text}`);
    return text;
  }

  async instancesOf(place: Place): Promise<CloudInstance[]> {
    const xml = await this.ec2(place, 'DescribeInstances');
    return xml
      .split('<instancesSet>')
      .slice(1)
      .map((item) => ({
        id: only(item, /<instanceId>(.*?)<\/instanceId>/),
        name: unescape(only(item, /<key>Name<\/key>\s*<value>(.*?)<\/value>/)),
        state: only(item, /<instanceState>.*?<name>(.*?)<\/name>/s),
        type: only(item, /<instanceType>(.*?)<\/instanceType>/),
        zone: only(item, /<availabilityZone>(.*?)<\/availabilityZone>/),
        privateIp: only(item, /<privateIpAddress>(.*?)<\/privateIpAddress>/),
        place,
      }));
  }

  /** Every instance, or those of one account. */
  async instances(account?: AccountName): Promise<CloudInstance[]> {
    const accounts = account ? [account] : (Object.keys(ACCOUNTS) as AccountName[]);
    const places = accounts.flatMap((account) => REGIONS.map((region) => ({ account, region })));
    return (await Promise.all(places.map((place) => this.instancesOf(place)))).flat();
  }

  async find(account: AccountName, region: RegionName, name: string): Promise<CloudInstance> {
    const found = (await this.instancesOf({ account, region })).find((instance) => instance.name === name);
    if (!found) throw new Error(`there is no ${name} in ${account} ${region}`);
    return found;
  }

  async stateOf(instance: CloudInstance): Promise<string> {
    const now = (await this.instancesOf(instance.place)).find((other) => other.id === instance.id);
    return now?.state ?? 'gone';
  }

  async change(instance: CloudInstance, action: 'StartInstances' | 'StopInstances'): Promise<void> {
    await this.ec2(instance.place, action, { 'InstanceId.1': instance.id });
  }

  /** Finds an instance and brings it into a state, whatever an earlier run did to it. */
  async bring(account: AccountName, region: RegionName, name: string, state: 'running' | 'stopped'): Promise<CloudInstance> {
    const instance = await this.find(account, region, name);
    await expect
      .poll(async () => {
        const now = await this.stateOf(instance);
        if (now !== state && (now === 'running' || now === 'stopped')) {
          await this.change(instance, state === 'running' ? 'StartInstances' : 'StopInstances');
        }
        return now;
      }, { timeout: 15_000 })
      .toBe(state);
    return instance;
  }

  /** How often an operation was called since a time (Unix seconds), in a place. */
  async calls(service: string, operation: string, place: Place, since: number): Promise<number> {
    const report = (await (await this.own('GET', `calls?since=${since}`)).json()) as {
      calls: { service: string; operation: string; account: string; region: string; count: number }[];
    };
    return report.calls
      .filter((call) => call.service === service && call.operation === operation)
      .filter((call) => call.account === ACCOUNTS[place.account] && call.region === place.region)
      .reduce((sum, call) => sum + call.count, 0);
  }

  async breakDown(fault: Fault): Promise<string> {
    const account = fault.account && ACCOUNTS[fault.account];
    const response = await this.own('POST', 'faults', { ...fault, account });
    const { id } = (await response.json()) as { id: string };
    this.faults.push(id);
    return id;
  }

  async repair(): Promise<void> {
    for (const id of this.faults.splice(0)) {
      // A fault with a count may have worn off.
      await fetch(`${CLOUD_URL}/_cloud/faults/${id}`, { method: 'DELETE' });
    }
  }

  async writeLog(place: Place, group: string, stream: string, ...messages: string[]): Promise<void> {
    await this.own('POST', 'logs', { account: ACCOUNTS[place.account], region: place.region, group, stream, messages });
  }

  async writeMetric(instance: CloudInstance, metric: string, value: number): Promise<void> {
    await this.own('POST', 'metrics', {
      account: ACCOUNTS[instance.place.account],
      region: instance.place.region,
      namespace: 'AWS/EC2',
      metric,
      dimensions: { InstanceId: instance.id },
      value,
      unit: 'Percent',
    });
  }

  private async own(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(`${CLOUD_URL}/_cloud/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`${method} /_cloud/${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

/** `at=` of a resource. */
export function at(place: Place): string {
  return `${ACCOUNTS[place.account]}/${place.region}`;
}

function only(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? '';
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

// Queues and streams of the demo cloud that run a function, from the other side. All of them end with the test that made them.

import { expect } from '@playwright/test';
import { ACCOUNTS, type Place } from './cloud';
import { CLOUD_URL } from './demo';

export interface Mapping {
  UUID: string;
  EventSourceArn: string;
  FunctionArn: string;
  State: string;
  BatchSize: number;
  LastProcessingResult: string;
}

/** Calls AWS itself. The demo cloud looks at the access key only, not at signatures. */
async function call(place: Place, service: string, method: string, path: string, headers: object, body?: object): Promise<Response> {
  const scope = `${ACCOUNTS[place.account]}/20260101/${place.region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  return fetch(`${CLOUD_URL}${path}`, {
    method,
    headers: { authorization, ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
}

/** For one test. */
export class Sources {
  private readonly made: (() => Promise<unknown>)[] = [];

  constructor(private readonly place: Place) {}

  /** Makes a queue, and gives its ARN. */
  async queue(name: string): Promise<string> {
    const { QueueUrl } = await this.rpc<{ QueueUrl: string }>('sqs', 'AmazonSQS.CreateQueue', '1.0', { QueueName: name });
    this.made.push(() => this.rpc('sqs', 'AmazonSQS.DeleteQueue', '1.0', { QueueUrl }));
    return this.arn('sqs', name);
  }

  async send(queue: string, message: string): Promise<void> {
    await this.rpc('sqs', 'AmazonSQS.SendMessage', '1.0', { QueueUrl: await this.urlOf(queue), MessageBody: message });
  }

  /** How many messages nobody has taken yet. */
  async waitingIn(queue: string): Promise<number> {
    const asked = { QueueUrl: await this.urlOf(queue), AttributeNames: ['All'] };
    const { Attributes } = await this.rpc<{ Attributes: Record<string, string> }>('sqs', 'AmazonSQS.GetQueueAttributes', '1.0', asked);
    return Number(Attributes.ApproximateNumberOfMessages);
  }

  /** Makes a stream of Kinesis, and gives its ARN. */
  async stream(name: string): Promise<string> {
    const StreamName = name;
    await this.rpc('kinesis', 'Kinesis_20131202.CreateStream', '1.1', { StreamName, ShardCount: 1 });
    this.made.push(() => this.rpc('kinesis', 'Kinesis_20131202.DeleteStream', '1.1', { StreamName }));
    const state = async () => {
      const answer = await this.rpc<{ StreamDescription: { StreamStatus: string } }>(
        'kinesis', 'Kinesis_20131202.DescribeStream', '1.1', { StreamName },
      );
      return answer.StreamDescription.StreamStatus;
    };
    await expect.poll(state).toBe('ACTIVE');
    return this.arn('kinesis', `stream/${name}`);
  }

  async record(stream: string, content: string): Promise<void> {
    const StreamName = stream.slice(stream.indexOf('/') + 1);
    const record = { StreamName, PartitionKey: 'p', Data: Buffer.from(content).toString('base64') };
    await this.rpc('kinesis', 'Kinesis_20131202.PutRecord', '1.1', record);
  }

  /** Makes a table of DynamoDB, and gives the ARN of the stream of its changes. */
  async table(name: string): Promise<string> {
    const wanted = {
      TableName: name,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    };
    const { TableDescription } = await this.rpc<{ TableDescription: { LatestStreamArn: string } }>(
      'dynamodb', 'DynamoDB_20120810.CreateTable', '1.0', wanted,
    );
    this.made.push(() => this.rpc('dynamodb', 'DynamoDB_20120810.DeleteTable', '1.0', { TableName: name }));
    return TableDescription.LatestStreamArn;
  }

  /** Has a function run for what comes from a source, and gives AWS's id of that. */
  async map(name: string, source: string, more: object): Promise<string> {
    const mapping = await this.mappings('POST', '', { FunctionName: name, EventSourceArn: source, ...more });
    this.made.push(() => this.mappings('DELETE', mapping.UUID));
    return mapping.UUID;
  }

  async change(id: string, change: object): Promise<void> {
    await this.mappings('PUT', id, change);
  }

  /** A mapping, as AWS tells it. */
  async mapping(id: string): Promise<Mapping> {
    return this.mappings('GET', id);
  }

  /** All mappings of a function. */
  async mappingsOf(name: string): Promise<Mapping[]> {
    return (await this.mappings<{ EventSourceMappings: Mapping[] }>('GET', `?FunctionName=${name}`)).EventSourceMappings;
  }

  /** The lines of a log group. */
  async logOf(logGroupName: string): Promise<string[]> {
    const { events } = await this.rpc<{ events: { message: string }[] }>('logs', 'Logs_20140328.FilterLogEvents', '1.1', { logGroupName });
    return events.map((event) => event.message);
  }

  async remove(): Promise<void> {
    for (const remove of this.made.splice(0).reverse()) await remove();
  }

  private async mappings<T = Mapping>(method: string, id: string, body?: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const answer = await call(this.place, 'lambda', method, `/2015-03-31/event-source-mappings/${id}`, headers, body);
    const text = await answer.text();
    expect(answer.ok, `${method} ${id}: ${answer.status} ${text}`).toBe(true);
    return JSON.parse(text) as T;
  }

  private async urlOf(queue: string): Promise<string> {
    const asked = { QueueName: queue.slice(queue.lastIndexOf(':') + 1) };
    return (await this.rpc<{ QueueUrl: string }>('sqs', 'AmazonSQS.GetQueueUrl', '1.0', asked)).QueueUrl;
  }

  private async rpc<T>(service: string, target: string, version: string, body: object): Promise<T> {
    const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target };
    const answer = await call(this.place, service, 'POST', '/', headers, body);
    const text = await answer.text();
    expect(answer.status, `${target}: ${text}`).toBe(200);
    return JSON.parse(text || 'null') as T;
  }

  private arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.place.region}:${ACCOUNTS[this.place.account]}:${resource}`;
  }
}

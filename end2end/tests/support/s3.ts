// S3 of the demo cloud, from the other side: what AWS itself says of buckets and objects, and changes made behind nephoscope's back.

import type { APIRequestContext } from '@playwright/test';
import { ACCOUNTS, at, type Place } from './cloud';
import { CLOUD_URL } from './demo';
import { expect } from './test';

export interface KeptVersion {
  key: string;
  id: string;
  isLatest: boolean;
  isMarker: boolean;
}

/** The page of a bucket, or what an address says of it after that. */
export const pageOf = (place: Place, bucket: string, rest = '') => `/s3/${bucket}?at=${at(place)}${rest}`;

/** The page of an object. */
export const objectPage = (place: Place, bucket: string, key: string) => pageOf(place, bucket, `&key=${encodeURIComponent(key)}`);

/** A bucket that no other test has. */
export function newName(what: string): string {
  return `e2e-${what}-${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;
}

/** Makes a bucket with these objects through nephoscope, which knows of it at once. */
export async function makeBucket(
  api: APIRequestContext,
  place: Place,
  what: string,
  objects: Record<string, string | Buffer> = {},
  versioning = false,
): Promise<string> {
  const name = newName(what);
  const made = await api.post('/api/s3/create', { data: { name, account: ACCOUNTS[place.account], region: place.region, versioning } });
  expect(made.status(), await made.text()).toBe(200);
  for (const [key, content] of Object.entries(objects)) await put(place, name, key, content);
  return name;
}

/** Calls S3 itself. The demo cloud looks at the access key only, not at signatures. */
export async function s3(place: Place, method: string, path: string, body?: string | Buffer, headers = {}): Promise<Response> {
  const scope = `${ACCOUNTS[place.account]}/20260101/${place.region}/s3/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const content = body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) };
  return fetch(`${CLOUD_URL}/${path}`, { method, headers: { authorization, ...headers }, ...content });
}

async function text(place: Place, path: string): Promise<string> {
  const answer = await s3(place, 'GET', path);
  const xml = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${xml}`);
  return xml;
}

/** An object in the address of a request. */
function addressOf(bucket: string, key: string, version?: string): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return `${bucket}/${path}${version === undefined ? '' : `?versionId=${encodeURIComponent(version)}`}`;
}

export async function put(place: Place, bucket: string, key: string, content: string | Buffer, headers = {}): Promise<void> {
  const answer = await s3(place, 'PUT', addressOf(bucket, key), content, headers);
  expect(answer.status, `${key}: ${await answer.text()}`).toBe(200);
}

/** Many small objects, their keys in the order of their numbers. */
export async function putMany(place: Place, bucket: string, prefix: string, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
  for (let from = 0; from < count; from += 20) {
    await Promise.all(keys.slice(from, from + 20).map((key) => put(place, bucket, key, 'x')));
  }
  return keys;
}

/** The names of all buckets of the account. */
export async function bucketsOf(place: Place): Promise<string[]> {
  return all(await text(place, ''), 'Name');
}

/** Status and headers of `HeadObject`. */
export async function head(place: Place, bucket: string, key: string): Promise<Response> {
  return s3(place, 'HEAD', addressOf(bucket, key));
}

/** The content of an object, or of one of its versions. */
export async function contentOf(place: Place, bucket: string, key: string, version?: string): Promise<string> {
  return text(place, addressOf(bucket, key, version));
}

/** All keys, in S3's order. */
export async function keysOf(place: Place, bucket: string): Promise<string[]> {
  const keys: string[] = [];
  let query = 'list-type=2&encoding-type=url';
  for (;;) {
    const xml = await text(place, `${bucket}?${query}`);
    keys.push(...all(xml, 'Key').map(decodeKey));
    const next = all(xml, 'NextContinuationToken')[0];
    if (next === undefined) return keys;
    query = `list-type=2&encoding-type=url&continuation-token=${encodeURIComponent(next)}`;
  }
}

/** The versions and marks of deletions: those of a key with the newest first. */
export async function versionsOf(place: Place, bucket: string): Promise<KeptVersion[]> {
  const xml = await text(place, `${bucket}?versions`);
  return [...xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)].map(([, kind, item = '']) => ({
    key: all(item, 'Key')[0] ?? '',
    id: all(item, 'VersionId')[0] ?? '',
    isLatest: all(item, 'IsLatest')[0] === 'true',
    isMarker: kind === 'DeleteMarker',
  }));
}

/** `Enabled`, `Suspended`, or nothing when it was never switched on. */
export async function versioningOf(place: Place, bucket: string): Promise<string | undefined> {
  return all(await text(place, `${bucket}?versioning`), 'Status')[0];
}

/** The bucket's tags; none as well when AWS says that there never were any. */
export async function tagsOf(place: Place, bucket: string): Promise<Record<string, string>> {
  const answer = await s3(place, 'GET', `${bucket}?tagging`);
  const xml = await answer.text();
  if (answer.status === 404 && xml.includes('NoSuchTagSet')) return {};
  expect(answer.status, xml).toBe(200);
  const [keys, values] = [all(xml, 'Key'), all(xml, 'Value')];
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? '']));
}

/** Begins an upload in parts that nobody will finish. */
export async function beginUpload(place: Place, bucket: string, key: string): Promise<void> {
  expect((await s3(place, 'POST', `${addressOf(bucket, key)}?uploads`)).status).toBe(200);
}

/** How many uploads in parts are under way. */
export async function unfinishedIn(place: Place, bucket: string): Promise<number> {
  return all(await text(place, `${bucket}?uploads`), 'UploadId').length;
}

function all(xml: string, element: string): string[] {
  const found = [...xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))];
  return found.map(([, content = '']) =>
    content.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
}

/** A key as S3 writes it when it is asked to encode it. */
function decodeKey(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

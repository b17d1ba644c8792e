// Lambda functions of the demo cloud, from the other side: made, looked at and deleted as somebody would who is not nephoscope.

import { ACCOUNTS, at, type Place } from './cloud';
import { CLOUD_URL } from './demo';
import { zipOf } from './zip';

export const HERE: Place = { account: 'production', region: 'us-east-1' };

/** The page of a function, or a part of it. */
export const pageOf = (name: string, part = '', place = HERE) => `/lambda/${name}?at=${at(place)}${part && `&part=${part}`}`;

/** Calls Lambda itself. The demo cloud looks at the access key only, not at signatures. */
export async function lambda(
  method: string,
  path: string,
  body?: object,
  place = HERE,
): Promise<{ status: number; json: unknown }> {
  const scope = `${ACCOUNTS[place.account]}/20260101/${place.region}/lambda/aws4_request`;
  const response = await fetch(`${CLOUD_URL}/2015-03-31/functions${path && `/${path}`}`, {
    method,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: JSON.parse((await response.text()) || 'null') };
}

/** Makes a Python function with so many published versions, and gives its name, which nobody else has. */
export async function makeFunction(prefix: string, handler: string, versions = 0, timeout = 5, place = HERE): Promise<string> {
  const name = `${prefix}-${Date.now()}-${Math.floor(Math.random() * 1000)}`;
  const code = (text: string) => zipOf('main.py', text).toString('base64');
  const wanted = {
    FunctionName: name,
    Runtime: 'python3.12',
    Handler: 'main.handler',
    Role: `arn:aws:iam::${ACCOUNTS[place.account]}:role/lambda-${prefix}`,
    Timeout: timeout,
    Code: { ZipFile: code(handler) },
  };
  const made = await lambda('POST', '', wanted, place);
  if (made.status !== 201) throw new Error(`${name} was not made: ${made.status} ${JSON.stringify(made.json)}`);
  for (let version = 1; version <= versions; version += 1) {
    // Lambda publishes nothing when nothing changed.
    await lambda('PUT', `${name}/code`, { ZipFile: code(`${handler}\n# ${version}\n`) }, place);
    await lambda('POST', `${name}/versions`, {}, place);
  }
  return name;
}

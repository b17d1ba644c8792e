// The contract's GET /api/ec2/instances as one would write it in an afternoon: Express, the AWS SDK, and the answer kept as long as
// nephoscope keeps it. node express.js PORT AWS-ENDPOINT

import { EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import express from 'express';

const [port, endpoint] = process.argv.slice(2);
const KEPT_MS = 15_000;
const known = new Map();

async function list(account, region) {
  const client = new EC2Client({ endpoint, region, credentials: { accessKeyId: account, secretAccessKey: 'test' } });
  const items = [];
  for await (const page of paginateDescribeInstances({ client, pageSize: 1000 }, {})) {
    for (const reservation of page.Reservations ?? []) items.push(...(reservation.Instances ?? []));
  }
  return { items };
}

const app = express();
app.get('/api/ec2/instances', async (request, response) => {
  const { account, region, fresh } = request.query;
  const key = `${account} ${region}`;
  let entry = known.get(key);
  if (!entry || fresh || Date.now() - entry.at > KEPT_MS) {
    entry = { at: Date.now(), listing: list(account, region) };
    known.set(key, entry);
  }
  response.json(await entry.listing);
});
app.listen(Number(port), '127.0.0.1', () => console.log('ready'));

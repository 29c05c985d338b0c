// A function as most are written for Node.js: one DynamoDB client, made at its start, and the loop of the Runtime API. Lambda's own runtime
// loads more, so this baseline is the faster one.
import { get, request } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));

async function handler(event) {
  const { Item } = await table.send(new GetCommand({ TableName: process.env.TABLE, Key: { pk: event.pk, sk: event.sk } }));
  return Item ? { statusCode: 200, body: JSON.stringify(Item) } : { statusCode: 404 };
}

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

function poll() {
  get(`${api}/next`, async (response) => {
    let body = '';
    for await (const part of response) body += part;
    const answer = await handler(JSON.parse(body));
    const sent = request(`${api}/${response.headers['lambda-runtime-aws-request-id']}/response`, { method: 'POST' }, poll);
    sent.end(JSON.stringify(answer));
  });
}

poll();

// What the counter needs of AWS, on this machine: DynamoDB as dynalite has it, and of SQS and Step Functions as much as is called here.
// Prints where they are, as the settings of a gateway; then each thing that they are told.

import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import dynalite from 'dynalite';

const ACCOUNT = '000000000000';

function sendMessage(queue, form) {
  const body = form.get('MessageBody') ?? '';
  const attributes = {};
  for (let at = 1; form.has(`MessageAttribute.${at}.Name`); at += 1) {
    attributes[form.get(`MessageAttribute.${at}.Name`)] = form.get(`MessageAttribute.${at}.Value.StringValue`);
  }
  console.log(JSON.stringify({ queue, body, attributes }));
  const MD5OfMessageBody = createHash('md5').update(body).digest('hex');
  return { SendMessageResponse: { SendMessageResult: { MessageId: randomUUID(), MD5OfMessageBody } } };
}

function startExecution({ stateMachineArn, name, input }) {
  console.log(JSON.stringify({ stateMachine: stateMachineArn, input: JSON.parse(input) }));
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return { executionArn, startDate: Date.now() / 1_000 };
}

const services = createServer(async (request, response) => {
  const body = await text(request);
  const answer = (status, document) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  if (request.headers['x-amz-target'] === 'AWSStepFunctions.StartExecution') {
    return answer(200, startExecution(JSON.parse(body)));
  }
  const form = new URLSearchParams(body);
  const [, account, queue] = request.url.split('/');
  if (form.get('Action') === 'SendMessage' && account === ACCOUNT) return answer(200, sendMessage(queue, form));
  return answer(400, { __type: 'UnknownOperationException', message: 'not a call of this example' });
});

const listen = (server, port) =>
  new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)),
  );

const [dynamodbPort = '8000', servicesPort = '8001'] = process.argv.slice(2);
const dynamodb = await listen(dynalite({ createTableMs: 0, deleteTableMs: 0 }), Number(dynamodbPort));
const others = await listen(services, Number(servicesPort));
console.log(
  [`dynamodb=${dynamodb}`, `sqs=${others}`, `states=${others}`].map((one) => `--service-endpoint ${one}`).join(' '),
);

// `sallyport down` and `sallyport stacks`: the end of a stack, and which there are. A gateway that was started for it ends with the command.

import { isTemplatePath } from '../stacks/stack-name.ts';
import { listStacks, takeDown } from '../stacks/take-down.ts';
import type { GatewayClient } from '../stacks/gateway-client.ts';
import { openGateway, type GatewayFlags } from './stack-gateway.ts';
import { printedProgress, stackNameFor } from './stack-output.ts';
import { inWords } from './stack-problems.ts';
import { bold, counted, mark } from './terminal.ts';

export async function downCommand(named: string, flags: GatewayFlags): Promise<void> {
  const stackName = isTemplatePath(named) ? stackNameFor(named, undefined) : named;
  await withGateway(flags, async (client) => {
    const progress = printedProgress(flags.json === true);
    const left = await takeDown(client, stackName, progress, new AbortController().signal);
    if (flags.json) console.log(JSON.stringify({ stack: stackName, left }, null, 2));
    else if (left.length === 0) console.log(`${mark(true)} ${stackName} is gone`);
    else for (const text of left) console.log(`${mark(false)} ${text}`);
    process.exitCode = left.length === 0 ? 0 : 1;
  });
}

export function stacksCommand(flags: GatewayFlags): Promise<void> {
  return withGateway(flags, (client) => printStacks(client, flags));
}

async function withGateway(flags: GatewayFlags, work: (client: GatewayClient) => Promise<void>): Promise<void> {
  const { client, own } = await inWords(() => openGateway(flags));
  try {
    await inWords(() => work(client));
  } finally {
    await own?.close();
  }
  // Handles of a gateway that was here would keep the process.
  if (own) process.exit();
}

async function printStacks(client: GatewayClient, flags: GatewayFlags): Promise<void> {
  const { account, region, stacks } = await listStacks(client);
  if (flags.json) return console.log(JSON.stringify({ account, region, stacks }, null, 2));
  if (stacks.length === 0)
    console.log(`no stacks of account ${account} in ${region}; sallyport up template.yaml makes one`);
  for (const { name, template, resources, functions, isUnderWay, updatedAt } of stacks) {
    const size = `${counted(resources, 'resource')}, ${counted(functions.length, 'function')}`;
    console.log(`${mark(!isUnderWay)} ${bold(name)}  ${size}`);
    console.log(`    template   ${template}\n    changed    ${updatedAt}`);
    if (isUnderWay) console.log(`    next       sallyport up ${template}: the last run did not end`);
  }
}

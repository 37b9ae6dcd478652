// The commands of stacks: what each is called, takes and prints as help. What they do is loaded when one of them runs.

import type { Command } from 'commander';
import { repeatedOption } from './repeated-option.ts';
import { addSettings } from './serve.ts';
import type { GatewayFlags } from './stack-gateway.ts';
import type { UpFlags } from './up-command.ts';

const GATEWAY_HELP = `
The gateway is the one of --endpoint, or else the one that runs on --data-dir. Where none does, one is started here, with the settings
that serve takes: flags, SALLYPORT_… variables, the settings file.

Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN say who asks (without them: test and test, the development
credentials); --region, AWS_REGION and AWS_DEFAULT_REGION where.
`;

const UP_HELP = `
Examples:
  sallyport up template.yaml
  sallyport up template.yaml --parameter Stage=dev --watch
  sallyport up cdk.out/ChatStack.template.json --stack-name chat --dry-run
  sallyport up template.yaml --stand-in Table=chat --stand-in Table.Arn=arn:aws:dynamodb:us-east-1:000000000000:table/chat

Reads CloudFormation, SAM and what cdk synth leaves. A second run changes what changed; a run that fails takes back what it did.
${GATEWAY_HELP}
Exit codes: 0 the stack is what the template says (--dry-run: it is already), 1 something is left to do, 2 it could not be done.
`;

const DOWN_HELP = `
Examples:
  sallyport down chat
  sallyport down template.yaml

What has DeletionPolicy Retain stays, and is said.
${GATEWAY_HELP}
Exit codes: 0 it is gone, 1 something of it could not be deleted, 2 it could not be done.
`;

const LIST_HELP = `
Examples:
  sallyport stacks
  sallyport stacks --json
${GATEWAY_HELP}`;

export function addStackCommands(program: Command): void {
  const up = program
    .command('up <template>')
    .description('make what a template says, or change it: CloudFormation, SAM, CDK');
  ofStacks(up, UP_HELP)
    .option('--stack-name <NAME>', 'what the stack is called (default: after the file, or its directory)')
    .addOption(repeatedOption('--parameter <NAME=VALUE>', 'a parameter of the template'))
    .addOption(repeatedOption('--import <NAME=VALUE>', 'what Fn::ImportValue gets of that name'))
    .addOption(
      repeatedOption(
        '--stand-in <ID[.ATTRIBUTE]=VALUE>',
        'what Ref or Fn::GetAtt is of a resource that is not made here',
      ),
    )
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--watch', 'go on, and bring each save of the template up')
    .action(async (template: string, flags: UpFlags) => {
      await (await import('./up-command.ts')).upCommand(template, flags);
    });
  ofStacks(program.command('down <stack>').description('take away what up has made'), DOWN_HELP).action(
    async (stack: string, flags: GatewayFlags) => (await import('./down-command.ts')).downCommand(stack, flags),
  );
  ofStacks(program.command('stacks').description('the stacks that are up'), LIST_HELP).action(
    async (flags: GatewayFlags) => (await import('./down-command.ts')).stacksCommand(flags),
  );
}

function ofStacks(command: Command, helpText: string): Command {
  command.option('--endpoint <URL>', 'the control port of a gateway that runs').option('--json', 'as JSON');
  return addSettings(command).addHelpText('after', helpText);
}

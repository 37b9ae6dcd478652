// GetDomainName.

import type { Operation } from '../operation.ts';
import { domainNameOutput } from './domain-name-output.ts';
import { findDomainName } from './find.ts';

export const getDomainName: Operation<'apigatewayv2', 'GetDomainName'> = async (input, request, { store }) =>
  domainNameOutput(await findDomainName(store.view, request, input.DomainName));

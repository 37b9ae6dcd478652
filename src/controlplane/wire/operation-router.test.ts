// Names of operations that a client made up, row by row: what is no member of the model is no operation, whatever else has the name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeRest, routeTarget } from './operation-router.ts';

const TARGETS: readonly (readonly [target: string, name: string | undefined])[] = [
  ['CertificateManager.ListCertificates', 'ListCertificates'],
  ['CertificateManager.listcertificates', undefined],
  ['CertificateManager.', undefined],
  ['CertificateManager.constructor', undefined],
  ['CertificateManager.__proto__', undefined],
  ['CertificateManager.toString', undefined],
  ['CertificateManager.hasOwnProperty', undefined],
];

for (const [target, name] of TARGETS) {
  void test(`the target ${target} is ${name ?? 'no operation'}`, () => {
    assert.equal(routeTarget('acm', target)?.name, name);
  });
}

const PATHS: readonly (readonly [path: string, name: string | undefined])[] = [
  ['/v2/apis', 'GetApis'],
  ['/v2/apis/', 'GetApis'],
  ['/v2/apis/constructor', 'GetApi'],
  ['/v2/apis/%ff', undefined],
  ['/v2/__proto__', undefined],
  ['', undefined],
];

for (const [path, name] of PATHS) {
  void test(`GET ${path} is ${name ?? 'no operation'}`, () => {
    assert.equal(routeRest('apigatewayv2', 'GET', path)?.name, name);
  });
}

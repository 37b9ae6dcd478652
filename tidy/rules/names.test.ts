// Banned words in paths and in the names of exported types.

import { testRule, type Texts } from '../sample-tree.ts';
import { names } from './names.ts';

const BANNED_PATHS = [
  'dns/utils.ts',
  'dns/util/a.ts',
  'dns/zone-helpers.ts',
  'dns/helper-a.ts',
  'common/a.ts',
  'dns/misc.test.ts',
  'shared/a.json',
  'dns/zone-base.ts',
  'dns/zone-manager.ts',
  'dns/zoneManager.ts',
  'dns/server-impl.ts',
  'dns/index.ts',
  'dns/legacy-zone.ts',
  'dns/new-zone.ts',
  'dns/next-gen/a.ts',
  'dns/zone-v2.ts',
];
const KEPT_PATHS = [
  'dns/base64.ts',
  'dns/renewal.ts',
  'dns/utility.ts',
  'operations/apigatewayv2/a.ts',
  'dns/next-hop.ts',
  'dns/ipv2.ts',
];

function sources(paths: readonly string[]): Texts {
  return Object.fromEntries(paths.map((path) => [`src/${path}`, '']));
}

testRule(names, [
  ['keeps words that only look alike', sources(KEPT_PATHS), []],
  [
    'finds banned words in paths',
    sources(BANNED_PATHS),
    BANNED_PATHS.map((path) => [`src/${path}:1`, 'is banned in a path'] as const),
  ],
  ['leaves paths outside src/ alone', { 'tidy/utils.ts': '', 'docs/index.md': '' }, []],
  [
    'finds banned words in exported types',
    {
      'src/dns/a.ts': [
        'export class ZoneManager {}',
        'export interface BaseZone {}',
        'export type ZoneHelpers = 1;',
        'export abstract class ZoneImpl {}',
        'export default class NewZone {}',
        'export declare class ZoneV2 {}',
        'export { type Zone as SharedZone, LegacyZone };',
        'export type { NextGenZone } from "./b.ts";',
      ],
    },
    [
      ['src/dns/a.ts:1', "'manager' is banned in a type name (ZoneManager)"],
      ['src/dns/a.ts:2', "'base'"],
      ['src/dns/a.ts:3', "'helpers'"],
      ['src/dns/a.ts:4', "'impl'"],
      ['src/dns/a.ts:5', "'new'"],
      ['src/dns/a.ts:6', "'v2'"],
      ['src/dns/a.ts:7', "'shared'"],
      ['src/dns/a.ts:7', "'legacy'"],
      ['src/dns/a.ts:8', "'next-gen'"],
    ],
  ],
  [
    'keeps values, unexported types, words in code and generated files',
    {
      'src/dns/a.ts': [
        'class ZoneManager {}',
        'export const baseZone = new Map();',
        'export function newZone() {}',
        'export { newZone as makeZone, BaseZone as Zone };',
        'export type Renewal = `ZoneManager`;',
        'export type Apigatewayv2Client = 1;',
        '// export class ZoneHelper {}',
      ],
      'src/protocol/wire/shapes-acm.ts': 'export interface BasePath {}',
    },
    [],
  ],
]);

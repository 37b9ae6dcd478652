// How each system is told of a root, and which systems are not known: the commands themselves, as they are run.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemLayout, type SystemLayout } from './trust-stores.ts';

const ROOT = { fingerprint: 'abcdef0123456789'.repeat(4) };
const DEBIAN = '/usr/local/share/ca-certificates';
const FEDORA = '/etc/pki/ca-trust/source/anchors';

const SYSTEMS: readonly (readonly [
  name: string,
  platform: NodeJS.Platform,
  folder: string | undefined,
  want: SystemLayout | undefined,
])[] = [
  [
    'Debian',
    'linux',
    DEBIAN,
    {
      file: `${DEBIAN}/sallyport-abcdef.crt`,
      install: ['update-ca-certificates'],
      uninstall: ['update-ca-certificates', '--fresh'],
    },
  ],
  [
    'Fedora',
    'linux',
    FEDORA,
    {
      file: `${FEDORA}/sallyport-abcdef.pem`,
      install: ['update-ca-trust', 'extract'],
      uninstall: ['update-ca-trust', 'extract'],
    },
  ],
  [
    'macOS',
    'darwin',
    undefined,
    {
      file: undefined,
      install: ['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', '/Library/Keychains/System.keychain'],
      uninstall: [
        'security',
        'delete-certificate',
        '-Z',
        ROOT.fingerprint.toUpperCase(),
        '-t',
        '/Library/Keychains/System.keychain',
      ],
    },
  ],
  ['a Linux of another kind', 'linux', undefined, undefined],
  ['Windows', 'win32', DEBIAN, undefined],
];
for (const [name, platform, folder, want] of SYSTEMS) {
  test(`the store of ${name}`, () => {
    assert.deepEqual(
      systemLayout(platform, ROOT, (path) => path === folder),
      want,
    );
  });
}

// What an authoritative server must get right, each with zones and questions. Our server and Debian's knot serve the same zones and
// are asked the same (beside-knot.test.ts). `differs` are the questions that we answer otherwise on purpose, in the words of
// docs/divergences.md.

export interface Phenomenon {
  /** Zones in the notation of zone-text.ts, by name. */
  readonly zones: Readonly<Record<string, string>>;
  readonly questions: readonly string[];
  readonly differs?: Readonly<Record<string, string>>;
}

const SHA1 = '123456789ABCDEF67890123456789ABCDEF67890';
const SHA256 = '123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF678901234';

export const PHENOMENA: Readonly<Record<string, Phenomenon>> = {
  wildcard: {
    zones: {
      'wildcard.test': `*                3600 TXT "this is a wildcard"
        *                3600 MX  10 host1.wildcard.test.
        sub.*            3600 TXT "this is not a wildcard"
        host1            3600 A   192.0.2.1
        _ssh._tcp.host1  3600 SRV 1 2 22 host1.wildcard.test.
        _ssh._tcp.host2  3600 SRV 1 2 22 host2.wildcard.test.
        subdel           3600 NS  ns.elsewhere.test.
        *.to             60   CNAME host1.wildcard.test.
        *.deep.ent       60   A   192.0.2.2`,
    },
    questions: [
      'host3.wildcard.test MX',
      'host3.wildcard.test A',
      'foo.bar.wildcard.test TXT',
      'host1.wildcard.test MX',
      'sub.*.wildcard.test MX',
      'sub.*.wildcard.test TXT',
      '_telnet._tcp.host1.wildcard.test SRV',
      '_ssh._tcp.host1.wildcard.test SRV',
      '_ssh._tcp.host2.wildcard.test SRV',
      'host.subdel.wildcard.test A',
      'ghost.*.wildcard.test MX',
      '*.wildcard.test TXT',
      'a.*.wildcard.test A',
      'any.to.wildcard.test A',
      'any.to.wildcard.test AAAA',
      'any.to.wildcard.test CNAME',
      '*.to.wildcard.test A',
      'to.wildcard.test A',
      'deep.ent.wildcard.test A',
      'x.deep.ent.wildcard.test A',
      'x.deep.ent.wildcard.test TXT',
      'x.ent.wildcard.test A',
      'x.y.deep.ent.wildcard.test A',
    ],
  },
  'empty-non-terminal': {
    zones: {
      'ent.test': `a.b.c  60 A 192.0.2.1
        x.y    60 NS ns.elsewhere.test.
        _sip._tcp 60 SRV 1 1 5060 a.b.c.ent.test.`,
    },
    questions: [
      'b.c.ent.test A',
      'c.ent.test TXT',
      'c.ent.test NS',
      'y.ent.test A',
      'd.c.ent.test A',
      'z.a.b.c.ent.test A',
      '_tcp.ent.test SRV',
      '_sip._tcp.ent.test SRV',
      '_sip._udp.ent.test SRV',
    ],
  },
  delegation: {
    zones: {
      'delegation.test': `*            300  TXT   "wild"
        www          300  A     192.0.2.1
        to-child     300  CNAME www.child.delegation.test.
        child        3600 NS    ns1.child.delegation.test. | ns2.elsewhere.test.
        child        3600 DS    12345 13 2 ${SHA256}
        ns1.child    600  A     192.0.2.53
        ns1.child    600  AAAA  2001:db8::53
        www.child    300  A     192.0.2.66
        inner.child  3600 NS    ns.inner.test.
        insecure     3600 NS    ns.elsewhere.test.
        served       3600 NS    ns.served.delegation.test.
        ns.served    3600 A     192.0.2.54`,
      'served.delegation.test': `www 60 A 192.0.2.55
        ns 60 A 192.0.2.56`,
    },
    questions: [
      'host.child.delegation.test A',
      'a.b.c.child.delegation.test MX',
      'child.delegation.test A',
      'child.delegation.test NS',
      'child.delegation.test SOA',
      'ns1.child.delegation.test A',
      'www.child.delegation.test A',
      'x.inner.child.delegation.test A',
      'other.child.delegation.test TXT',
      'www.delegation.test A',
      'xchild.delegation.test TXT',
      'to-child.delegation.test A',
      'served.delegation.test NS',
      'www.served.delegation.test A',
      'no.served.delegation.test A',
      'child.delegation.test DS',
      'insecure.delegation.test DS',
      'served.delegation.test DS',
      'x.child.delegation.test DS',
      'delegation.test DS',
    ],
  },
  glue: {
    zones: {
      'glue.test': `below      60 NS ns.below.glue.test. | ns.deep.below.glue.test.
        ns.below   60 A 192.0.2.1
        ns.deep.below 60 AAAA 2001:db8::1
        beside     60 NS ns.glue.test.
        ns         60 A 192.0.2.2
        sibling    60 NS ns.below.glue.test.
        away       60 NS ns.elsewhere.test.
        missing    60 NS ns.missing.glue.test.
        mixed      60 NS ns.glue.test. | ns.mixed.glue.test. | ns.elsewhere.test.
        ns.mixed   60 A 192.0.2.3 | 192.0.2.4`,
    },
    questions: [
      'x.below.glue.test A',
      'x.beside.glue.test A',
      'x.sibling.glue.test A',
      'x.away.glue.test A',
      'x.missing.glue.test A',
      'x.mixed.glue.test A',
      'ns.deep.below.glue.test AAAA',
      'ns.glue.test A',
    ],
  },
  'cname-chase': {
    zones: {
      'chase.test': `www  300 A 192.0.2.1 | 192.0.2.2
        one      60 CNAME www.chase.test.
        two      90 CNAME one.chase.test.
        case     60 CNAME WWW.Chase.Test.
        away     60 CNAME host.elsewhere.test.
        via      60 CNAME away.chase.test.
        nowhere  60 CNAME missing.chase.test.
        selfish  60 CNAME selfish.chase.test.
        ping     60 CNAME pong.chase.test.
        pong     60 CNAME ping.chase.test.`,
    },
    questions: [
      'one.chase.test A',
      'two.chase.test A',
      'two.chase.test AAAA',
      'two.chase.test CNAME',
      'case.chase.test A',
      'away.chase.test A',
      'via.chase.test A',
      'nowhere.chase.test A',
      'selfish.chase.test CNAME',
      'ping.chase.test A',
      'selfish.chase.test A',
    ],
    differs: { 'case.chase.test A': 'the case of names in records' },
  },
  negative: {
    zones: { 'negative.test': 'www 300 A 192.0.2.1' },
    questions: [
      'missing.negative.test A',
      'www.negative.test AAAA',
      'x.www.negative.test A',
      'negative.test TXT',
      'negative.test SOA',
      'negative.test NS',
      'www.negative.test DNSKEY',
      'www.negative.test TYPE65280',
      'www.negative.test HTTPS',
      'elsewhere.example A',
      'test SOA',
      '. NS',
    ],
  },
  'record-types': {
    zones: {
      'types.test': `a     60 A 192.0.2.1 | 192.0.2.2
        aaaa  60 AAAA 2001:db8::1 | ::ffff:192.0.2.1
        caa   60 CAA 0 issue "ca.elsewhere.test" | 128 issuewild ";"
        cname 60 CNAME elsewhere.example.
        ds    60 DS 12345 3 1 ${SHA1}
        ds    60 NS ns.elsewhere.test.
        mx    60 MX 10 a.types.test. | 20 mail.elsewhere.test.
        nomx  60 MX 0 .
        naptr 60 NAPTR 100 50 "u" "E2U+sip" "!^.*$!sip:customer@elsewhere.test!" . | 10 5 "s" "SIP+D2U" "" _sip._udp.types.test.
        ptr   60 PTR Host.Elsewhere.Test.
        spf   60 SPF "v=spf1 -all"
        srv   60 SRV 1 2 8443 a.types.test. | 5 5 8444 aaaa.types.test.
        sshfp 60 SSHFP 4 2 ${SHA256} | 1 1 ${SHA1}
        tlsa  60 TLSA 3 1 1 ${SHA256}
        txt   60 TXT "one" "two" | "a; b"
        long  60 TXT "${'x'.repeat(255)}"`,
    },
    questions: [
      'a.types.test A',
      'aaaa.types.test AAAA',
      'caa.types.test CAA',
      'cname.types.test CNAME',
      'mx.types.test MX',
      'nomx.types.test MX',
      'naptr.types.test NAPTR',
      'ptr.types.test PTR',
      'spf.types.test SPF',
      'srv.types.test SRV',
      'sshfp.types.test SSHFP',
      'tlsa.types.test TLSA',
      'txt.types.test TXT',
      'long.types.test TXT',
      'ds.types.test DS',
    ],
    differs: { 'ptr.types.test PTR': 'the case of names in records' },
  },
  svcb: {
    zones: {
      'svcb.test': `@     60 HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1
        www   60 A 192.0.2.1
        www   60 AAAA 2001:db8::2
        www   60 HTTPS 1 . alpn="h2"
        alias 60 HTTPS 0 www.svcb.test.
        _dns  60 SVCB 1 www.svcb.test. alpn=dot port=853 | 2 www.svcb.test. alpn=h2 mandatory=alpn
        key   60 SVCB 16 www.svcb.test. key667=hello
        ech   60 HTTPS 1 . alpn=h3 no-default-alpn ech=AEj+DQBE
        order 60 HTTPS 1 www.svcb.test. port=8443 alpn=h2 mandatory=port,alpn
        away  60 HTTPS 0 www.elsewhere.test.`,
    },
    questions: [
      'svcb.test HTTPS',
      'www.svcb.test HTTPS',
      'alias.svcb.test HTTPS',
      '_dns.svcb.test SVCB',
      'key.svcb.test SVCB',
      'ech.svcb.test HTTPS',
      'order.svcb.test HTTPS',
      'away.svcb.test HTTPS',
      'www.svcb.test SVCB',
    ],
    differs: { 'www.svcb.test HTTPS': 'addresses of a service that is the name itself' },
  },
  additional: {
    zones: {
      'additional.test': `mail   60 A 192.0.2.1
        mail   60 AAAA 2001:db8::1
        many   60 MX 10 mail.additional.test. | 20 mail.additional.test. | 30 other.additional.test. | 40 away.example.
        other  60 CNAME mail.additional.test.
        cut    60 NS ns.cut.additional.test.
        ns.cut 60 A 192.0.2.2
        to-cut 60 MX 10 ns.cut.additional.test.
        wild   60 MX 10 x.any.additional.test.
        *.any  60 A 192.0.2.3
        alias  60 CNAME many.additional.test.`,
    },
    questions: [
      'many.additional.test MX',
      'to-cut.additional.test MX',
      'wild.additional.test MX',
      'alias.additional.test MX',
    ],
    differs: {
      'to-cut.additional.test MX': 'addresses of targets below a delegation',
    },
  },
  any: {
    zones: {
      'any.test': `both 60 A 192.0.2.1
        both 60 TXT "a text"
        one  60 A 192.0.2.2
        to   60 CNAME one.any.test.`,
    },
    questions: ['one.any.test ANY', 'to.any.test ANY', 'x.one.any.test ANY', 'both.any.test ANY'],
  },
  case: {
    zones: {
      'case.test': `WwW 60 A 192.0.2.1
        to 60 CNAME WwW.Case.Test.`,
    },
    questions: ['WWW.case.TEST A', 'wWw.CaSe.tEsT A', 'TO.case.test A', 'nO.cAsE.test A', 'CASE.test NS'],
    differs: {
      'TO.case.test A': 'the case of names in records',
      'nO.cAsE.test A': 'the case of the zone in a denial',
    },
  },
};

// The intrinsic functions by name, and their short forms in YAML.

const RULE_FUNCTIONS = [
  'Fn::Contains',
  'Fn::EachMemberEquals',
  'Fn::EachMemberIn',
  'Fn::RefAll',
  'Fn::ValueOf',
  'Fn::ValueOfAll',
];

export const INTRINSIC_NAMES: readonly string[] = [
  'Ref',
  'Condition',
  'Fn::And',
  'Fn::Base64',
  'Fn::Cidr',
  'Fn::Equals',
  'Fn::FindInMap',
  'Fn::ForEach',
  'Fn::GetAtt',
  'Fn::GetAZs',
  'Fn::GetStackOutput',
  'Fn::If',
  'Fn::ImportValue',
  'Fn::Join',
  'Fn::Length',
  'Fn::Not',
  'Fn::Or',
  'Fn::Select',
  'Fn::Split',
  'Fn::Sub',
  'Fn::ToJsonString',
  'Fn::Transform',
  ...RULE_FUNCTIONS,
];

const BY_TAG = new Map(INTRINSIC_NAMES.map((name) => [`!${name.replace('Fn::', '')}`, name]));

/** `Fn::Sub` of `!Sub`. */
export function intrinsicOfTag(tag: string): string | undefined {
  return BY_TAG.get(tag);
}

/** An object of one member is a call when its key is one of these; others of the kind are unknown functions. */
export function isCallKey(key: string): boolean {
  return key === 'Ref' || key.startsWith('Fn::');
}

interface Team {
  name: string;
  description: string;
  memberIDs: string[];
  customRoleKeys: string[];
}

/** What is to be done to make one of the other. */
export function teamInstructions(before: Team, now: Team): Record<string, unknown>[] {
  const lacking = (list: string[], other: string[]) => list.filter((one) => !other.includes(one));
  const many = (kind: string, values: string[]) => (values.length > 0 ? [{ kind, values }] : []);
  return [
    ...(now.name === before.name ? [] : [{ kind: 'updateName', value: now.name }]),
    ...(now.description === before.description
      ? []
      : [{ kind: 'updateDescription', value: now.description }]),
    ...many('addMembers', lacking(now.memberIDs, before.memberIDs)),
    ...many('removeMembers', lacking(before.memberIDs, now.memberIDs)),
    ...many('addCustomRoles', lacking(now.customRoleKeys, before.customRoleKeys)),
    ...many('removeCustomRoles', lacking(before.customRoleKeys, now.customRoleKeys)),
  ];
}

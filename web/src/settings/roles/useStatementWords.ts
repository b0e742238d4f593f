import { useCallback } from 'react';
import { useText } from '~/i18n/text';
import type { Statement } from './policy';

/** A statement of a policy in a sentence. */
export function useStatementWords() {
  const t = useText();
  const resource = useResourceWords();
  return useCallback(
    ({ effect, actions, notActions, resources, notResources }: Statement): string => {
      const acts = (items: string[]) =>
        items.map((item) => (item === '*' ? t('everything') : item)).join(', ');
      const things = (items: string[]) => items.map(resource).join('; ');
      const what = actions ? acts(actions) : t('everything but {what}', { what: acts(notActions ?? []) });
      const where = resources
        ? things(resources)
        : t('everything but {what}', { what: things(notResources ?? []) });
      return effect === 'deny'
        ? t('Denies {what} on {where}', { what, where })
        : t('Allows {what} on {where}', { what, where });
    },
    [t, resource],
  );
}

/** A resource specifier in words, such as `proj/shop:env/*:flag/*;ops`. */
export function useResourceWords() {
  const t = useText();
  return useCallback(
    (specifier: string): string => {
      if (specifier === '*') return t('everything');
      if (specifier === 'acct') return t('the account');
      const nouns: Record<string, [all: string, one: string]> = {
        proj: [t('all projects'), t('the project')],
        env: [t('all environments'), t('the environment')],
        flag: [t('all flags'), t('the flag')],
        segment: [t('all segments'), t('the segment')],
        member: [t('all members'), t('the member')],
        team: [t('all teams'), t('the team')],
        role: [t('all roles'), t('the role')],
        token: [t('all access tokens'), t('the access token')],
        'service-token': [t('all service tokens'), t('the service token')],
        webhook: [t('all webhooks'), t('the webhook')],
        integration: [t('all integrations'), t('the integration')],
        view: [t('all views'), t('the view')],
        'sdk-key': [t('all SDK keys'), t('the SDK key')],
      };
      // What is around something is said in another case than what it is.
      const around: Record<string, (name: string) => string> = {
        proj: (name) => (name === '*' ? t('in all projects') : t('in the project {name}', { name })),
        env: (name) => (name === '*' ? t('in all environments') : t('in the environment {name}', { name })),
      };
      const steps = specifier.split(':').reverse();
      const parts = steps.map((step, at) => {
        const [named = '', tags] = step.split(';');
        const [kind = '', name = '*'] = named.split('/');
        const [all, one] = nouns[kind] ?? [`${kind}/*`, kind];
        const thing = name === '*' ? all : `${one} ${name}`;
        const noun = at === 0 ? thing : (around[kind]?.(name) ?? t('in {thing}', { thing }));
        return tags ? t('{noun} tagged {tags}', { noun, tags: tags.replaceAll(',', ', ') }) : noun;
      });
      return parts.join(' ');
    },
    [t],
  );
}

import { Badge, Code, Group, Text } from '@mantine/core';
import { useRoleNames } from '~/access/useRoleNames';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { readPolicy } from './policy';
import { useStatementWords } from './useStatementWords';
import classes from './roles.module.css';

/** What every role says that says anything. */
export function Rulings({ checks }: { checks: Schemas['CheckRep'][] }) {
  const t = useText();
  const told = checks.filter(({ allowed, rulings }) => !allowed || rulings.length > 0);
  if (told.length === 0) return null;
  const subjects: Record<string, string> = {
    token: t('as the token may'),
    limit: t('as who made the token may'),
  };
  return (
    <>
      <Text size="sm" fw={600} mt="md" mb={4}>
        {t('What each role says')}
      </Text>
      {told.map(({ subject, action, resource, rulings }) => (
        <section key={`${subject} ${action} ${resource}`} aria-label={`${action} ${resource}`}>
          <Text size="sm" c="dimmed" mt="sm" mb={4}>
            {t('{action} on {resource}', { action, resource })}
            {subjects[subject] && ` · ${subjects[subject]}`}
          </Text>
          {rulings.length === 0 && (
            <Text size="sm">{t('No role says anything about it: that denies it.')}</Text>
          )}
          {rulings.map((ruling, index) => (
            <Ruled key={index} ruling={ruling} />
          ))}
        </section>
      ))}
    </>
  );
}

/** What one role says. */
function Ruled({ ruling }: { ruling: Schemas['RulingRep'] }) {
  const t = useText();
  const names = useRoleNames();
  const words = useStatementWords();
  const [statement] = readPolicy(JSON.stringify([ruling.statement])) ?? [];
  const role = ruling.role_name ?? names[ruling.roleKey ?? ''] ?? ruling.roleKey ?? t('the policy');
  return (
    <div className={classes.ruling}>
      <Group gap="xs">
        <Badge color={ruling.effect === 'deny' ? 'signal' : 'sea'}>
          {ruling.effect === 'deny' ? t('denies') : t('allows')}
        </Badge>
        <Text size="sm" fw={580}>
          {role}
        </Text>
        {ruling.teams && (
          <Text size="sm" c="dimmed">
            {t('through the team {teams}', { teams: ruling.teams.join(', ') })}
          </Text>
        )}
        {ruling.statementIndex !== undefined && (
          <Text size="sm" c="dimmed">
            {t('Statement {number}', { number: ruling.statementIndex + 1 })}
          </Text>
        )}
      </Group>
      {statement && (
        <>
          <Text size="sm" mt={4}>
            {words(statement)}
          </Text>
          <Code block mt={4} style={{ whiteSpace: 'pre-wrap' }}>
            {JSON.stringify(ruling.statement)}
          </Code>
        </>
      )}
    </div>
  );
}

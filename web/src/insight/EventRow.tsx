import { Badge, Group, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { useIntl } from 'react-intl';
import { WhyButton } from '~/contexts/WhyButton';
import { useText } from '~/i18n/text';
import { CodeBlock } from '~/ui/CodeBlock';
import { utc } from '~/ui/Ago';
import { eventText, evaluationOf } from './eventText';
import type { Numbered } from './useTail';
import classes from './insight.module.css';

interface Props {
  project: string;
  env: string;
  event: Numbered;
}

/** One event in a line, and whole on request. */
export const EventRow = memo(function EventRow({ project, env, event: { at, sender, event } }: Props) {
  const t = useText();
  const intl = useIntl();
  const [open, setOpen] = useState(false);
  const evaluated = evaluationOf(event);
  const app = [sender.application, sender.applicationVersion].filter(Boolean).join(' ');
  const sdk = [sender.sdk, sender.sdkVersion].filter(Boolean).join(' ');
  return (
    <div className={classes.event} data-row>
      <UnstyledButton className={classes.line} onClick={() => setOpen(!open)} aria-expanded={open}>
        {open ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
        <time className={classes.time} dateTime={new Date(at).toISOString()} title={utc(at)}>
          {intl.formatTime(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' })}
        </time>
        <Badge size="sm" color={event.kind === 'summary' ? 'gray' : 'sea'} className={classes.kind}>
          {event.kind}
        </Badge>
        <span className={classes.what}>{eventText(event)}</span>
        <span className={classes.who}>{[app, sdk].filter(Boolean).join(' · ') || sender.kind}</span>
      </UnstyledButton>
      {open && (
        <div className={classes.whole}>
          {evaluated && (
            <Group gap="xs" mb="xs">
              <Text size="sm" c="dimmed">
                {t('As the flag is now:')}
              </Text>
              <WhyButton {...{ project, env }} {...evaluated} />
            </Group>
          )}
          <CodeBlock text={JSON.stringify(event, null, 2)} what={t('the event')} />
        </div>
      )}
    </div>
  );
});

import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import { useEditing } from './editing';
import classes from './targeting.module.css';

/** What the linter says of a part of the flag. */
export function Notes({ below, also }: { below: string; also?: string }) {
  const t = useText();
  const { notes, env } = useEditing();
  const at = (path: string) => `/environments/${env.replaceAll('~', '~0').replaceAll('/', '~1')}${path}`;
  const under = (path: string, part: string) => path === at(part) || path.startsWith(`${at(part)}/`);
  const mine = notes.filter(
    (note) => under(note.path, below) || (also !== undefined && under(note.path, also)),
  );
  const words = { error: t('Error'), warning: t('Warning'), info: t('Note') };
  const icons = {
    error: <IconCircleX size={15} color="var(--mantine-color-signal-6)" />,
    warning: <IconAlertTriangle size={15} color="#c98a06" />,
    info: <IconInfoCircle size={15} color="var(--muted)" />,
  };
  return mine.map((note) => (
    <div className={classes.note} key={`${note.code}${note.path}${note.message}`} role="note">
      {icons[note.severity]}
      <span>
        <b>{words[note.severity]}:</b> {note.message}
      </span>
    </div>
  ));
}

import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { unescaped } from './title';
import classes from './changes.module.css';

const PARTS = /(\*\*.+?\*\*|~~.+?~~|`[^`]+`|\[(?:\\.|[^\]])+\]\([^)]*\))/g;

/** The few marks that entries of the audit log use: bold, code, links, bullets, quotes. Nothing else is read. */
export function Markdown({ text }: { text: string }) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const quote = line.startsWith('>');
      const bullet = line.startsWith('* ');
      const rest = quote ? line.replace(/^>\s*/, '') : bullet ? line.slice(2) : line;
      return (
        <div key={index} className={quote ? classes.quote : bullet ? classes.bullet : undefined}>
          <Inline text={rest} />
        </div>
      );
    });
}

export function Inline({ text }: { text: string }): ReactNode {
  return text.split(PARTS).map((part, index) => <Fragment key={index}>{shown(part)}</Fragment>);
}

function shown(part: string): ReactNode {
  if (part.startsWith('**')) return <b>{unescaped(part.slice(2, -2))}</b>;
  if (part.startsWith('~~') && part.length > 4)
    return <s>{unescaped(part.slice(2, -2)).replaceAll('`', '')}</s>;
  if (part.startsWith('`') && part.length > 1) return <code>{part.slice(1, -1)}</code>;
  const link = /^\[(.+)\]\(([^)]*)\)$/.exec(part);
  if (!link) return unescaped(part);
  const [, label = '', to = ''] = link;
  return to.startsWith('/') ? <Link to={to}>{unescaped(label)}</Link> : <b>{unescaped(label)}</b>;
}

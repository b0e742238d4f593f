import { Copy } from './Copy';
import classes from './CodeBlock.module.css';

/** Text for a terminal or an editor, to be copied. */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div className={classes.block}>
      <pre tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <div className={classes.copy}>
        <Copy value={text} what={what} size="md" />
      </div>
    </div>
  );
}

import classes from './Shell.module.css';

/** The colour an environment was given. Its name is always beside it. */
export function EnvDot({ color }: { color?: string }) {
  return (
    <span className={classes.dot} style={{ background: color ? `#${color}` : 'var(--line)' }} aria-hidden />
  );
}

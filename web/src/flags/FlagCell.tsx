import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

interface Props {
  project: string;
  env: string;
  flag: { key: string; name?: string };
}

/** A flag in a table: its name, which leads to it, and its key. */
export function FlagCell({ project, env, flag }: Props) {
  return (
    <>
      <Link
        to="/projects/$project/$env/flags/$flag"
        params={{ project, env, flag: flag.key }}
        className="entity"
      >
        {flag.name || flag.key}
      </Link>
      <Text size="xs" c="dimmed" className="mono">
        {flag.key}
      </Text>
    </>
  );
}

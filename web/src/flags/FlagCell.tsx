import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';

interface Props {
  project: string;
  env: string;
  flag: { key: string; name?: string };
}

/** A flag's name, which leads to it. */
export function FlagLink({ project, env, flag }: Props) {
  return (
    <Link
      to="/projects/$project/$env/flags/$flag"
      params={{ project, env, flag: flag.key }}
      className="entity"
    >
      {flag.name || flag.key}
    </Link>
  );
}

/** A flag in a table: its name and its key. */
export function FlagCell(props: Props) {
  return (
    <>
      <FlagLink {...props} />
      <Text size="xs" c="dimmed" className="mono">
        {props.flag.key}
      </Text>
    </>
  );
}

import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** What something is called, and below it what it is known by. */
export function NameCell({ name, itsKey }: { name: ReactNode; itsKey?: ReactNode }) {
  return (
    <>
      <Text size="sm" fw={580} component="div">
        {name}
      </Text>
      {itsKey && (
        <Text size="xs" c="dimmed" className="mono" style={{ wordBreak: 'break-word' }}>
          {itsKey}
        </Text>
      )}
    </>
  );
}

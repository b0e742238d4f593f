import { Group, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ActButton } from '~/access/ActButton';
import type { Needs } from '~/access/questions';

interface Props {
  /** What it would do. */
  text: string;
  label: string;
  needs: Needs | Needs[];
  /** It cannot be taken back. */
  final?: boolean;
  /** Asks before it is done. */
  dialog: (close: () => void) => ReactNode;
}

/** Something that is done rarely and on purpose: said in a sentence, asked before. */
export function DangerStep({ text, label, needs, final = false, dialog }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <Group justify="space-between" wrap="nowrap" gap="lg">
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <div style={{ flex: 'none' }}>
        <ActButton
          variant={final ? 'outline' : 'default'}
          color={final ? 'signal' : undefined}
          needs={needs}
          onClick={() => setAsking(true)}
        >
          {label}
        </ActButton>
      </div>
      {asking && dialog(() => setAsking(false))}
    </Group>
  );
}
